/**
 * @file Exact optima over affine models, by convex optimisation on weighted points: logistic regression by Newton's
 * method, least squares by its normal equations. Features carry their own constant 1.
 */
import { at, range, zip } from "../base/assert.ts";

/** A weighted point: the features, and what is observed there. */
export interface Observation {
  readonly features: readonly number[];
  readonly weight: number;
  /** For cross-entropy the probability of the label 1, for squared error the mean of the target. */
  readonly target: number;
}

export interface Optimum {
  readonly loss: number;
  readonly parameters: readonly number[];
}

const inner = (a: readonly number[], b: readonly number[]): number =>
  zip(a, b).reduce((sum, [x, y]) => sum + x * y, 0);

/** Mean cross-entropy −p log σ(z) − (1 − p) log σ(−z) of a logit z where the label is 1 with probability p. */
export const crossEntropy = (logit: number, p: number): number =>
  Math.max(logit, 0) - p * logit + Math.log1p(Math.exp(-Math.abs(logit)));

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

// What a step is expected to gain. Gains of rounding's size can't be seen in the loss: below it full steps are taken,
// whose error squares each time, until far below what float64 resolves of losses near 1.
const visibleGain = 1e-12;
const lastGain = 1e-20;
const mostSteps = 100;

/**
 * The lowest mean cross-entropy of a logit that is linear in the features. Damped Newton steps from `start`; convexity
 * makes the result the global minimum. Throws RangeError where the points are separable, so that no minimum exists.
 */
export function logisticOptimum(points: readonly Observation[], start: readonly number[]): Optimum {
  const lossAt = (theta: readonly number[]): number =>
    points.reduce((sum, { features, weight, target }) => {
      return sum + weight * crossEntropy(inner(theta, features), target);
    }, 0);
  let parameters = start;
  for (let step = 0; step < mostSteps; step++) {
    const { direction, gain } = newtonStep(points, parameters);
    const stepped = (size: number): number[] =>
      zip(parameters, direction).map(([value, change]) => value - size * change);
    // Backtracking (Boyd and Vandenberghe 2004, algorithm 9.2).
    let size = 1;
    while (gain > visibleGain && lossAt(stepped(size)) > lossAt(parameters)) size /= 2;
    parameters = stepped(size);
    if (gain <= lastGain) return { loss: lossAt(parameters), parameters };
  }
  throw new RangeError(`Newton's method did not settle in ${mostSteps} steps: the points are separable`);
}

/** Newton's direction of ascent, and how much a full step against it gains where the loss is quadratic. */
function newtonStep(
  points: readonly Observation[],
  parameters: readonly number[],
): { readonly direction: readonly number[]; readonly gain: number } {
  const chances = points.map(({ features }) => sigmoid(inner(parameters, features)));
  const slopes = zip(points, chances).map(([{ target }, p]) => p - target);
  const curvatures = chances.map((p) => p * (1 - p));
  const gradient = weightedSum(points, slopes);
  const direction = solve(secondMoments(points, curvatures), gradient);
  return { direction, gain: inner(gradient, direction) / 2 };
}

/** The lowest mean squared error of a linear function of the features; `noise` is the variance of the targets at a point. */
export function leastSquaresOptimum(points: readonly Observation[], noise: number): Optimum {
  const ones = points.map(() => 1);
  const targets = points.map(({ target }) => target);
  const parameters = solve(secondMoments(points, ones), weightedSum(points, targets));
  const loss = points.reduce((sum, { features, weight, target }) => {
    return sum + weight * (inner(parameters, features) - target) ** 2;
  }, noise);
  return { loss, parameters };
}

/** Σ weight · factor · features. */
function weightedSum(points: readonly Observation[], factors: readonly number[]): number[] {
  const size = at(points, 0).features.length;
  return range(size).map((i) =>
    zip(points, factors).reduce((sum, [p, factor]) => sum + p.weight * factor * at(p.features, i), 0),
  );
}

/** Σ weight · factor · features featuresᵀ. */
function secondMoments(points: readonly Observation[], factors: readonly number[]): number[][] {
  const size = at(points, 0).features.length;
  return range(size).map((i) =>
    weightedSum(
      points,
      zip(points, factors).map(([p, factor]) => factor * at(p.features, i)),
    ),
  );
}

/** Solves a x = b by Gaussian elimination with partial pivoting. Throws RangeError on a singular matrix. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = zip(a, b).map(([row, value]) => [...row, value]);
  for (const column of range(rows.length)) {
    const candidates = range(rows.length).slice(column);
    const size = (row: number): number => Math.abs(at(at(rows, row), column));
    const pivot = candidates.reduce((best, row) => (size(row) > size(best) ? row : best));
    if (size(pivot) === 0) throw new RangeError("the system of equations is singular");
    [rows[column], rows[pivot]] = [at(rows, pivot), at(rows, column)];
    const lead = at(rows, column);
    for (const [index, row] of rows.entries()) {
      if (index === column) continue;
      const factor = at(row, column) / at(lead, column);
      rows[index] = zip(row, lead).map(([value, above]) => value - factor * above);
    }
  }
  return rows.map((row, i) => at(row, rows.length) / at(row, i));
}
