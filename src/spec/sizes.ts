/** @file Sizes of axes and constants, as declarations write them: `3`, `B`, `3 d`, `2*T + 1`, `1e-5`, `1/3`. */
import { multiply, negate, parseDecimal, type Rational, rational, zero } from "../base/rational.ts";
import { quoted } from "../diag/diagnostic.ts";
import { addDims, type Dim, dimText, multiplyDims, subtractDims, symbol, symbolsOf } from "../ir/dim.ts";
import type { Cursor } from "./cursor.ts";
import type { Position, Source } from "./source.ts";
import type { Token } from "./tokens.ts";

export interface Size {
  readonly dim: Dim;
  /** What the axis is called: the size as written, in canonical form. */
  readonly name: string;
  readonly names: readonly string[];
}

/** As a person writes it: `n - 1`. */
export const sizeText = (dim: Dim): string => dimText(dim).replaceAll(" + -", " - ");

export const sizeFrom = (dim: Dim): Size => ({ dim, name: dimText(dim), names: [...symbolsOf([dim])] });

/** How much of the text belongs to a size: all that can, a single factor, or what stands before prose. */
type Extent = "whole" | "one factor" | "lenient";

/** The largest number of float64 has 309 digits. */
const longestNumber = 320;
const largestExponent = 400;

/** The exact value of a number. */
export function numberValue(cursor: Cursor, token: Token): Rational {
  const exponent = Math.abs(Number(/[eE](.*)$/.exec(token.text)?.[1] ?? 0));
  const short = token.text.length <= longestNumber && exponent <= largestExponent;
  const value = short ? parseDecimal(token.text) : undefined;
  if (value !== undefined) return value;
  const want = `a decimal number of at most ${longestNumber} characters, such as 0.5 or 1e-5`;
  throw cursor.source.wrong("A3007", token, `\`${quoted(token.text)}\``, want);
}

export function parseSize(cursor: Cursor, extent: Extent): Size {
  if (extent === "one factor") return sizeFrom(factor(cursor));
  const start = cursor.position;
  let dim = product(cursor, extent);
  for (;;) {
    checkSimple(cursor.source, start, dim);
    if (cursor.accept("+") !== undefined) dim = addDims(dim, product(cursor, extent));
    else if (cursor.accept("-") !== undefined) dim = subtractDims(dim, product(cursor, extent));
    else return sizeFrom(dim);
  }
}

/** So that the letters of a contraction of two tensors suffice. */
const mostAxes = 12;

export function checkRank(source: Source, position: Position, rank: number): void {
  if (rank <= mostAxes) return;
  throw source.wrong("A3022", position, `more than ${mostAxes} axes`, `at most ${mostAxes} axes`);
}

const mostTerms = 32;

/** Keeps sizes small enough that arithmetic with them is exact and quick. */
export function checkSimple(source: Source, position: Position, dim: Dim): void {
  const terms = typeof dim === "number" ? [{ coefficient: dim, symbols: [] }] : dim.terms;
  const simple = terms.every(({ coefficient, symbols }) => {
    return Number.isSafeInteger(coefficient) && symbols.length <= mostTerms;
  });
  if (simple && terms.length <= mostTerms) return;
  const got = `the size ${quoted(dimText(dim))}`;
  throw source.wrong("A3022", position, got, `a size of at most ${mostTerms} terms and factors, below 2^53`);
}

function product(cursor: Cursor, extent: Extent): Dim {
  let dim = factor(cursor);
  for (;;) {
    const times = cursor.accept("*") ?? cursor.accept(".");
    const token = cursor.peek();
    const follows = token?.kind === "name" && (extent === "whole" || isFactor(token));
    if (times === undefined && !follows) return dim;
    dim = multiplyDims(dim, factor(cursor));
    checkSimple(cursor.source, cursor.position, dim);
  }
}

/** Before prose only names like `H` or `d_k` are taken for sizes. */
const isFactor = (token: Token): boolean => /^[A-Za-z](?:_\w+)?$/.test(token.text);

function factor(cursor: Cursor): Dim {
  const token = cursor.peek();
  if (token?.kind === "name" && token.subscript.length === 0) {
    cursor.next();
    return symbol(token.text);
  }
  if (token?.kind !== "number") throw cursor.unexpected("a size: a whole number or a name");
  const value = numberValue(cursor, token);
  const size = Number(value.numerator);
  if (value.denominator !== 1n || !Number.isSafeInteger(size))
    throw cursor.unexpected("a size: a whole number or a name");
  cursor.next();
  return size;
}

/** A number: `64`, `-1`, `1/3`, `10^{-5}`, `2 × 10^{-5}`; `undefined`, and nothing read, where none stands. */
export function parseConstant(cursor: Cursor): Rational | undefined {
  const negative = cursor.sees("-");
  const [token, second] = [cursor.peek(negative ? 1 : 0), cursor.peek(negative ? 2 : 1)];
  if (token?.kind !== "number" || (second?.kind === "name" && isFactor(second))) return undefined;
  if (negative) cursor.next();
  cursor.next();
  let value = numberValue(cursor, token);
  if (cursor.accept("/") !== undefined) value = multiply(value, inverted(cursor));
  return negative ? negate(value) : value;
}

function inverted(cursor: Cursor): Rational {
  const token = cursor.peek();
  const value = token?.kind === "number" ? numberValue(cursor, token) : zero;
  if (value.numerator === 0n) throw cursor.unexpected("a number other than 0");
  cursor.next();
  return rational(value.denominator, value.numerator);
}

/** `batch, heads}`, each name once. */
export function axisNames(cursor: Cursor): string[] {
  const names: string[] = [];
  while (!cursor.sees("}")) {
    const token = cursor.expectName("the name of an axis");
    if (names.includes(token.text)) {
      const got = `the axis ${quoted(token.text)} twice in one tensor`;
      throw cursor.source.wrong("A3018", token, got, "a different name for each axis of a tensor");
    }
    names.push(token.text);
    if (cursor.accept(",") === undefined) break;
  }
  cursor.expect("}", "after the axes");
  return names;
}
