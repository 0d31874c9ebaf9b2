/** @file The standard normal law. */
import { erf } from "../base/special.ts";

export const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Φ(x): the chance of a value below x. */
export const distribution = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2;

const mostSteps = 100;

/**
 * The value that the law stays below with this chance, in (0, 1). Newton's method from the middle: Φ is concave above and
 * convex below it, so that steps never pass the root.
 */
export function quantile(chance: number): number {
  if (!(chance > 0 && chance < 1)) throw new RangeError(`a chance of ${chance} has no finite quantile`);
  let x = 0;
  for (let step = 0; step < mostSteps; step++) {
    const change = (chance - distribution(x)) / density(x);
    x += change;
    if (Math.abs(change) < 1e-15 * (1 + Math.abs(x))) break;
  }
  return x;
}

/** E max(0, m + s n) for n of this law. */
export const meanOfPositivePart = (m: number, s: number): number =>
  m * distribution(m / s) + s * density(m / s);

/** E max(0, m + s n)². */
export const squareOfPositivePart = (m: number, s: number): number =>
  (m * m + s * s) * distribution(m / s) + m * s * density(m / s);
