/** @file Seeded random numbers: the published sequence, uniformity, and independence of forks. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { hashText, random } from "../../src/base/random.ts";

const { sfc32 } = JSON.parse(readFileSync(new URL("../reference/numbers.json", import.meta.url), "utf8")) as {
  readonly sfc32: readonly { seed: number; values: number[] }[];
};

test("the sequence of sfc32, so that a seed in an old result still means the same", () => {
  for (const { seed, values } of sfc32) {
    const source = random(seed);
    expect(values.map(() => source.uint32())).toEqual(values);
  }
  expect(sfc32.length).toBe(5);
});

test("FNV-1a's published values", () => {
  // From the test suite of its authors (Fowler, Noll, Vo).
  expect(["", "a", "foobar"].map(hashText)).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
});

describe("distribution", () => {
  const count = 100_000;
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

  test("uniform numbers fill [0, 1) evenly", () => {
    const source = random(7);
    const values = range(count).map(() => source.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    // Five deviations of the mean, 5·√(1/12/n).
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / count));
    const cells = new Float64Array(100);
    for (const value of values) cells[Math.floor(value * 100)] = 1 + at(cells, Math.floor(value * 100));
    const chiSquare = cells.reduce((sum, n) => sum + (n - count / 100) ** 2 / (count / 100), 0);
    // 99 degrees of freedom: mean 99, deviation 14; five deviations either way.
    expect(Math.abs(chiSquare - 99)).toBeLessThan(70);
  });

  test("integers below a bound take every value, and none beyond", () => {
    const source = random(8);
    expect(new Set(range(1000).map(() => source.below(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(source.below(1)).toBe(0);
  });

  test("normal numbers have mean 0 and variance 1", () => {
    const source = random(9);
    const values = range(count).map(() => source.normal());
    expect(values.every(Number.isFinite)).toBe(true);
    expect(Math.abs(mean(values))).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(mean(values.map((value) => value ** 2)) - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
  });
});

describe("forks", () => {
  const start = (source: ReturnType<typeof random>): number[] => range(4).map(() => source.uint32());

  test("depend on seed and label, not on what was drawn before", () => {
    const source = random(1);
    const before = start(source.fork("x"));
    source.uint32();
    expect(start(source.fork("x"))).toEqual(before);
    expect(start(random(2).fork("x"))).not.toEqual(before);
    expect(start(source.fork("y"))).not.toEqual(before);
    expect(start(random(1))).not.toEqual(before);
  });

  test("are uncorrelated with each other and with their source", () => {
    const [source, x, y] = [random(5), random(5).fork("x"), random(5).fork("y")];
    const n = 20_000;
    const draws = range(n).map(() => [source.uniform() - 0.5, x.uniform() - 0.5, y.uniform() - 0.5]);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const correlation = (12 * draws.reduce((sum, row) => sum + at(row, i) * at(row, j), 0)) / n;
      expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(n));
    }
  });

  test("seeds that differ in one bit give unrelated streams", () => {
    const firsts = range(53).map((bit) => random(2 ** bit).uint32());
    expect(new Set(firsts).size).toBe(53);
  });
});
