/** @file The bounds of normal laws for a teacher and of a discriminator: densities written out, integrals over lattices, searches. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { logisticOptimum } from "../../../src/toys/convex.ts";
import { binary } from "../../../src/toys/heads.ts";
import type { Predictor } from "../../../src/toys/problem.ts";
import { discriminator } from "../../../src/toys/problems/discriminator.ts";
import { klDirection } from "../../../src/toys/problems/kl-direction.ts";
import { independent, minimum, normalLattice, oracle, said } from "./bounds.ts";
import { rungOf } from "./laws.ts";

const normalDensity = (x: number, mean: number, variance: number): number =>
  Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);

describe("a normal law for a teacher with two modes", () => {
  const teacher = (y: number): number =>
    0.7 * normalDensity(y, 1.5, 0.25) + 0.3 * normalDensity(y, -1.5, 0.25);
  const points = range(4001).map((i) => (i - 2000) / 250);
  const integral = (f: (y: number) => number): number => points.reduce((sum, y) => sum + f(y) / 250, 0);
  const loss = (mean: number, variance: number): number =>
    integral((y) => -teacher(y) * Math.log(normalDensity(y, mean, variance)));
  const reverse = (mean: number, logVariance: number): number =>
    integral((y) => {
      const density = normalDensity(y, mean, Math.exp(logVariance));
      return density < 1e-300 ? 0 : density * Math.log(density / teacher(y));
    });

  /** One coordinate after another. */
  function searched(f: (mean: number, logVariance: number) => number, from: readonly [number, number]) {
    let [mean, logVariance] = from;
    for (let round = 0; round < 8; round++) {
      const [m, v] = [mean, logVariance];
      mean = minimum((x) => f(x, v), m - 0.5, m + 0.5);
      logVariance = minimum((x) => f(mean, x), v - 0.5, v + 0.5);
    }
    return { mean, logVariance, least: f(mean, logVariance) };
  }

  const predicted = (predictor: Predictor): readonly number[] => said(predictor, { means: [1.5, -1.5] });

  test("covers both modes at best", () => {
    const [mean = 0, logVariance = 0] = predicted(oracle(klDirection));
    const found = searched((m, v) => loss(m, Math.exp(v)), [0.3, 0.5]);
    expect(mean).toBeCloseTo(found.mean, 6);
    expect(logVariance).toBeCloseTo(found.logVariance, 6);
    expect(klDirection.best.loss).toBeCloseTo(found.least, 9);
  });

  test("keeps to the heavier mode where the divergence is taken the other way round", () => {
    const [mean = 0, logVariance = 0] = predicted(at(rungOf(klDirection, "mode seeking").predictors, 0));
    const starts = [
      [1.4, -1],
      [-1.4, -1],
      [0.6, 0.9],
    ] as const;
    const found = starts.map((start) => searched(reverse, start));
    const least = found.reduce((best, other) => (other.least < best.least ? other : best));
    expect(mean).toBeCloseTo(least.mean, 5);
    expect(logVariance).toBeCloseTo(least.logVariance, 5);
    // The lighter mode is a minimum too, and a worse one.
    expect(found[1]?.mean).toBeLessThan(-1);
    expect(found[1]?.least).toBeGreaterThan(least.least + 0.5);
  });

  test("costs what its predictions cost under the teacher's density", () => {
    for (const { name, loss: claimed, predictors } of klDirection.rungs.filter(
      (rung) => rung.name !== "constant",
    )) {
      const [mean = 0, logVariance = 0] = predicted(at(predictors, 0));
      expect(claimed, name).toBeCloseTo(loss(mean, Math.exp(logVariance)), 9);
    }
  });

  test("has the moments of the mirrored teachers where weights or all means are unknown", () => {
    const mirrored = (mean: number, variance: number): number =>
      (loss(mean, variance) + loss(-mean, variance)) / 2;
    const blind = searched((m, v) => mirrored(m, Math.exp(v)), [0.2, 0.5]);
    expect(rungOf(klDirection, "weights unknown").loss).toBeCloseTo(blind.least, 9);
    const middles = normalLattice(0.25, 8);
    const everywhere = (variance: number): number =>
      middles.reduce((sum, { value, weight }) => sum + weight * mirrored(-value, variance), 0);
    const found = minimum((v) => everywhere(Math.exp(v)), 0, 3);
    expect(rungOf(klDirection, "constant").loss).toBeCloseTo(everywhere(Math.exp(found)), 9);
  });
});

describe("a discriminator", () => {
  const plane = independent(normalLattice(0.2, 9), normalLattice(0.2, 9));
  const pointsOf = (scale: number): { readonly x: readonly number[]; readonly weight: number }[] =>
    plane.map(({ values, weight }) => ({ x: values.map((value) => scale * value), weight }));
  const [real, generated] = [pointsOf(1), pointsOf(3)];

  const expected = (logit: (x: readonly number[]) => number): number => {
    const over = (points: typeof real, label: number): number =>
      points.reduce((sum, { x, weight }) => sum + weight * binary.loss([logit(x)], label), 0);
    return (over(real, 1) + over(generated, 0)) / 2;
  };

  /** log p(x)/q(x). */
  const ratio = (x: readonly number[]): number =>
    x.reduce((sum, value) => sum + Math.log(normalDensity(value, 0, 1) / normalDensity(value, 0, 9)), 0);

  test("says the logarithm of the ratio of densities", () => {
    for (const x of [
      [0, 0],
      [1, -0.5],
      [2.5, 1],
    ])
      expect(said(oracle(discriminator), { x })[0]).toBeCloseTo(ratio(x), 9);
    expect(discriminator.best.loss).toBeCloseTo(expected(ratio), 7);
  });

  test("costs broken models what their logits cost in the plane", () => {
    const logits: Record<string, (x: readonly number[]) => number> = {
      affine: () => 0,
      constant: () => 0,
      "one number": (x) => ratio(x.slice(1)),
      "more generated than real": (x) => ratio(x) - Math.log(3),
      "labels swapped": (x) => -ratio(x),
    };
    for (const [name, logit] of Object.entries(logits))
      expect(rungOf(discriminator, name).loss, name).toBeCloseTo(expected(logit), 7);
  });

  test("is no better than guessing where it is affine", () => {
    const observe = (points: typeof real, target: number) =>
      points
        .filter(({ weight }) => weight > 1e-9)
        .map(({ x, weight }) => ({ features: [...x, 1], weight: weight / 2, target }));
    const { loss } = logisticOptimum([...observe(real, 1), ...observe(generated, 0)], [0.3, -0.2, 0.5]);
    expect(rungOf(discriminator, "affine").loss).toBeCloseTo(loss, 5);
  });

  test("has the best logits between 0 and 1 that search finds", () => {
    const at2 = (x: readonly number[]): number => {
      const chance = 1 / (1 + Math.exp(-ratio(x)));
      const own = (logit: number): number =>
        chance * binary.loss([logit], 1) + (1 - chance) * binary.loss([logit], 0);
      return minimum(own, 0, 1);
    };
    const { loss, predictors } = rungOf(discriminator, "sigmoid twice");
    for (const x of [
      [0, 0],
      [1.4, 0.6],
      [1.6, 0.8],
      [3, 1],
    ])
      expect(said(at(predictors, 0), { x })[0]).toBeCloseTo(at2(x), 5);
    expect(loss).toBeCloseTo(expected(at2), 3);
  });
});
