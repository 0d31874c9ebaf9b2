/** @file The bounds of linear, heteroscedastic and quantile regression, found again by least squares, search and integration. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { leastSquaresOptimum } from "../../../src/toys/convex.ts";
import { quantile } from "../../../src/toys/heads.ts";
import {
  distribution,
  meanOfPositivePart,
  quantile as normalQuantile,
  squareOfPositivePart,
} from "../../../src/toys/normal.ts";
import type { Problem } from "../../../src/toys/problem.ts";
import { heteroscedastic } from "../../../src/toys/problems/heteroscedastic.ts";
import { linearRegression } from "../../../src/toys/problems/linear-regression.ts";
import { quantileRegression } from "../../../src/toys/problems/quantile.ts";
import { minimum, normalLattice, normalMean, rungOf } from "./bounds.ts";

const lossOf = (problem: Problem, name: string): number => rungOf(problem, name).loss;

describe("the normal law", () => {
  test("has the quantiles of the tables", () => {
    expect(normalQuantile(0.9)).toBeCloseTo(1.2815515655446004, 14);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(normalQuantile(0.5)).toBe(0);
    for (const p of [1e-10, 0.01, 0.3, 0.999]) expect(distribution(normalQuantile(p)) / p).toBeCloseTo(1, 6);
    expect(() => normalQuantile(1)).toThrow(RangeError);
  });

  test("has the means of positive parts that integration finds", () => {
    for (const m of [-2, -0.3, 0, 1]) {
      for (const s of [0.4, 1, 3]) {
        const part = (n: number): number => Math.max(0, m + s * n);
        expect(meanOfPositivePart(m, s)).toBeCloseTo(normalMean(part), 5);
        expect(squareOfPositivePart(m, s)).toBeCloseTo(
          normalMean((n) => part(n) ** 2),
          5,
        );
      }
    }
  });
});

describe("linear-regression", () => {
  const [w, bias, noise] = [[1.2, -0.9, 0.3, 0.8], 1, 0.09];
  const places = range(w.length);
  /** Points with the moments of a normal law up to the second, which are all that least squares reads. */
  const points = places.flatMap((place) =>
    [-2, 2].map((value) => {
      const x = places.map((i) => (i === place ? value : 0));
      return { x, target: bias + at(w, place) * value };
    }),
  );
  const leastSquares = (features: (x: readonly number[]) => number[]): number =>
    leastSquaresOptimum(
      points.map(({ x, target }) => ({ features: features(x), target, weight: 1 / points.length })),
      noise,
    ).loss;
  const differences = (x: readonly number[]): number[] => [0, 1, 2].map((i) => at(x, i) - at(x, i + 1));

  test.each([
    ["no bias", (x: readonly number[]) => [...x]],
    ["constant", () => [1]],
    ["first feature lost", (x: readonly number[]) => [...x.slice(1), 1]],
    ["last feature lost", (x: readonly number[]) => [...x.slice(0, -1), 1]],
    ["offset lost", (x: readonly number[]) => [...differences(x), 1]],
  ] as const)("has %s as least squares finds it", (name, features) => {
    expect(lossOf(linearRegression, name)).toBeCloseTo(leastSquares(features), 12);
    expect(leastSquares((x) => [...x, 1])).toBeCloseTo(linearRegression.best.loss, 12);
  });

  /** The least E (r − c)² over c of the length r of n normal numbers, by integrals of its density r^(n − 1) e^(−r²/2). */
  function spreadOfLength(n: number): number {
    const lengths = range(20_000).map((i) => (i + 0.5) * 5e-4);
    const weights = lengths.map((r) => r ** (n - 1) * Math.exp((-r * r) / 2));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const lost = (c: number): number =>
      lengths.reduce((sum, r, i) => sum + (at(weights, i) / total) * (r - c) ** 2, 0);
    return lost(minimum(lost, 0, 4));
  }

  test("has lost lengths as integrals over them find them", () => {
    const sum = w.reduce((total, weight) => total + weight, 0);
    const all = w.reduce((total, weight) => total + weight ** 2, 0);
    const rest = w.reduce((total, weight) => total + (weight - sum / 4) ** 2, 0);
    // A direction in n dimensions has a share of 1/n of its square along any vector.
    expect(lossOf(linearRegression, "length lost")).toBeCloseTo(noise + (all / 4) * spreadOfLength(4), 6);
    expect(lossOf(linearRegression, "layer-normalised")).toBeCloseTo(
      leastSquares((x) => [...differences(x), 1]) + (rest / 3) * spreadOfLength(3),
      6,
    );
  });

  test.each([
    ["ReLU", 0, 1e9],
    ["tanh", -1, 1],
    ["sigmoid", 0, 1],
  ] as const)("has outputs after a %s as a search at every mean finds them", (name, low, high) => {
    const spread = Math.sqrt(w.reduce((total, weight) => total + weight ** 2, 0));
    const loss = normalMean((n) => {
      const mean = bias + spread * n;
      const lost = (output: number): number => (output - mean) ** 2;
      return lost(minimum(lost, low, Math.min(high, 20)));
    }, 1e-2);
    expect(lossOf(linearRegression, name)).toBeCloseTo(noise + loss, 4);
  });
});

