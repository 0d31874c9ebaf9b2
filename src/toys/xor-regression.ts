/**
 * @file A toy problem with two heads: the XOR of two signs, flipped now and then, and a noisy linear function of a third.
 * x ∈ {−1, 1}³ uniform; label = [x₁ ≠ x₂], flipped with probability ε; target = a x₃ + σ n with n ~ N(0, 1). No affine
 * model can do better on the label than guessing, and any can do the regression, so a forgotten activation lets the loss
 * fall to a floor that is known exactly.
 */
import { at, range } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { crossEntropy, leastSquaresOptimum, logisticOptimum, type Observation } from "./convex.ts";

export interface XorRegression {
  /** ε, in (0, 1/2). */
  readonly flip: number;
  /** a. */
  readonly slope: number;
  /** σ. */
  readonly noise: number;
  /** Weights of cross-entropy and mean squared error in the total loss. */
  readonly weights: { readonly label: number; readonly target: number };
}

export const standard: XorRegression = {
  flip: 0.1,
  slope: 1,
  noise: 0.1,
  weights: { label: 1, target: 1 },
};

/** One of the eight inputs and what is observed there. */
export interface Point {
  readonly x: readonly [number, number, number];
  readonly probability: number;
  /** Probability of the label 1. */
  readonly label: number;
  /** Mean of the target. */
  readonly target: number;
}

export interface Losses {
  /** In nats. */
  readonly crossEntropy: number;
  readonly squaredError: number;
  /** The weighted sum. */
  readonly total: number;
}

/** What a model says about one input. */
export interface Prediction {
  readonly logit: number;
  readonly value: number;
}

export interface Sample {
  readonly x: Float32Array;
  readonly labels: Float32Array;
  readonly targets: Float32Array;
}

/** The eight inputs in the order of the binary numbers, −1 for 0. */
export function points(problem: XorRegression): Point[] {
  return range(8).map((code) => {
    const [x1, x2, x3] = [sign(code >> 2), sign(code >> 1), sign(code)];
    const label = x1 === x2 ? problem.flip : 1 - problem.flip;
    return { x: [x1, x2, x3], probability: 1 / 8, label, target: problem.slope * x3 };
  });
}

const sign = (bits: number): number => ((bits & 1) === 1 ? 1 : -1);

/** Independent draws: x row-major [count, 3], labels and targets [count]. */
export function draw(problem: XorRegression, count: number, random: Random): Sample {
  const all = points(problem);
  const chosen = range(count).map(() => at(all, random.below(8)));
  return {
    x: Float32Array.from(chosen.flatMap(({ x }) => [...x])),
    labels: Float32Array.from(chosen, ({ label }) => Number(random.uniform() < label)),
    targets: Float32Array.from(chosen, ({ target }) => target + problem.noise * random.normal()),
  };
}

const losses = (problem: XorRegression, ce: number, squaredError: number): Losses => ({
  crossEntropy: ce,
  squaredError,
  total: problem.weights.label * ce + problem.weights.target * squaredError,
});

/** The expected loss of a model, exactly: the mean over the eight inputs, with the noise integrated in closed form. */
export function populationLosses(problem: XorRegression, predict: (point: Point) => Prediction): Losses {
  const all = points(problem).map((point) => ({ point, ...predict(point) }));
  const mean = (f: (item: (typeof all)[number]) => number): number =>
    all.reduce((sum, item) => sum + item.point.probability * f(item), 0);
  return losses(
    problem,
    mean(({ logit, point }) => crossEntropy(logit, point.label)),
    mean(({ value, point }) => (value - point.target) ** 2) + problem.noise ** 2,
  );
}

/** The lowest expected loss of all models: the entropy of the label and the variance of the noise. */
export function lowestLosses(problem: XorRegression): Losses {
  const { flip, noise } = problem;
  const entropy = -flip * Math.log(flip) - (1 - flip) * Math.log(1 - flip);
  return losses(problem, entropy, noise ** 2);
}

/**
 * The lowest expected loss of affine models, by symmetry. Flipping (x₁, x₂) together, or x₃, leaves the law of (x, label)
 * unchanged; the loss is convex and affine models are closed under both, so averaging an optimum over the two gives an
 * optimum whose logit c + w₁ x₁ + w₂ x₂ + w₃ x₃ has w = 0. The label is 1 half of the time, so c = 0 and the loss log 2.
 * The target's mean is affine itself.
 */
export const lowestAffineLosses = (problem: XorRegression): Losses =>
  losses(problem, Math.log(2), problem.noise ** 2);

const affine = (x: readonly number[]): number[] => [...x, 1];

/** The lowest expected loss of affine models, by numerical minimisation over the eight inputs; knows no symmetry. */
export function searchedAffineLosses(problem: XorRegression): Losses {
  const all = points(problem);
  const observe = (target: (point: Point) => number): Observation[] =>
    all.map((point) => ({
      features: affine(point.x),
      weight: point.probability,
      target: target(point),
    }));
  const label = logisticOptimum(
    observe((point) => point.label),
    searchStart,
  );
  const value = leastSquaresOptimum(
    observe((point) => point.target),
    problem.noise ** 2,
  );
  return losses(problem, label.loss, value.loss);
}

// Off every axis of symmetry, so that the search has something to find.
const searchStart = [0.5, -1, 0.25, 2];

/** The lowest loss of affine models on drawn data, which lies a little below the expected one. */
export function affineLossesOn(problem: XorRegression, sample: Sample): Losses {
  const count = sample.labels.length;
  const observe = (targets: Float32Array): Observation[] =>
    range(count).map((i) => ({
      features: affine([...sample.x.subarray(3 * i, 3 * i + 3)]),
      weight: 1 / count,
      target: at(targets, i),
    }));
  const label = logisticOptimum(observe(sample.labels), searchStart);
  const value = leastSquaresOptimum(observe(sample.targets), 0);
  return losses(problem, label.loss, value.loss);
}
