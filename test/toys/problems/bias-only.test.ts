/** @file The bounds of labels that the input says nothing of, and of logits that an activation confines. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range, zip } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import { biasOnly } from "../../../src/toys/problems/bias-only.ts";
import { crossEntropyOf, entropy } from "../../../src/toys/problems/parts.ts";
import { bestProbabilities, bestWithin } from "../../../src/toys/problems/ranges.ts";
import { rungOf } from "./laws.ts";

const halving = range(10).map((label) => 2 ** -(label + 1) / (1 - 2 ** -10));

/** The slope of the expected cross-entropy. */
function slope(law: readonly number[], logits: readonly number[]): number[] {
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  return zip(law, logits).map(([p, logit]) => Math.exp(logit) / sum - p);
}

/** Projected descent: steps of the curvature's size, at most 1, from the middle. */
function descended(law: readonly number[], project: (logits: number[]) => number[]): number[] {
  let logits = project(law.map(() => 0));
  for (let step = 0; step < 20_000; step++) {
    logits = project(zip(logits, slope(law, logits)).map(([logit, s]) => logit - s));
  }
  return logits;
}

const intoBox =
  (low: number, high: number) =>
  (logits: number[]): number[] =>
    logits.map((logit) => Math.min(high, Math.max(low, logit)));

/** The closest probabilities (Duchi and others 2008, "Efficient projections onto the l1-ball", figure 1). */
function intoSimplex(logits: number[]): number[] {
  const sorted = logits.toSorted((a, b) => b - a);
  let [sum, shift] = [0, 0];
  for (const [index, value] of sorted.entries()) {
    sum += value;
    if (value - (sum - 1) / (index + 1) > 0) shift = (sum - 1) / (index + 1);
  }
  return logits.map((logit) => Math.max(0, logit - shift));
}

const laws = fc
  .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 2, maxLength: 12 })
  .map((shares) => {
    const sum = shares.reduce((total, share) => total + share, 0);
    return shares.map((share) => share / sum);
  });

describe("logits that an activation confines", () => {
  test("to a box are what descent finds", () => {
    fc.assert(
      fc.property(laws, fc.double({ min: 0.2, max: 3, noNaN: true }), (law, high) => {
        const found = descended(law, intoBox(-1, high));
        expect(crossEntropyOf(law, bestWithin(-1, high, law))).toBeCloseTo(crossEntropyOf(law, found), 9);
      }),
      { numRuns: 10 },
    );
  });

  test("to probabilities are what descent finds, where a class leads", () => {
    const leads = (law: number[]): boolean => {
      const [first = 0, second = 0] = law.toSorted((a, b) => b - a);
      return first - second >= (Math.E - 1) / (Math.E + law.length - 1);
    };
    fc.assert(
      fc.property(laws, fc.double({ min: 0, max: 1, noNaN: true }), (law, share) => {
        const led = law.map((p, label) => (label === 0 ? share : 0) + (1 - share) * p);
        if (!leads(led)) expect(() => bestProbabilities(led)).toThrow("leads");
        else {
          const found = descended(led, intoSimplex);
          expect(crossEntropyOf(led, bestProbabilities(led))).toBeCloseTo(crossEntropyOf(led, found), 9);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("have the published floors where one class is certain", () => {
    // Softmax before the loss: log(1 + (C − 1)/e); tanh: log(1 + (C − 1)/e²).
    for (const [classes, softmax, tanh] of [
      [2, 0.3133, 0.1269],
      [10, 1.4612, 0.7966],
      [100, 3.6222, 2.6671],
    ] as const) {
      const law = range(classes).map((label) => Number(label === 0));
      expect(crossEntropyOf(law, bestProbabilities(law))).toBeCloseTo(softmax, 4);
      expect(crossEntropyOf(law, bestWithin(-1, 1, law))).toBeCloseTo(tanh, 4);
    }
  });
});

describe("labels that the input says nothing of", () => {
  test("have the published entropy", () => {
    expect(biasOnly.best.loss).toBeCloseTo(1.3785, 4);
    expect(biasOnly.best.loss).toBeCloseTo(entropy(halving), 12);
  });

  test("leave confined logits what descent finds", () => {
    const lowest = (project: (logits: number[]) => number[]): number =>
      crossEntropyOf(halving, descended(halving, project));
    expect(rungOf(biasOnly, "softmax twice").loss).toBeCloseTo(lowest(intoSimplex), 9);
    expect(rungOf(biasOnly, "tanh on the logits").loss).toBeCloseTo(lowest(intoBox(-1, 1)), 9);
  });

  test("leave logits that change their sign with the input nothing", () => {
    const source = random(1);
    const loss = rungOf(biasOnly, "no bias").loss;
    expect(loss).toBeCloseTo(Math.log(10), 12);
    for (const size of [0.01, 0.1, 1, 10]) {
      const odd = range(10).map(() => size * source.normal());
      const both = [1, -1].map((sign) =>
        crossEntropyOf(
          halving,
          odd.map((logit) => sign * logit),
        ),
      );
      expect((at(both, 0) + at(both, 1)) / 2).toBeGreaterThan(loss);
    }
  });

  test("cost a roll by one what pairs of neighbours say", () => {
    // Half of the labels are the first, to which the rolled law gives the share of the last; any other gets twice its share.
    const expected =
      -at(halving, 0) * Math.log(at(halving, 9)) -
      range(9).reduce((sum, label) => sum + at(halving, label + 1) * Math.log(2 * at(halving, label + 1)), 0);
    expect(rungOf(biasOnly, "labels off by one").loss).toBeCloseTo(expected, 12);
  });
});
