/** @file The left-hand side of an equation. */
import { Cursor } from "./cursor.ts";
import type { Statement } from "./document.ts";
import type { Position, Source } from "./source.ts";

/** The left-hand side: a name, and its indices if it has some (`:` keeps an axis in its place). */
export interface Target {
  readonly name: string;
  readonly indices: readonly string[] | undefined;
  readonly position: Position;
}

/** Reads the left-hand side only: which name the equation defines. */
export function parseTarget(source: Source, statement: Statement): { target: Target; rest: Cursor } {
  const cursor = new Cursor(source, statement.tokens);
  const token = cursor.expectName("an equation `name = …`");
  const indices = cursor.accept("[") === undefined ? undefined : targetIndices(cursor);
  cursor.expect("=", "and what it is equal to");
  return { target: { name: token.text, indices, position: token }, rest: cursor };
}

function targetIndices(cursor: Cursor): string[] {
  const indices: string[] = [];
  do {
    indices.push(cursor.accept(":")?.text ?? cursor.expectName("an index letter or `:`").text);
  } while (cursor.accept(",") !== undefined);
  cursor.expect("]", "after the indices");
  return indices;
}
