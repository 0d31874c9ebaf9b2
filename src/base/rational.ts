/** @file Exact rational numbers over bigint: how constants of a graph are stored. */

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

/** The nearest double. */
export function toNumber(a: Rational): number {
  const direct = Number(a.numerator) / Number(a.denominator);
  if (Number.isFinite(direct) && direct !== 0) return direct;
  if (a.numerator === 0n) return 0;
  const shift = BigInt(abs(a.numerator).toString(2).length - a.denominator.toString(2).length - 64);
  const scaled =
    shift >= 0n ? a.numerator / (a.denominator << shift) : (a.numerator << -shift) / a.denominator;
  return Number(scaled) * 2 ** Number(shift);
}

const decimalForm = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Reads a decimal literal exactly; `undefined` when the text is not one. */
export function parseDecimal(text: string): Rational | undefined {
  const match = decimalForm.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(`${sign}${whole}${fraction}` === sign ? "0" : `${sign}${whole}${fraction}`);
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

const heightLimit: Readonly<Record<FloatPrecision, number>> = {
  float64: 2 ** 30,
  float32: 2 ** 12,
  float16: 2 ** 5,
  bfloat16: 2 ** 4,
};
const significandBits: Readonly<Record<FloatPrecision, number>> = {
  float64: 53,
  float32: 24,
  float16: 11,
  bfloat16: 8,
};

/** Rounds to the nearest value of the precision (the exponent range is not limited). */
function round(value: number, precision: FloatPrecision): number {
  if (precision === "float64") return value;
  if (precision === "float32") return Math.fround(value);
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const unit = 2 ** (exponent - significandBits[precision] + 1);
  return value === 0 ? 0 : Math.round(value / unit) * unit;
}

/**
 * The rational that a programmer most likely wrote for a stored float (equivalence.md §4.2, steps 3 and 4): a decimal of
 * at most six digits, else a fraction of small height, else the shortest decimal that rounds to the float.
 * 0.10000000149011612 as float32 is 1/10; 0.3333333432674408 is 1/3.
 * @throws RangeError for NaN and infinities, which are not rational.
 */
export function recognise(value: number, precision: FloatPrecision): Rational {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a rational number`);
  const matches = (candidate: number): boolean => round(candidate, precision) === round(value, precision);
  for (let digits = 1; digits <= 6; digits++) {
    const text = value.toPrecision(digits);
    if (matches(Number(text))) return parseDecimal(text) ?? zero;
  }
  const fraction = smallFraction(value, matches, heightLimit[precision]);
  if (fraction !== undefined) return fraction;
  for (let digits = 7; digits <= 17; digits++) {
    const text = value.toPrecision(digits);
    if (matches(Number(text))) return parseDecimal(text) ?? zero;
  }
  throw new RangeError(`no decimal of 17 digits rounds to ${value}`);
}

/** First convergent of the continued fraction that `matches`, while numerator × denominator stays below `height`. */
function smallFraction(value: number, matches: (x: number) => boolean, height: number): Rational | undefined {
  let rest = Math.abs(value);
  let [n0, n1, d0, d1] = [0, 1, 1, 0];
  for (let step = 0; step < 32; step++) {
    const whole = Math.floor(rest);
    [n0, n1] = [n1, whole * n1 + n0];
    [d0, d1] = [d1, whole * d1 + d0];
    if (n1 * d1 > height) return undefined;
    if (matches((Math.sign(value) * n1) / d1)) return rational(Math.sign(value) * n1, d1);
    if (rest === whole) return undefined;
    rest = 1 / (rest - whole);
  }
  return undefined;
}