describe("heteroscedastic", () => {
  const [slope, deviations] = [2, [1, 4]];
  const normal = normalLattice(0.1, 9);
  const overNoise = (f: (n: number) => number): number =>
    normal.reduce((sum, { value, weight }) => sum + weight * f(value), 0);
  /** The true loss of an error and the logarithm of a variance. */
  const trueLoss = (error: number, u: number): number =>
    (Math.log(2 * Math.PI) + u + error ** 2 * Math.exp(-u)) / 2;
  type Loss = (error: number, output: number) => number;
  /** What an output becomes that is trained by a loss, where errors have these deviations. */
  const trained = (loss: Loss, spreads: readonly number[], low: number, high: number): number =>
    minimum(
      (u) => spreads.reduce((sum, spread) => sum + overNoise((n) => loss(spread * n, u)), 0),
      low,
      high,
    );
  const evaluated = (spread: number, u: number): number => overNoise((n) => trueLoss(spread * n, u));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const known = (loss: Loss, low: number = -6, high: number = 6): number =>
    mean(deviations.map((s) => evaluated(s, trained(loss, [s], low, high))));
  const unknown = (spreads: readonly number[]): number => {
    const u = trained(trueLoss, spreads, -6, 6);
    return mean(spreads.map((spread) => evaluated(spread, u)));
  };
  const withMean = (s: number): number => Math.hypot(s, slope);

  test("has the losses of the reference", () => {
    expect(heteroscedastic.best.loss).toBeCloseTo(2.1121, 4);
    expect(lossOf(heteroscedastic, "homoscedastic")).toBeCloseTo(2.489, 4);
  });

  test("has floors as a search for the best variance finds them", () => {
    expect(heteroscedastic.best.loss).toBeCloseTo(known(trueLoss), 9);
    expect(lossOf(heteroscedastic, "homoscedastic")).toBeCloseTo(unknown(deviations), 9);
    expect(lossOf(heteroscedastic, "first input lost")).toBeCloseTo(
      mean(deviations.map((s) => unknown([withMean(s)]))),
      9,
    );
    expect(lossOf(heteroscedastic, "constant")).toBeCloseTo(unknown(deviations.map(withMean)), 9);
  });

  test("has the floor that a search for the best variance at every x₁ finds where the mean is 0", () => {
    const lossAt = (x1: number, s: number, u: number): number =>
      overNoise((n) => trueLoss(slope * x1 + s * n, u));
    const lowest = (x1: number, s: number): number =>
      lossAt(
        x1,
        s,
        minimum((u) => lossAt(x1, s, u), -6, 8),
      );
    const found = mean(deviations.map((s) => overNoise((x1) => lowest(x1, s))));
    expect(lossOf(heteroscedastic, "mean not learned")).toBeCloseTo(found, 9);
  });

  // The losses that the bugs train, each with the interval in which its output is searched.
  test.each<[string, Loss, number, number]>([
    ["logarithm of the deviation", (e, u) => u + (e * Math.exp(-u)) ** 2 / 2, -6, 6],
    ["deviation", (e, s) => Math.log(s) + (e / s) ** 2 / 2, 0.1, 20],
    ["variance", (e, v) => Math.log(v) / 2 + e ** 2 / v / 2, 0.1, 40],
    ["precision", (e, u) => (-u + e ** 2 * Math.exp(u)) / 2, -6, 6],
    ["half the variance", (e, u) => u + (e ** 2 * Math.exp(-u)) / 2, -6, 6],
    ["twice the variance", (e, u) => u / 2 + e ** 2 * Math.exp(-u), -6, 6],
  ])("has %s where that loss is trained", (name, loss, low, high) => {
    expect(lossOf(heteroscedastic, name)).toBeCloseTo(known(loss, low, high), 5);
  });

  test("has a variance that stays where it started", () => {
    expect(lossOf(heteroscedastic, "variance of 1")).toBeCloseTo(
      mean(deviations.map((s) => evaluated(s, 0))),
      9,
    );
  });
});

