/** @file The bounds of two normal clouds, by integrals of another form and by minimisation in the plane. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { logisticOptimum } from "../../../src/toys/convex.ts";
import { gaussianMixture } from "../../../src/toys/problems/gaussian-mixture.ts";
import { rungOf } from "./laws.ts";

const density = (t: number): number => Math.exp(-(t ** 2) / 2) / Math.sqrt(2 * Math.PI);
const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** Simpson's rule between ends where the function may have kinks. */
function integral(f: (t: number) => number, ends: readonly number[]): number {
  const pieces = 1000;
  return ends.slice(1).reduce((sum, to, index) => {
    const from = at(ends, index);
    const step = (to - from) / pieces;
    const terms = range(pieces + 1).map((i) => {
      const weight = i === 0 || i === pieces ? 1 : i % 2 === 1 ? 4 : 2;
      return weight * f(from + i * step);
    });
    return sum + (step / 3) * terms.reduce((total, term) => total + term, 0);
  }, 0);
}

/** Clouds around m and −m: E log(1 + e^(−2 m t)) for t around m. */
const bayes = (m: number): number =>
  integral((t) => density(t - m) * softplus(-2 * m * t), [m - 12, m, m + 12]);

describe("two normal clouds", () => {
  test("have the published losses", () => {
    expect(bayes(1)).toBeCloseTo(0.3563, 4);
    expect(bayes(2)).toBeCloseTo(0.0604, 4);
  });

  test("have the losses of the dimensions that are seen", () => {
    // Centres are 1.25 apart in each of four or two dimensions.
    expect(gaussianMixture.best.loss).toBeCloseTo(bayes(1.25), 9);
    for (const half of ["first half only", "second half only"]) {
      expect(rungOf(gaussianMixture, half).loss).toBeCloseTo(bayes(0.625 * Math.SQRT2), 9);
    }
  });

  test("have the loss of a clamped logit, cloud by cloud", () => {
    // Bayes's logit is 2.5 t around the middle: it is 0 at 0 and 1 at 0.4.
    const clamped = (t: number): number => Math.min(1, Math.max(0, 2.5 * t));
    const ends = [-12, 0, 0.4, 12];
    const negative = integral((t) => density(t + 1.25) * softplus(clamped(t)), ends);
    const positive = integral((t) => density(t - 1.25) * softplus(-clamped(t)), ends);
    // The other integral runs over the kinks in steps of 1/1024, which costs up to a tenth of their square.
    expect(rungOf(gaussianMixture, "sigmoid twice").loss).toBeCloseTo((negative + positive) / 2, 7);
  });

  test("have the loss of a plane through the origin", () => {
    // One coordinate along the line through the centres, 2.5 apart, and one across it.
    const [step, reach] = [0.1, 6];
    const steps = (from: number, to: number): number[] =>
      range(Math.round((to - from) / step) + 1).map((i) => from + i * step);
    const points = steps(-reach, reach + 2.5).flatMap((t) =>
      steps(-reach, reach).map((s) => {
        const [zero, one] = [density(t) * density(s), density(t - 2.5) * density(s)];
        return { features: [t, s], weight: ((zero + one) * step ** 2) / 2, target: one / (zero + one) };
      }),
    );
    const { loss, parameters } = logisticOptimum(points, [0.3, 0.2]);
    expect(parameters[1]).toBeCloseTo(0, 9);
    expect(loss).toBeCloseTo(rungOf(gaussianMixture, "linear without bias").loss, 7);
  });
});
