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

/**
 * Reads the left-hand side only: which name the equation defines. A subscript of a declared name is an index, unless it is
 * declared as one of steps.
 */
export function parseTarget(
  source: Source,
  statement: Statement,
  isDeclared: (name: string) => boolean,
  isStep: (index: string) => boolean,
): { target: Target; rest: Cursor } {
  const cursor = new Cursor(source, statement.tokens);
  const token = cursor.expectName("an equation `name = …`");
  const step = stepName(token.text, isStep);
  if (step?.shift === 0) {
    const named = cursor.sees("{");
    const indices = indicesBehind(cursor);
    cursor.expect("=", "and what it is equal to");
    const target = { name: step.base, indices, named, step: step.index, position: token };
    return { target, rest: cursor };
  }
  // Several subscripts cannot be part of a name, and the one of `A_hat[i,j]` is.
  const named = cursor.sees("{");
  const isIndexed = token.subscript.length > 0 || (!isDeclared(token.text) && !cursor.sees("[") && !named);
  const below = isIndexed ? subscripted(token, (name) => name === token.text || isDeclared(name)) : undefined;
  const { name, indices: letters } = below ?? { name: token.text, indices: undefined };
  const indices = indicesBehind(cursor) ?? letters;
  cursor.expect("=", "and what it is equal to");
  return { target: { name, indices, named, position: token }, rest: cursor };
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
