/** @file Index brackets, as they are written. */

import type { Grouping } from "./grouping.ts";
import { numberValue } from "./sizes.ts";
import type { Expression, IndexItem } from "./syntax.ts";

/** One index; a name that stands alone is taken for a letter until its meaning is looked up. */
export function parseIndex(grouping: Grouping, expression: () => Expression): IndexItem {
  const { cursor } = grouping;
  const token = cursor.peek();
  const { line, column } = cursor.position;
  const position = { line, column };
  const ends = cursor.sees(",", 1) || cursor.sees("]", 1);
  if (token?.kind === "name" && ends && token.subscript.length === 0) {
    cursor.next();
    return { kind: "letter", name: token.text, position };
  }
  const isRange = cursor.sees(":") || (token?.kind === "number" && cursor.sees(":", 1));
  if (!isRange) return { kind: "expression", expression: expression(), position };
  const start = parseInteger(grouping);
  cursor.expect(":", "in a range");
  const stop = parseInteger(grouping);
  const step = cursor.accept(":") === undefined ? 1 : (parseInteger(grouping) ?? 1);
  return { kind: "range", start, stop, step, position };
}

function parseInteger({ cursor }: Grouping): number | undefined {
  const token = cursor.peek();
  if (token?.kind !== "number") return undefined;
  const { numerator, denominator } = numberValue(cursor, token);
  if (denominator !== 1n || numerator > BigInt(Number.MAX_SAFE_INTEGER))
    throw cursor.unexpected("a whole number");
  cursor.next();
  return Number(numerator);
}