describe("quantile", () => {
  const [level, w] = [0.9, [2.4, 1.8]];
  const pinball =
    (tau: number) =>
    (error: number): number =>
      Math.max(tau * error, (tau - 1) * error);
  const lost =
    (tau: number, deviation: number) =>
    (q: number): number =>
      normalMean((n) => pinball(tau)(deviation * n - q), 0.01);
  /** The loss at what is best where noise of this deviation is unknown, and another level may be trained. */
  const lowest = (deviation: number, trained: number = level): number =>
    lost(level, deviation)(minimum(lost(trained, deviation), -9, 9));

  test("has the losses of the reference", () => {
    expect(quantileRegression.best.loss).toBeCloseTo(0.1755, 4);
    expect(lossOf(quantileRegression, "level swapped")).toBeCloseTo(1.2007, 4);
    expect(lossOf(quantileRegression, "mean")).toBeCloseTo(0.3989, 4);
  });

  test("has levels as a search by integration finds them", () => {
    expect(quantileRegression.best.loss).toBeCloseTo(lowest(1), 4);
    expect(lossOf(quantileRegression, "level swapped")).toBeCloseTo(lowest(1, 1 - level), 2);
    expect(lossOf(quantileRegression, "mean")).toBeCloseTo(lowest(1, 1 / 2), 2);
    expect(lossOf(quantileRegression, "constant")).toBeCloseTo(lowest(Math.hypot(1, ...w)), 4);
    expect(lossOf(quantileRegression, "first input lost")).toBeCloseTo(lowest(Math.hypot(1, at(w, 0))), 4);
  });

  test("has no odd model below the mean: at x and −x its offsets from the mean are opposite", () => {
    const both = (offset: number): number => (lost(level, 1)(offset) + lost(level, 1)(-offset)) / 2;
    expect(both(minimum(both, -9, 9))).toBeCloseTo(lossOf(quantileRegression, "mean"), 4);
  });
});

describe("the score of a quantile", () => {
  const [level, deviation, truth] = [0.8, 1.7, 0.4];
  const scoring = quantile({ level, deviation, most: 10 });
  const mean = truth - deviation * normalQuantile(level);
  const average = (f: (target: number) => number): number => normalMean((n) => f(mean + deviation * n), 0.01);

  test("has the divergence that integration finds", () => {
    for (const output of [-3, 0, 0.4, 2]) {
      const gap = average((y) => scoring.loss([output], y) - scoring.loss([truth], y));
      expect(scoring.divergence([truth], [output])).toBeCloseTo(gap, 4);
    }
  });

  test("has evidence against the truth that a legal model can't expect", () => {
    for (const output of [-2, 0, 0.4, 1.5]) {
      const factor = average((y) => Math.exp(scoring.advantage?.([output], [truth], y) ?? Number.NaN));
      expect(factor).toBeCloseTo(1, 6);
      expect(scoring.advantage?.([truth], [truth], output)).toBe(0);
    }
  });
});
