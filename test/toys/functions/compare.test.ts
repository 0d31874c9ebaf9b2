/** @file What counts as rounding, and what does not. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at } from "../../../src/base/assert.ts";
import { firstDifference, sameShapes, wantedOf } from "../../../src/toys/functions/compare.ts";
import { numbersIn, scalar, vector } from "../../../src/toys/functions/given.ts";
import type { Definition, Question } from "../../../src/toys/functions/problem.ts";
import { outputs, reals } from "../../../src/toys/tensor.ts";

const f = Math.fround;
const asked = (...values: number[]): Question => ({ name: "", given: { x: reals([values.length], values) } });

/** a_{t+1} = (a_t + x_t) / 2, in either precision: two operations a step. */
const chain =
  (round: (x: number) => number): Definition =>
  (given) =>
    scalar(numbersIn(given, "x").reduce((a, x) => round(round(a + x) / 2), 0));

// Nothing so small that float32 has fewer digits for it.
const decimal = fc.integer({ min: -10_000, max: 10_000 }).map((x) => x / 1000);

describe("rounding", () => {
  test("is what float32 makes of a chain of operations", () => {
    fc.assert(
      fc.property(fc.array(decimal, { minLength: 1, maxLength: 40 }), (values) => {
        const question = asked(...values);
        const wanted = wantedOf(
          chain((x) => x),
          question,
          2 * values.length,
        );
        expect(firstDifference(chain(f)(question.given), wanted)).toBeUndefined();
      }),
    );
  });

  test("is larger where the definition makes more of a small change", () => {
    const difference: Definition = (given) => {
      const [a = 0, b = 0] = numbersIn(given, "x");
      return scalar(a - b);
    };
    const tolerance = (...values: number[]): number =>
      at(wantedOf(difference, asked(...values), 1).tolerances, 0);
    // 1000 and 1000 less a millionth of it cancel all but the last digits.
    expect(tolerance(1000.1, 1000.2)).toBeGreaterThan(1000 * tolerance(0.1, 0.2));
  });

  test("does not reach a ten-thousandth of a sum of ten numbers", () => {
    const sum: Definition = (given) => scalar(numbersIn(given, "x").reduce((a, b) => a + b));
    const values = Array.from({ length: 10 }, (_, i) => 0.37 + i / 7);
    const wanted = wantedOf(sum, asked(...values), 10);
    const exact = values.reduce((a, b) => a + b);
    expect(firstDifference(scalar(exact * (1 + 1e-6)), wanted)).toBeUndefined();
    expect(firstDifference(scalar(exact * (1 + 1e-4)), wanted)).toMatchObject({ indices: [] });
  });

  test("whole numbers have none", () => {
    const fraction: Definition = (given) => vector(numbersIn(given, "x").map((x) => x - Math.round(x)));
    expect(wantedOf(fraction, asked(1, 2, 3), 100).tolerances).toEqual([0]);
    expect(at(wantedOf(fraction, asked(1, 2, 3.5), 100).tolerances, 0)).toBeGreaterThan(0);
  });
});

describe("what is not finite", () => {
  const infinite: Definition = () => vector([1, Infinity, Number.NaN]);
  const wanted = wantedOf(infinite, asked(1), 10);
  const said = (...values: number[]) => firstDifference(vector(values), wanted);

  test("has to be the same", () => {
    expect(said(1, Infinity, Number.NaN)).toBeUndefined();
    expect(said(1, -Infinity, Number.NaN)).toMatchObject({ indices: [1], got: -Infinity });
    expect(said(1, 1e30, Number.NaN)).toMatchObject({ indices: [1] });
    expect(said(1, Infinity, Infinity)).toMatchObject({ indices: [2] });
    expect(said(Number.NaN, Infinity, Number.NaN)).toMatchObject({ indices: [0], wanted: 1 });
  });
});

test("axes of length 1 don't matter, others do", () => {
  const one = (...shape: number[]) => [outputs(shape, new Float64Array(shape.reduce((a, b) => a * b, 1)))];
  expect(sameShapes(one(3, 1), one(3))).toBe(true);
  expect(sameShapes(one(1), one())).toBe(true);
  expect(sameShapes(one(3, 2), one(2, 3))).toBe(false);
  expect(sameShapes([...one(3), ...one(3)], one(3))).toBe(false);
});

test("the first number that differs is told by its indices", () => {
  const zeros: Definition = () => [outputs([2], [0, 0]), outputs([2, 3], [0, 0, 0, 0, 0, 0])];
  const wanted = wantedOf(zeros, asked(1), 10);
  const answer = [outputs([2], [0, 0]), outputs([2, 3], [0, 0, 0, 0, 0, 7])];
  expect(firstDifference(answer, wanted)).toEqual({ output: 1, indices: [1, 2], wanted: 0, got: 7 });
});
