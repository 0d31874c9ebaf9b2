/** @file The left-hand side of an equation. */
import { Cursor } from "./cursor.ts";
import type { Statement } from "./document.ts";
import { axisNames } from "./sizes.ts";
import type { Position, Source } from "./source.ts";
import { stepName } from "./steps.ts";
import { subscripted } from "./subscripts.ts";

/** The left-hand side: a name, and its indices or the names of its axes if it has some (`:` keeps an axis in its place). */
export interface Target {
  readonly name: string;
  readonly indices: readonly string[] | undefined;
  /** Whether the indices stand in braces, so that they name the axes. */
  readonly named?: boolean;
  /** The index of `h_t = …`. */
  readonly step?: string;
  readonly position: Position;
}

/** The left-hand side of an equation, with the others that it gives values to, and what follows. */
export interface LeftSide {
  readonly targets: readonly Target[];
  readonly rest: Cursor;
}

/** Reads `y = `, and `y, c = ` or `(y, c) = ` before a model with several outputs. */
export function parseTargets(
  source: Source,
  statement: Statement,
  isDeclared: (name: string) => boolean,
  isStep: (index: string) => boolean,
): LeftSide {
  const cursor = new Cursor(source, statement.tokens);
  const isBracketed = cursor.accept("(") !== undefined;
  const targets = [parseTarget(cursor, isDeclared, isStep)];
  while (cursor.accept(",") !== undefined) targets.push(parseTarget(cursor, isDeclared, isStep));
  if (isBracketed) cursor.expect(")", "after the names");
  cursor.expect("=", "and what it is equal to");
  const isOdd = ({ indices, named, step }: Target): boolean =>
    step !== targets[0]?.step || (indices !== undefined && named !== true);
  const other = targets.length === 1 ? undefined : targets.find(isOdd);
  if (other === undefined) return { targets, rest: cursor };
  const got = "one of several values with an index, or with another step than the others";
  throw source.unsupported("A3024", other.position, got, "plain names for the outputs of a model");
}

/**
 * Reads which name an equation defines. A subscript of a declared name is an index, unless it is
 * declared as one of steps.
 */
function parseTarget(
  cursor: Cursor,
  isDeclared: (name: string) => boolean,
  isStep: (index: string) => boolean,
): Target {
  const token = cursor.expectName("an equation `name = …`");
  const step = stepName(token.text, isStep);
  if (step?.shift === 0) {
    const named = cursor.sees("{");
    return { name: step.base, indices: indicesBehind(cursor), named, step: step.index, position: token };
  }
  // Several subscripts cannot be part of a name, and the one of `A_hat[i,j]` is.
  const named = cursor.sees("{");
  const isIndexed = token.subscript.length > 0 || (!isDeclared(token.text) && !cursor.sees("[") && !named);
  const below = isIndexed ? subscripted(token, (name) => name === token.text || isDeclared(name)) : undefined;
  const { name, indices: letters } = below ?? { name: token.text, indices: undefined };
  return { name, indices: indicesBehind(cursor) ?? letters, named, position: token };
}

function indicesBehind(cursor: Cursor): string[] | undefined {
  if (cursor.accept("{") !== undefined) return axisNames(cursor);
  return cursor.accept("[") === undefined ? undefined : targetIndices(cursor);
}

function targetIndices(cursor: Cursor): string[] {
  const indices: string[] = [];
  do {
    indices.push(cursor.accept(":")?.text ?? cursor.expectName("an index letter or `:`").text);
  } while (cursor.accept(",") !== undefined);
  cursor.expect("]", "after the indices");
  return indices;
}
