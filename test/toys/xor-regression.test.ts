/** @file The bounds of the XOR-and-regression problem, derived in two ways and met by hand-made models. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { leastSquaresOptimum, logisticOptimum } from "../../src/toys/convex.ts";
import {
  affineLossesOn,
  draw,
  type Losses,
  lowestAffineLosses,
  lowestLosses,
  populationLosses,
  searchedAffineLosses,
  standard,
  type XorRegression,
} from "../../src/toys/xor-regression.ts";

const problems: fc.Arbitrary<XorRegression> = fc.record({
  flip: fc.double({ min: 0.01, max: 0.49, noNaN: true }),
  slope: fc.double({ min: -3, max: 3, noNaN: true }),
  noise: fc.double({ min: 0, max: 2, noNaN: true }),
  weights: fc.record({
    label: fc.double({ min: 0.1, max: 2, noNaN: true }),
    target: fc.double({ min: 0.1, max: 2, noNaN: true }),
  }),
});

// Sums of eight terms of size 1 in float64, and a minimum that Newton's method finds to 1e-20.
const rounding = 1e-12;

function expectClose(actual: Losses, expected: Losses, tolerance: number): void {
  for (const key of ["crossEntropy", "squaredError", "total"] as const) {
    expect(Math.abs(actual[key] - expected[key]), key).toBeLessThan(tolerance);
  }
}

describe("bounds", () => {
  test("of the standard problem are those of the reference", () => {
    expect(lowestLosses(standard).total).toBeCloseTo(0.3351, 4);
    expect(lowestAffineLosses(standard).total).toBeCloseTo(0.7031, 4);
  });

  test("the affine bound by symmetry is what minimisation finds", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        expectClose(searchedAffineLosses(problem), lowestAffineLosses(problem), rounding);
      }),
    );
  });

  test("no model is below the lowest loss, no affine model below the affine one", () => {
    const real = fc.double({ min: -4, max: 4, noNaN: true });
    const row = fc.tuple(real, real, real, real);
    fc.assert(
      fc.property(
        problems,
        fc.array(fc.tuple(real, real), { minLength: 8, maxLength: 8 }),
        row,
        row,
        (p, free, a, b) => {
          let next = 0;
          const any = populationLosses(p, () => {
            const [logit, value] = free[next++] ?? [0, 0];
            return { logit, value };
          });
          expect(any.crossEntropy).toBeGreaterThanOrEqual(lowestLosses(p).crossEntropy - rounding);
          expect(any.squaredError).toBeGreaterThanOrEqual(lowestLosses(p).squaredError - rounding);
          const at = ([x, y, z, c]: typeof a, input: readonly [number, number, number]): number =>
            x * input[0] + y * input[1] + z * input[2] + c;
          const affine = populationLosses(p, ({ x }) => ({ logit: at(a, x), value: at(b, x) }));
          expect(affine.total).toBeGreaterThanOrEqual(lowestAffineLosses(p).total - rounding);
        },
      ),
    );
  });

  test("the true conditional reaches the lowest loss", () => {
    const truth = populationLosses(standard, ({ label, target }) => ({
      logit: Math.log(label / (1 - label)),
      value: target,
    }));
    expectClose(truth, lowestLosses(standard), rounding);
  });
});

describe("drawn data", () => {
  test("are the same for the same seed and others for another", () => {
    const [first, again, other] = [1, 1, 2].map((seed) => draw(standard, 64, random(seed)));
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
  });

  test("follow the problem", () => {
    const count = 40_000;
    const { x, labels, targets } = draw(standard, count, random(3));
    let [flips, squares] = [0, 0];
    for (let i = 0; i < count; i++) {
      const [x1, x2, x3] = x.subarray(3 * i, 3 * i + 3);
      flips += Number((x1 !== x2) !== (labels[i] === 1)) / count;
      squares += ((targets[i] ?? 0) - (x3 ?? 0)) ** 2 / count;
    }
    // Five standard errors: sqrt(0.1 · 0.9 / 40000) and 0.01 sqrt(2 / 40000).
    expect(Math.abs(flips - 0.1)).toBeLessThan(0.0075);
    expect(Math.abs(squares - 0.01)).toBeLessThan(0.00036);
  });

  test("have an optimum for every seed", () => {
    for (let seed = 0; seed < 40; seed++) {
      const { crossEntropy } = affineLossesOn(standard, draw(standard, 512, random(seed)));
      expect(crossEntropy).toBeGreaterThan(Math.log(2) - 40 / 512);
      expect(crossEntropy).toBeLessThanOrEqual(Math.log(2));
    }
    // A draw on which gains of rounding's size once stopped the search.
    affineLossesOn(standard, draw(standard, 4096, random(5).fork("examples")));
  });

  test("let an affine model gain only what their noise gives", () => {
    const sample = draw(standard, 4096, random(4));
    const [onSample, expected] = [affineLossesOn(standard, sample), lowestAffineLosses(standard)];
    expect(onSample.crossEntropy).toBeLessThan(expected.crossEntropy);
    // Four parameters fitted to n points gain 2 / n on average; ten times that is beyond chance.
    expect(expected.crossEntropy - onSample.crossEntropy).toBeLessThan(20 / 4096);
  });
});

describe("convex optimisation", () => {
  test("logistic regression with one feature has the closed form of two proportions", () => {
    const optimum = logisticOptimum(
      [
        { features: [0, 1], weight: 0.5, target: 0.2 },
        { features: [1, 1], weight: 0.5, target: 0.7 },
      ],
      [0, 0],
    );
    const [slope, constant] = optimum.parameters;
    expect(constant).toBeCloseTo(Math.log(0.2 / 0.8), 12);
    expect(slope).toBeCloseTo(Math.log(0.7 / 0.3) - Math.log(0.2 / 0.8), 12);
  });

  test("separable points have no optimum", () => {
    const separable = [-1, 1].map((x) => ({ features: [x, 1], weight: 0.5, target: Number(x > 0) }));
    expect(() => logisticOptimum(separable, [0, 0])).toThrow(RangeError);
  });

  test("least squares finds a line", () => {
    const line = [0, 1, 2].map((x) => ({ features: [x, 1], weight: 1 / 3, target: 2 * x - 1 }));
    const { loss, parameters } = leastSquaresOptimum(line, 0.25);
    expect(loss).toBeCloseTo(0.25, 12);
    expect(parameters[0]).toBeCloseTo(2, 12);
    expect(parameters[1]).toBeCloseTo(-1, 12);
  });
});
