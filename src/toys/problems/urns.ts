/**
 * @file Pólya's urn: what is drawn becomes likelier. Draws from it have the law of independent draws whose probabilities
 * come from a symmetric Dirichlet law, so that learning them from the sequence itself has a known best loss.
 */
import { range } from "../../base/assert.ts";
import type { Law } from "./sequences.ts";

/** The law of the next draw: every colour starts with `weight` balls, and gets one with each draw (Laplace's rule has 1). */
export function urnLaw(counts: readonly number[], weight: number): Law {
  const total = counts.reduce((sum, count) => sum + count, 0) + counts.length * weight;
  return counts.map((count) => (count + weight) / total);
}

/** The probability that one of several colours was drawn k = 0 … n times in n draws: beta-binomial. */
export function timesDrawn(n: number, colours: number, weight: number): readonly number[] {
  const others = (colours - 1) * weight;
  let chance = range(n).reduce((product, i) => (product * (others + i)) / (weight + others + i), 1);
  return range(n + 1).map((k) => {
    const now = chance;
    chance *= ((n - k) * (weight + k)) / ((k + 1) * (others + n - k - 1));
    return now;
  });
}

/** The expected entropy of a draw after n others. Each colour has the same share in it. */
export function lossAfter(n: number, colours: number, weight: number): number {
  const share = (k: number): number => (k + weight) / (n + colours * weight);
  return timesDrawn(n, colours, weight).reduce(
    (sum, chance, k) => sum - colours * chance * share(k) * Math.log(share(k)),
    0,
  );
}
