/** @file The bounds of the adding problem and of regression in context, found again by least squares and integration. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import { leastSquaresOptimum } from "../../../src/toys/convex.ts";
import { adding } from "../../../src/toys/problems/adding.ts";
import { inContextRegression, lossesByPairs } from "../../../src/toys/problems/in-context-regression.ts";
import { named, row } from "../../../src/toys/tensor.ts";
import { above, normalLattice, rungOf } from "./bounds.ts";

describe("adding", () => {
  const [length, half] = [20, 10];
  // One number at a time is off its mean, so far that all have the variance 1/12 and no covariance.
  const numbers = range(length).flatMap((place) =>
    [-1, 1].map((sign) =>
      range(length).map((i) => 1 / 2 + (i === place ? sign * Math.sqrt(length / 12) : 0)),
    ),
  );
  const points = numbers.flatMap((values) =>
    range(half).flatMap((first) =>
      range(half).map((second) => ({ values, marked: [at(values, first), at(values, half + second)] })),
    ),
  );
  type Point = (typeof points)[number];
  const lowest = (features: (point: Point) => number[]): number =>
    leastSquaresOptimum(
      points.map((point) => ({
        features: features(point),
        weight: 1 / points.length,
        target: at(point.marked, 0) + at(point.marked, 1),
      })),
      0,
    ).loss;

  test("has the losses of the reference", () => {
    expect(above(adding, "constant")).toBeCloseTo(1 / 6, 12);
    expect(above(adding, "first half lost")).toBeCloseTo(1 / 12, 12);
    expect(above(adding, "marks not read")).toBeCloseTo(0.15, 12);
  });

  test("has levels as least squares finds them", () => {
    expect(above(adding, "constant")).toBeCloseTo(
      lowest(() => [1]),
      12,
    );
    expect(above(adding, "marks not read")).toBeCloseTo(
      lowest(({ values }) => [...values, 1]),
      12,
    );
    expect(above(adding, "first half lost")).toBeCloseTo(
      lowest(({ marked }) => [at(marked, 1), 1]),
      12,
    );
    expect(above(adding, "second half lost")).toBeCloseTo(
      lowest(({ marked }) => [at(marked, 0), 1]),
      12,
    );
  });

  test("marks one number in each half", () => {
    const { inputs, rows } = adding.draw(64, random(1));
    for (const index of range(rows)) {
      const marks = range(length).filter(
        (position) => at(row(named(inputs, "x"), index), 2 * position + 1) === 1,
      );
      expect(marks.map((position) => Math.floor(position / half))).toEqual([0, 1]);
    }
  });
});

describe("in-context-regression", () => {
  const [length, noise] = [10, 0.5];
  const curve = lossesByPairs(length, noise);
  /** σ² and the trace of the posterior covariance of w, from the directions of the pairs that were seen. */
  function loss(angles: readonly number[], sigma: number): number {
    let [a, b, c] = [2, 0, 2];
    for (const angle of angles) {
      const [x, y] = [Math.SQRT2 * Math.cos(angle), Math.SQRT2 * Math.sin(angle)];
      a += x ** 2 / sigma;
      b += (x * y) / sigma;
      c += y ** 2 / sigma;
    }
    return sigma + (a + c) / (a * c - b * b);
  }

  /** Means over all directions; of smooth periodic functions sums over a regular grid converge exponentially. */
  function integrated(pairs: number, sigma: number): number {
    const steps = 48;
    const count = steps ** Math.max(0, pairs - 1);
    const sum = range(count).reduce((total, code) => {
      // The first direction is free by symmetry.
      const angles = range(pairs).map((k) =>
        k === 0 ? 0 : (Math.PI * (Math.floor(code / steps ** (k - 1)) % steps)) / steps,
      );
      return total + loss(angles, sigma);
    }, 0);
    return sum / count;
  }

  test.each([0, 1, 2, 3])("has the error after %i pairs that integration over directions finds", (pairs) => {
    expect(curve[pairs]).toBeCloseTo(integrated(pairs, noise), 9);
    expect(lossesByPairs(4, 1)[pairs]).toBeCloseTo(integrated(pairs, 1), 9);
  });

  test("has the error after more pairs that drawn directions have", () => {
    const source = random(1);
    for (const pairs of [4, 5, 7, 9]) {
      const drawn = range(40_000).map(() =>
        loss(
          range(pairs).map(() => Math.PI * source.uniform()),
          noise,
        ),
      );
      const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
      const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length;
      expect(Math.abs(at(curve, pairs) - mean)).toBeLessThan(5 * Math.sqrt(variance / drawn.length));
    }
  });

  test("is near the noiseless curve 1 − t/2 of the reference where there is little noise", () => {
    const little = 0.05;
    for (const [t, loss] of lossesByPairs(2, little).entries()) {
      expect(Math.abs(loss - (1 - t / 2))).toBeLessThan(2 * little);
    }
  });

  test("averages the curve, as far as a window lets positions see", () => {
    const average = (window: number): number =>
      range(length).reduce((sum, t) => sum + at(curve, Math.min(t, window)), 0) / length;
    expect(inContextRegression.best.loss).toBeCloseTo(average(9), 12);
    for (const [name, window] of [
      ["no context", 0],
      ["last pair", 1],
      ["last two pairs", 2],
    ] as const)
      expect(rungOf(inContextRegression, name).loss).toBeCloseTo(average(window), 12);
    expect(rungOf(inContextRegression, "next token visible").loss).toBeCloseTo(at(curve, 9) / 10, 12);
  });

  test("has an oracle that says what integration over all w says", () => {
    const batch = inContextRegression.draw(6, random(2));
    const said = named(at(inContextRegression.best.predictors, 0)(batch), "y");
    const side = normalLattice(0.05, 6).map(({ value, weight }) => ({ w: value / Math.SQRT2, weight }));
    for (const index of range(batch.rows)) {
      const tokens = row(named(batch.inputs, "tokens"), index);
      const x = (t: number, k: number): number => at(tokens, 3 * t + k);
      const targets = row(named(batch.targets, "y"), index);
      for (const t of [0, 1, 3, 9]) {
        let [total, sum] = [0, 0];
        for (const first of side) {
          for (const second of side) {
            const mean = (i: number): number => first.w * x(i, 0) + second.w * x(i, 1);
            const squares = range(t).reduce((all, i) => all + (at(targets, i) - mean(i)) ** 2, 0);
            const weight = first.weight * second.weight * Math.exp(-squares / (2 * noise));
            total += weight;
            sum += weight * mean(t);
          }
        }
        expect(at(row(said, index), t)).toBeCloseTo(sum / total, 5);
      }
    }
  });
});
