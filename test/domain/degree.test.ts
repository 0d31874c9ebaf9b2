/** @file Degrees of rational functions bound those of the expressions that they stand for. */
import { describe, expect, test } from "vitest";
import { range } from "../../src/base/assert.ts";
import { type Degrees, degrees, variables } from "../../src/domain/degree.ts";

const ones = (length: number): Degrees => degrees.fromIntegers(new Float64Array(length));
const bounds = ({ over, under }: Degrees): readonly [number, number] => [over, under];
const repeat = (x: Degrees, index: number, length: number): Degrees =>
  degrees.gather(x, new Int32Array(length).fill(index));

describe("degrees of", () => {
  const [x, y] = [variables(3), variables(3)];
  test("polynomials", () => {
    expect(bounds(degrees.mul(degrees.add(x, y), x))).toEqual([2, 0]);
    expect(bounds(degrees.matmul(x, y, { batch: 1, rows: 1, inner: 3, columns: 1 }))).toEqual([2, 0]);
  });
  test("fractions", () => {
    expect(bounds(degrees.div(x, y))).toEqual([1, 1]);
    expect(bounds(degrees.add(degrees.div(x, y), x))).toEqual([2, 1]);
  });
  test("a sum of fractions with different denominators: 1/x + 1/y + 1/z is of degree 2 over 3", () => {
    expect(bounds(degrees.sumRows(degrees.div(ones(3), x), 1, 3))).toEqual([2, 3]);
  });
  test("a sum of fractions with one denominator keeps it, however long it is", () => {
    const weights = degrees.div(variables(100), repeat(variables(1), 0, 100));
    expect(bounds(degrees.sumRows(weights, 1, 100))).toEqual([1, 1]);
  });
  test("layers of such sums grow by steps and not by factors", () => {
    const layer = (h: Degrees): Degrees => {
      const scaled = degrees.div(h, repeat(variables(1), 0, 8));
      return degrees.matmul(variables(64), scaled, { batch: 1, rows: 8, inner: 8, columns: 1 });
    };
    const deep = range(20).reduce((h) => layer(h), variables(8));
    // Each layer divides by one more variable and multiplies by one.
    expect(bounds(deep)).toEqual([21, 20]);
  });
});
