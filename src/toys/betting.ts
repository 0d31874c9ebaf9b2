/**
 * @file Tests on the mean of bounded observations that hold at any time and for any distribution: a gambler who bets
 * against the hypothesis can't expect to win, so a large capital refutes it (Ville's inequality). Waudby-Smith and Ramdas
 * 2024, "Estimating means of bounded random variables by betting", section 4; bets are averaged over a fixed grid.
 */
import { invariant } from "../base/assert.ts";

/** Independent observations in [low, high]. */
export interface Observations {
  readonly values: ArrayLike<number>;
  readonly low: number;
  readonly high: number;
}

/** Shares of the largest bet that can't lose everything. */
const stakes = [0.95, 0.7, 0.5, 0.3, 0.15, 0.07, 0.03, 0.01, 0.003, 0.001];

/** The largest logarithm that the average of the capitals e^Σ log(1 + stake · gain) reaches. */
function largestLogCapital(count: number, gain: (index: number) => number): number {
  const logs = stakes.map(() => 0);
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const won = gain(i);
    for (const [k, stake] of stakes.entries()) logs[k] = (logs[k] ?? 0) + Math.log1p(stake * won);
    if (i % pause === 0) largest = Math.max(largest, logMeanExp(logs));
  }
  return Math.max(largest, logMeanExp(logs));
}

/** How many observations lie between two looks at the capital; any number is valid. */
const pause = 32;

export function logMeanExp(logs: readonly number[]): number {
  const most = Math.max(...logs);
  if (most === -Infinity) return most;
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length);
}

/** Logarithm of the evidence against a mean of `mean` or more: a gain is won by what lies below it. */
function logEvidenceBelow({ values, low, high }: Observations, mean: number): number {
  // The largest loss is high − mean; a bet of a share of 1 / (high − low) grows with `mean`, so that bounds can be searched.
  return largestLogCapital(values.length, (i) => (mean - valueAt(values, i, low, high)) / (high - low));
}

/** Logarithm of the evidence against a mean of `mean` or less. */
function logEvidenceAbove({ values, low, high }: Observations, mean: number): number {
  return largestLogCapital(values.length, (i) => (valueAt(values, i, low, high) - mean) / (mean - low));
}

function valueAt(values: ArrayLike<number>, index: number, low: number, high: number): number {
  const value = values[index];
  invariant(value !== undefined && value >= low && value <= high, "observations keep to their bounds");
  return value;
}

/** Whether the mean is shown to be below `limit`, wrongly with a chance of at most `alpha`. */
export const meanIsBelow = (observed: Observations, limit: number, alpha: number): boolean =>
  limit > observed.low && logEvidenceBelow(observed, limit) >= -Math.log(alpha);

/** Whether the mean is shown to be above `limit`, wrongly with a chance of at most `alpha`. */
export const meanIsAbove = (observed: Observations, limit: number, alpha: number): boolean =>
  limit > observed.low && limit < observed.high && logEvidenceAbove(observed, limit) >= -Math.log(alpha);

/** Bounds are found to a thousandth of a thousandth of the range. */
const halvings = 20;

/** The mean is at most this, wrongly with a chance of at most `alpha`. */
export function upperBound(observed: Observations, alpha: number): number {
  let [below, above] = [observed.low, observed.high];
  for (let i = 0; i < halvings; i++) {
    const middle = (below + above) / 2;
    if (meanIsBelow(observed, middle, alpha)) above = middle;
    else below = middle;
  }
  return above;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}
