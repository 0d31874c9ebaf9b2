/** @file Index brackets, as they are written. */

import { type Grouping, isClosing } from "./grouping.ts";
import { numberValue } from "./sizes.ts";
import { subscripted } from "./subscripts.ts";
import type { Expression, IndexItem } from "./syntax.ts";
import type { Token } from "./tokens.ts";

/** One index; a name that stands alone is taken for a letter until its meaning is looked up, unless its axes have names. */
export function parseIndex(
  grouping: Grouping,
  expression: () => Expression,
  axes: (name: string) => readonly string[] | undefined,
): IndexItem {
  const { cursor } = grouping;
  const token = cursor.peek();
  const { line, column } = cursor.position;
  const position = { line, column };
  const isAlone = cursor.sees(",", 1) || cursor.sees("]", 1);
  const isLetter = isAlone && token?.subscript.length === 0 && axes(token.text) === undefined;
  if (token?.kind === "name" && isLetter) {
    cursor.next();
    return { kind: "letter", name: token.text, position };
  }
  const start = cursor.sees(":") ? undefined : expression();
  if (start !== undefined && !cursor.sees(":")) return { kind: "expression", expression: start, position };
  cursor.next();
  const ends = [":", ",", "]"].some((text) => cursor.sees(text));
  const stop = ends ? undefined : expression();
  const step = cursor.accept(":") === undefined ? 1 : parseStep(grouping);
  return { kind: "range", start, stop, step, position };
}

function parseStep({ cursor }: Grouping): number {
  const token = cursor.peek();
  if (token?.kind !== "number") return 1;
  const { numerator, denominator } = numberValue(cursor, token);
  if (denominator !== 1n || numerator < 1n || numerator > BigInt(Number.MAX_SAFE_INTEGER))
    throw cursor.unexpected("a whole number");
  cursor.next();
  return Number(numerator);
}

/** Names that stand for indices in the tokens of an equation: in brackets behind a tensor, and below one. */
export function lettersIn(tokens: readonly Token[], isKnown: (name: string) => boolean): string[] {
  const open: boolean[] = [];
  return tokens.flatMap((token, place) => {
    const before = tokens[place - 1];
    if (token.text === "[") open.push(before !== undefined && (before.kind === "name" || isClosing(before)));
    if (token.text === "(") open.push(false);
    if (isClosing(token)) open.pop();
    if (token.kind !== "name") return [];
    const below = subscripted(token, isKnown)?.indices ?? [];
    const isCall = tokens[place + 1]?.text === "(";
    return open.at(-1) === true && token.subscript.length === 0 && !isCall ? [token.text, ...below] : below;
  });
}
