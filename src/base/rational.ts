/** @file Exact rational numbers over bigint: how constants of a graph are stored. */
import { range } from "./assert.ts";

export interface Rational {
  readonly numerator: bigint;
  /** Positive, and coprime to the numerator. */
  readonly denominator: bigint;
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [abs(a), abs(b)];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** numerator / denominator in lowest terms. Throws on a zero denominator. */
export function rational(numerator: bigint | number, denominator: bigint | number = 1n): Rational {
  const [n, d] = [BigInt(numerator), BigInt(denominator)];
  if (d === 0n) throw new RangeError("rational with denominator zero");
  const divisor = greatestCommonDivisor(n, d) * (d < 0n ? -1n : 1n);
  return Object.freeze({ numerator: n / divisor, denominator: d / divisor });
}

export const zero: Rational = rational(0);
export const one: Rational = rational(1);

export const add = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
export const multiply = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.numerator, a.denominator * b.denominator);
export const negate = (a: Rational): Rational => rational(-a.numerator, a.denominator);
export const invert = (a: Rational): Rational => rational(a.denominator, a.numerator);
export const equal = (a: Rational, b: Rational): boolean =>
  a.numerator === b.numerator && a.denominator === b.denominator;
export const isInteger = (a: Rational): boolean => a.denominator === 1n;

const bitLength = (value: bigint): number => value.toString(2).length;

/** The nearest double, ties to even; ±Infinity beyond the largest. */
export function toNumber(a: Rational): number {
  const size = abs(a.numerator);
  const scaled = (exponent: number): [bigint, bigint] =>
    exponent >= 0 ? [size, a.denominator << BigInt(exponent)] : [size << BigInt(-exponent), a.denominator];
  // Doubles are multiples of 2^exponent that have at most 53 bits; near zero, multiples of 2⁻¹⁰⁷⁴.
  const guess = bitLength(size) - bitLength(a.denominator) - 53;
  const [n, d] = scaled(guess);
  const exponent = Math.max(n / d < 2n ** 53n ? guess : guess + 1, -1074);
  return Number(nearest(...scaled(exponent))) * (a.numerator < 0n ? -1 : 1) * 2 ** exponent;
}

/** The integer nearest to n/d, ties to even. */
function nearest(n: bigint, d: bigint): bigint {
  const [whole, twiceRest] = [n / d, 2n * (n % d)];
  return twiceRest > d || (twiceRest === d && whole % 2n === 1n) ? whole + 1n : whole;
}

const decimalForm = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Reads a decimal literal exactly; `undefined` when the text is not one. */
export function parseDecimal(text: string): Rational | undefined {
  const match = decimalForm.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const power = BigInt(exponent) - BigInt(fraction.length);
  return power >= 0n ? rational(digits * 10n ** power) : rational(digits, 10n ** -power);
}

/** The finite decimal text of a rational whose denominator has only the factors 2 and 5, else `n/d`. */
export function toText(a: Rational): string {
  let [denominator, twos, fives] = [a.denominator, 0, 0];
  while (denominator % 2n === 0n) [denominator, twos] = [denominator / 2n, twos + 1];
  while (denominator % 5n === 0n) [denominator, fives] = [denominator / 5n, fives + 1];
  if (denominator !== 1n) return `${a.numerator}/${a.denominator}`;
  const places = Math.max(twos, fives);
  if (places === 0) return a.numerator.toString();
  const scaled = (abs(a.numerator) * 10n ** BigInt(places)) / a.denominator;
  const sign = a.numerator < 0n ? "-" : "";
  const digits = scaled.toString();
  if (places > 4 && digits.length < 4) return `${sign}${scientific(digits, places)}`;
  const padded = digits.padStart(places + 1, "0");
  return `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

function scientific(digits: string, places: number): string {
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${mantissa}e-${places - digits.length + 1}`;
}

/** Precisions in which a constant may have been stored before it reached a graph. */
export type FloatPrecision = "float64" | "float32" | "float16" | "bfloat16";

interface Precision {
  /** Of the significand. */
  readonly bits: number;
  /** The smallest positive value. */
  readonly smallest: number;
  /** Fractions whose numerator × denominator is far below the precision are not met by chance (equivalence.md §4.2). */
  readonly height: number;
}

const precisions: Readonly<Record<FloatPrecision, Precision>> = {
  float64: { bits: 53, smallest: 2 ** -1074, height: 2 ** 30 },
  float32: { bits: 24, smallest: 2 ** -149, height: 2 ** 12 },
  float16: { bits: 11, smallest: 2 ** -24, height: 2 ** 5 },
  bfloat16: { bits: 8, smallest: 2 ** -133, height: 2 ** 4 },
};

/** Rounds a double to the nearest value of a precision (its largest value is not a limit). */
function round(value: number, { bits, smallest }: Precision): number {
  if (bits === 53) return value;
  if (Math.abs(value) < smallest * 2 ** (bits - 1)) return Math.round(value / smallest) * smallest;
  // Veltkamp 1968: what is left are the leading bits.
  const shifted = value * (2 ** (53 - bits) + 1);
  return shifted - (shifted - value);
}

/**
 * The rational that a programmer most likely wrote for a stored float (equivalence.md §4.2, steps 3 and 4): a fraction of
 * small height, else the shortest decimal that rounds to it. (A short decimal and a small fraction that round to one float
 * are the same number.) An integer whose shortest decimal has all the digits of the precision is itself.
 * 0.10000000149011612 as float32 is 1/10; 0.3333333432674408 is 1/3; 2147483648 is 2³¹.
 * @throws RangeError for NaN, infinities and doubles that are no value of the precision.
 */
export function recognise(value: number, precision: FloatPrecision): Rational {
  const format = precisions[precision];
  if (!Number.isFinite(value) || round(value, format) !== value) {
    throw new RangeError(`${value} is not a finite ${precision}`);
  }
  const matches = (candidate: number): boolean => round(candidate, format) === value;
  const decimal = shortestDecimal(value, matches);
  const digits = decimal.split("e")[0]?.replace(/\D/g, "").length ?? 0;
  if (Number.isInteger(value) && digits >= Math.floor(format.bits * Math.log10(2))) return rational(value);
  return smallFraction(value, matches, format.height) ?? parseDecimal(decimal) ?? zero;
}

/** In scientific notation. */
function shortestDecimal(value: number, matches: (candidate: number) => boolean): string {
  const candidates = range(17).map((places) => value.toExponential(places));
  return candidates.find((text) => matches(Number(text))) ?? String(value);
}

/** First convergent of the continued fraction that `matches`, while numerator × denominator is at most `height`. */
function smallFraction(value: number, matches: (x: number) => boolean, height: number): Rational | undefined {
  let rest = Math.abs(value);
  let [n0, n1, d0, d1] = [0, 1, 1, 0];
  while (Number.isFinite(rest)) {
    const whole = Math.floor(rest);
    [n0, n1] = [n1, whole * n1 + n0];
    [d0, d1] = [d1, whole * d1 + d0];
    if (n1 * d1 > height) return undefined;
    if (matches((Math.sign(value) * n1) / d1)) return rational(Math.sign(value) * n1, d1);
    rest = 1 / (rest - whole);
  }
  return undefined;
}
