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

/** Whether the logarithm of the average of the capitals e^Σ log(1 + stake · gain) is ever seen to reach `enough`. */
function capitalReaches(enough: number, count: number, gain: (index: number) => number): boolean {
  const logs = stakes.map(() => 0);
  for (let i = 0; i < count; i++) {
    const won = gain(i);
    for (const [k, stake] of stakes.entries()) logs[k] = (logs[k] ?? 0) + Math.log1p(stake * won);
    if (i % pause === 0 && logMeanExp(logs) >= enough) return true;
  }
  return logMeanExp(logs) >= enough;
}

/** How many observations lie between two looks at the capital; any number is valid. */
const pause = 32;

export function logMeanExp(logs: readonly number[]): number {
  const most = Math.max(...logs);
  if (most === -Infinity) return most;
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length);
}

function valueAt(values: ArrayLike<number>, index: number, low: number, high: number): number {
  const value = values[index];
  invariant(value !== undefined && value >= low && value <= high, "observations keep to their bounds");
  return value;
}

/** Whether the mean is shown to be below `limit`, wrongly with a chance of at most `alpha`: a gain is won by what lies below it. */
export function meanIsBelow({ values, low, high }: Observations, limit: number, alpha: number): boolean {
  if (limit <= low) return false;
  // The largest loss is high − limit; a bet of a share of 1 / (high − low) grows with `limit`, so that bounds can be searched.
  const gain = (i: number): number => (limit - valueAt(values, i, low, high)) / (high - low);
  return capitalReaches(-Math.log(alpha), values.length, gain);
}

/** Whether the mean is shown to be above `limit`, wrongly with a chance of at most `alpha`. */
export function meanIsAbove({ values, low, high }: Observations, limit: number, alpha: number): boolean {
  if (limit <= low || limit >= high) return false;
  const gain = (i: number): number => (valueAt(values, i, low, high) - limit) / (limit - low);
  return capitalReaches(-Math.log(alpha), values.length, gain);
}

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
