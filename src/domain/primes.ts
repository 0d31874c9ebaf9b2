/** @file The pairs of primes that a run may use. */
import { at } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { isPrime, largestModulus, legendre } from "./modular.ts";

const smallPrimes = [2, 3, 5, 7, 11, 13, 17, 19, 23];

/** Whether p = 2q + 1 ≤ largestModulus, both are prime, and every small prime is a square modulo both. */
export const isFieldPair = (p: number, q: number): boolean =>
  p === 2 * q + 1 &&
  p <= largestModulus &&
  q % 8 === 7 &&
  isPrime(q) &&
  isPrime(p) &&
  smallPrimes.every((l) => legendre(l, p) === 1 && legendre(l, q) === 1);

/** Every p between 2²⁹ and 2³¹ − 2¹¹ for which `isFieldPair(p, (p − 1) / 2)` holds: 51 of them, found by full search. */
export const fieldPrimes: readonly number[] = [
  622063679, 653081519, 705972959, 715997519, 716412479, 726393359, 763565039, 773747519, 780316319,
  803777519, 811660079, 832495439, 875849519, 891770879, 893469359, 956958239, 960958319, 969783359,
  1033272239, 1034970719, 1086363599, 1185666719, 1215456479, 1231534079, 1269575999, 1286854799, 1305333119,
  1396755359, 1442335439, 1545851999, 1559545679, 1587505919, 1605413039, 1629546239, 1631246399, 1647455039,
  1661276399, 1679756399, 1699761839, 1731649919, 1752439919, 1777359359, 1784742959, 1830452399, 1893811919,
  1940566319, 1951617359, 1983004799, 2056148639, 2081022719, 2137043999,
];

export const drawPrime = (random: Random): number => at(fieldPrimes, random.below(fieldPrimes.length));
