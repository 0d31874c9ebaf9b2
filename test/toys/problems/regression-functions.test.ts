/** @file The bounds of problems whose functions are products, teachers and maps, found again by enumeration and search. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import { leastSquaresOptimum } from "../../../src/toys/convex.ts";
import { bilinear } from "../../../src/toys/problems/bilinear.ts";
import { product } from "../../../src/toys/problems/product.ts";
import { absoluteTeacher, reluTeacher } from "../../../src/toys/problems/teachers.ts";
import {
  above,
  independent,
  lowestOfKey,
  lowestOfSum,
  minimum,
  normalLattice,
  oracle,
  type Point,
  rounded,
  said,
} from "./bounds.ts";

describe.each([
  ["relu-teacher", reluTeacher, (z: number) => Math.max(z, 0), { affine: 0.0908, constant: 0.3408 }],
  ["absolute-teacher", absoluteTeacher, Math.abs, { affine: 0.3634 }],
] as const)("%s", (_, problem, f, published) => {
  // A step that puts the kink between two points; its square bounds the error.
  const line = normalLattice(1e-3, 8).map(({ value, weight }) => ({
    input: value,
    weight,
    target: f(value),
  }));

  test("has the losses of the reference", () => {
    for (const [name, loss] of Object.entries(published)) expect(above(problem, name)).toBeCloseTo(loss, 4);
  });

  test("has an oracle that computes it", () => {
    const inputs = random(1);
    for (const _ of range(20)) {
      const x = range(3).map(() => Math.fround(inputs.normal()));
      const z = Math.SQRT1_2 * at(x, 0) + at(x, 1) / 2 - at(x, 2) / 2;
      expect(at(said(oracle(problem), { x }), 0)).toBeCloseTo(f(z), 12);
    }
  });

  test("has affine models as least squares finds them", () => {
    // Directions orthogonal to w are independent of the target, so that only z matters.
    const { loss } = leastSquaresOptimum(
      line.map(({ input, ...point }) => ({ ...point, features: [input, 1] })),
      0,
    );
    expect(above(problem, "affine")).toBeCloseTo(loss, 6);
  });

  test("has odd models as a search for every pair of opposite inputs finds them", () => {
    const coarse = normalLattice(1e-2, 8);
    const loss = coarse.reduce((sum, { value, weight }) => {
      if (value < 0) return sum;
      const lost = (g: number): number => (f(value) - g) ** 2 + (f(-value) + g) ** 2;
      return sum + weight * lost(minimum(lost, -10, 10));
    }, 0);
    expect(above(problem, "odd")).toBeCloseTo(loss, 4);
  });

  test("has the loss of what an input tells, as enumeration finds it", () => {
    const sides = normalLattice(0.02, 6);
    const points = independent(sides, sides).map(({ values: [lost = 0, seen = 0], weight }) => ({
      input: seen,
      weight,
      target: f(Math.SQRT1_2 * (lost + seen)),
    }));
    expect(above(problem, "first input lost")).toBeCloseTo(lowestOfKey(points, rounded), 4);
  });
});

test("relu-teacher has constant and even models as enumeration finds them", () => {
  const line = normalLattice(1e-3, 8).map(({ value, weight }) => ({
    input: value,
    weight,
    target: Math.max(value, 0),
  }));
  expect(above(reluTeacher, "constant")).toBeCloseTo(
    lowestOfKey(line, () => 0),
    6,
  );
  expect(above(reluTeacher, "even")).toBeCloseTo(
    lowestOfKey(line, (z) => rounded(Math.abs(z))),
    6,
  );
});

describe("product", () => {
  const side = normalLattice(0.1, 8);
  const points: Point<readonly [number, number]>[] = independent(side, side).map(
    ({ values: [a = 0, b = 0], weight }) => ({ input: [a, b], weight, target: a * b }),
  );
  const clipped = (x: number): number => rounded(Math.max(x, 0));

  test("has additive models as backfitting finds them", () => {
    const loss = lowestOfSum(
      points,
      ([a]) => rounded(a),
      ([, b]) => rounded(b),
    );
    expect(above(product, "additive")).toBeCloseTo(loss, 9);
  });

  test("has what sums and clipped factors tell, as enumeration finds it", () => {
    const lowest = (keyOf: (input: readonly [number, number]) => string | number): number =>
      lowestOfKey(points, keyOf);
    expect(above(product, "sum only")).toBeCloseTo(
      lowest(([a, b]) => rounded(a + b)),
      6,
    );
    // The lattice has the mean of the positive half right to the square of its step.
    expect(above(product, "one factor clipped")).toBeCloseTo(
      lowest(([a, b]) => `${clipped(a)} ${rounded(b)}`),
      3,
    );
    expect(above(product, "both factors clipped")).toBeCloseTo(
      lowest(([a, b]) => `${clipped(a)} ${clipped(b)}`),
      3,
    );
  });
});

describe("bilinear", () => {
  const vectors = independent(normalLattice(0.8, 6.4), normalLattice(0.8, 6.4));
  const M = [0, 1].map((i) =>
    [0, 1].map((j) => {
      const unit = (place: number): number[] => [0, 1].map((k) => Number(k === place));
      return at(said(oracle(bilinear), { a: unit(i), b: unit(j) }), 0);
    }),
  );
  const entry = (i: number, j: number): number => at(at(M, i), j);
  const score = (a: readonly number[], b: readonly number[]): number =>
    [0, 1].reduce(
      (sum, i) => sum + [0, 1].reduce((inner, j) => inner + at(a, i) * entry(i, j) * at(b, j), 0),
      0,
    );
  type Pair = readonly [readonly number[], readonly number[]];
  const points: Point<Pair>[] = vectors.flatMap((a) =>
    vectors.map((b) => ({
      input: [a.values, b.values] as const,
      weight: a.weight * b.weight,
      target: score(a.values, b.values),
    })),
  );
  const key = (values: readonly number[]): string => values.map(rounded).join(" ");
  const places = (place: number) => (pair: Pair) => key(pair.map((vector) => at(vector, place)));

  test("has additive and diagonal models as backfitting finds them", () => {
    const additive = lowestOfSum(
      points,
      ([a]) => key(a),
      ([, b]) => key(b),
    );
    expect(above(bilinear, "additive")).toBeCloseTo(additive, 5);
    expect(above(bilinear, "diagonal")).toBeCloseTo(lowestOfSum(points, places(0), places(1)), 5);
  });

  test("has symmetric models and those of differences as enumeration finds them", () => {
    const unordered = ([a, b]: Pair): string => [key(a), key(b)].sort().join(" and ");
    expect(above(bilinear, "symmetric")).toBeCloseTo(lowestOfKey(points, unordered), 5);
    const difference = ([a, b]: Pair): string => key(a.map((value, i) => value - at(b, i)));
    expect(above(bilinear, "difference only")).toBeCloseTo(lowestOfKey(points, difference), 3);
  });

  test("has models of rank 1 as a search over directions finds them", () => {
    const angles = range(1000).map((i) => (Math.PI * i) / 1000);
    const direction = (angle: number): number[] => [Math.cos(angle), Math.sin(angle)];
    const square = score([1, 0], [1, 0]) ** 2 + entry(0, 1) ** 2 + entry(1, 0) ** 2 + entry(1, 1) ** 2;
    const found = angles.map((p) => Math.max(...angles.map((q) => score(direction(p), direction(q)) ** 2)));
    expect(above(bilinear, "rank 1")).toBeCloseTo(square - Math.max(...found), 4);
  });
});
