/** @file Integrals of smooth functions over an interval. */
import { range } from "../base/assert.ts";

/** Simpson's rule on this many pairs of steps; its error falls with their fourth power. */
export function integral(f: (x: number) => number, low: number, high: number, pairs: number = 200): number {
  const step = (high - low) / (2 * pairs);
  const weight = (index: number): number =>
    index === 0 || index === 2 * pairs ? 1 : index % 2 === 1 ? 4 : 2;
  return (
    (step / 3) * range(2 * pairs + 1).reduce((sum, index) => sum + weight(index) * f(low + index * step), 0)
  );
}

/** Where the tail of a standard exponential law is cut off. */
const tail = 45;

/** The mean of f(e) for e of the standard exponential law, such as half of |n|² for n standard normal in the plane. */
export const exponentialMean = (f: (e: number) => number): number =>
  integral((e) => Math.exp(-e) * f(e), 0, tail, 1000);
