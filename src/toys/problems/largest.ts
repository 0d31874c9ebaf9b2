/**
 * @file What models that see only some of it can say about the largest of m independent elements, uniform in [0, 1], in
 * slots of which m hold one; m is uniform from the fewest to all. E[max] = m / (m + 1) and E[max²] = m / (m + 2).
 */
import { range } from "../../base/assert.ts";
import { choose } from "./parts.ts";

export interface Sizes {
  readonly slots: number;
  readonly fewest: number;
}

/** A mean over the sizes that a set may have. */
const expected = ({ slots, fewest }: Sizes, of: (count: number) => number): number =>
  range(slots - fewest + 1).reduce((sum, more) => sum + of(fewest + more), 0) / (slots - fewest + 1);

export const meanOf = (count: number): number => count / (count + 1);
const squareOf = (count: number): number => count / (count + 2);

/** The variance, which is left where nothing is known. */
export const errorOfConstant = (sizes: Sizes): number => expected(sizes, squareOf) - meanOfAll(sizes) ** 2;

export const meanOfAll = (sizes: Sizes): number => expected(sizes, meanOf);

/** What is left where only the size is known. */
export const errorOfCount = (sizes: Sizes): number =>
  expected(sizes, (count) => squareOf(count) - meanOf(count) ** 2);

/** Weights of all slots' values in ascending order: the probability that this one is the largest that is an element. */
export const rankWeights = (sizes: Sizes): readonly number[] =>
  range(sizes.slots).map((smaller) =>
    expected(sizes, (count) => choose(smaller, count - 1) / choose(sizes.slots, count)),
  );

/**
 * What is left where empty slots are read as elements and nothing tells them: E[max²] − E[(Σ w_k u_k)²], where the k-th
 * smallest of n values have E[u_j u_k] = j (k + 1) / ((n + 1)(n + 2)) for j ≤ k.
 */
export function errorOfRanks(sizes: Sizes): number {
  const weights = rankWeights(sizes);
  const moment = (j: number, k: number): number =>
    ((Math.min(j, k) + 1) * (Math.max(j, k) + 2)) / ((sizes.slots + 1) * (sizes.slots + 2));
  const said = weights.flatMap((w, j) => weights.map((v, k) => w * v * moment(j, k)));
  return said.reduce((rest, part) => rest - part, expected(sizes, squareOf));
}

/** The best a + b · (mean of the elements): E[max · mean] = E[max²] (m + 1) / (2m), as the others lie uniformly below. */
export function bestLine(sizes: Sizes): { readonly a: number; readonly b: number; readonly error: number } {
  const product = expected(sizes, (count) => (squareOf(count) * (count + 1)) / (2 * count));
  const covariance = product - meanOfAll(sizes) / 2;
  const b = covariance / expected(sizes, (count) => 1 / (12 * count));
  return { a: meanOfAll(sizes) - b / 2, b, error: errorOfConstant(sizes) - b * covariance };
}

/** Probability that a slot holds an element. */
const filled = (sizes: Sizes): number => expected(sizes, (count) => count / sizes.slots);

/** What is to be expected where a slot is known to hold u: the larger of u and m − 1 others is (m − 1 + u^m) / m. */
export const givenOne = (sizes: Sizes, u: number): number =>
  expected(sizes, (count) => (count - 1 + u ** count) / sizes.slots) / filled(sizes);

/** What is to be expected where a slot is known to be empty. */
export const givenEmpty = (sizes: Sizes): number =>
  expected(sizes, (count) => (1 - count / sizes.slots) * meanOf(count)) / (1 - filled(sizes));

/** What is left where only one slot is known: E[max²] less the mean square of what is said, a polynomial's integral. */
export function errorOfOne(sizes: Sizes): number {
  const square = (count: number, other: number): number =>
    (count - 1) * (other - 1) +
    (count - 1) / (other + 1) +
    (other - 1) / (count + 1) +
    1 / (count + other + 1);
  const said = expected(sizes, (count) => expected(sizes, (other) => square(count, other)));
  const held = filled(sizes);
  return expected(sizes, squareOf) - said / sizes.slots ** 2 / held - (1 - held) * givenEmpty(sizes) ** 2;
}
