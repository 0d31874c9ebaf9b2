/** @file Indices as numbers, ranges that end at symbols, and powers of numbers. */
import { describe, expect, test } from "vitest";
import { complaint, output, outputs } from "./support.ts";

describe("an index as a number", () => {
  test("counts from 0 along the axis on which it stands", () => {
    const text = "P(x : [n]) -> y : [n]\n  y[i] = x[i] * i\n";
    expect(output(text, { x: [5, 5, 5] }, { n: 3 })).toEqual([0, 5, 10]);
  });
  test("runs as far as the declared axis on the left", () => {
    const text = "M(x : [n]) -> m : [n, n]\n  m[i,j] = where(j <= i, 1, 0)\n";
    expect(output(text, { x: [0, 0] }, { n: 2 })).toEqual([1, 0, 1, 1]);
  });
  test("is summed with what it indexes", () => {
    const text = "S(x : [n]) -> y : []\n  y = \\sum_{k=0}^{n-1} (k + 1) x[k]\n";
    expect(output(text, { x: [1, 10, 100] }, { n: 3 })).toEqual([321]);
  });
  test("becomes real beside real numbers", () => {
    const text = "F(x : [n]) -> y : [n]\n  y[i] = x[i] + i / 2\n";
    expect(output(text, { x: [0, 0] }, { n: 2 })).toEqual([0, 0.5]);
  });
  test("range is all of them", () => {
    const text = "R(x : [n]) -> y : [n]\n  y = x + range(n)\n";
    expect(output(text, { x: [1, 1, 1] }, { n: 3 })).toEqual([1, 2, 3]);
  });
  test("a size of the same name stays the size, unless the index runs over something else", () => {
    const text = "D(q : [n, d], k : [n, d]) -> s : [n]\n  s[i] = sum_d q[i,d] k[i,d] / sqrt(d)\n";
    expect(output(text, { q: [1, 1, 1, 1], k: [1, 2, 3, 4] }, { n: 1, d: 4 })).toEqual([5]);
    const other = "D(q : [n, m], w : [d]) -> s : [n]\n  s[i] = sum_d q[i,d] / sqrt(d)\n";
    expect(complaint(other).code).toBe("A3010");
  });
});

describe("ranges", () => {
  const shifted = "S(x : [T, 2]) -> y : [T - 1, 2], z : [2]\n  y = x[1:T] - x[:-1]\n  z = x[T - 1]\n";
  test("end at sizes, and count from the end when negative", () => {
    const [y, z] = outputs(shifted, { x: [1, 2, 4, 8, 16, 32] }, { T: 3 });
    expect(y).toEqual([3, 6, 12, 24]);
    expect(z).toEqual([16, 32]);
  });
  test("halves and every second element of an even size", () => {
    const text =
      "H(x : [d]) -> a : [m], b : [m], c : [m]\n  a = x[0:d/2]\n  b = x[m:]\n  c = x[1:d:2]\nwhere d = 2 m\n";
    expect(outputs(text, { x: [1, 2, 3, 4] }, { m: 2 })).toEqual([
      [1, 2],
      [3, 4],
      [2, 4],
    ]);
  });
  test.each([
    ["y = x[0:n/2]", "A3017"],
    ["y = x[n:0]", "A3013"],
    ["y = x[0:n + 1]", "A3013"],
    ["y = x[n]", "A3016"],
  ])("%s is refused", (equation, code) => {
    expect(complaint(`R(x : [n]) -> y\n  ${equation}\n`).code).toBe(code);
  });
});

test("a power of a number is an exponential", () => {
  const text = "P(x : [n]) -> y : [n]\n  y = 2^x\n";
  const [one = 0, eight = 0] = output(text, { x: [0, 3] }, { n: 2 });
  expect(one).toBe(1);
  // exp(3 log 2) rounds three times.
  expect(Math.abs(eight - 8)).toBeLessThan(1e-14);
});
