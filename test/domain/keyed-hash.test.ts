/** @file The keyed hash behaves like a random function: uniform, sensitive to every bit, and different for every key. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { KeyedHash } from "../../src/domain/keyed-hash.ts";

const m = 2137043999;
const inputs = 2 ** 16;
const hash = KeyedHash.of(1, "erf/p");
const values = (of: KeyedHash, modulus = m): number[] =>
  range(inputs).map((word) => of.residue(word, modulus));

/** Pairs of equal values that a random function of n inputs would have. */
const expectedCollisions = (n: number, size: number): number => (n * (n - 1)) / 2 / size;

describe("a random function", () => {
  test("collides no more than chance has it", () => {
    // 1.0 and 4.0 are expected; ten and twenty would happen once in 10⁷ runs.
    for (const [modulus, most] of [
      [m, 10],
      [(m - 1) / 2, 20],
    ] as const) {
      expect(expectedCollisions(inputs, modulus)).toBeLessThan(most / 5);
      expect(inputs - new Set(values(hash, modulus)).size).toBeLessThan(most);
    }
  });

  test("collides no more than chance has it on spread words, too", () => {
    const spread = range(inputs).map((word) => hash.residue((word * 32749) % m, m));
    expect(inputs - new Set(spread).size).toBeLessThan(10);
  });

  test("is uniform: χ² of 256 cells", () => {
    const cells = new Float64Array(256);
    for (const value of values(hash))
      cells[Math.floor((value / m) * 256)] = 1 + at(cells, Math.floor((value / m) * 256));
    const mean = inputs / 256;
    const chiSquare = cells.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0);
    // 255 degrees of freedom: mean 255, deviation 22.6; five deviations either way.
    expect(Math.abs(chiSquare - 255)).toBeLessThan(113);
  });

  test("stays in 1 … modulus − 1, and reaches all of it", () => {
    expect(new Set(values(hash, 7))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });

  test("changes half of the output's bits with each input bit", () => {
    const power = 2 ** 30;
    for (const bit of range(31)) {
      const flips = range(2000).map((word) => {
        const difference =
          hash.residue(word * 1009, power + 1) ^ hash.residue((word * 1009) ^ (1 << bit), power + 1);
        return range(30).filter((place) => (difference >>> place) & 1).length;
      });
      const mean = flips.reduce((a, b) => a + b) / flips.length;
      // 15 of 30, deviation of the mean √(30/4/2000) = 0.061; five deviations.
      expect(Math.abs(mean - 15)).toBeLessThan(0.31);
    }
  });
});

describe("other functions", () => {
  const agreeing = (other: KeyedHash): number => {
    const own = values(hash);
    return values(other).filter((value, i) => value === own[i]).length;
  };
  const prefix = Int32Array.of(5, 6, 7);

  test.each([
    ["another key", KeyedHash.of(2, "erf/p")],
    ["another tag", KeyedHash.of(1, "erf/q")],
    ["key and tag that run together", KeyedHash.of(11, "erf/p")],
    ["a prefix", hash.after(prefix)],
    ["a prefix of one zero", hash.after(Int32Array.of(0))],
  ])("%s", (_, other) => {
    // 65536/2³¹ agreements are expected; three would happen once in 10¹⁴ runs.
    expect(agreeing(other)).toBeLessThan(3);
  });

  test("a prefix counts in order and in full", () => {
    const prefixes = [prefix, Int32Array.of(6, 5, 7), Int32Array.of(5, 6), Int32Array.of(5, 6, 7, 0)];
    expect(new Set(prefixes.map((words) => hash.after(words).residue(1, m))).size).toBe(4);
    expect(hash.after(prefix).residue(1, m)).toBe(
      hash.after(Int32Array.of(5)).after(Int32Array.of(6, 7)).residue(1, m),
    );
  });

  test("long prefixes that differ in one word", () => {
    const long = new Int32Array(1000).map((_, i) => i);
    const results = range(1000).map((i) => hash.after(long.with(i, -1)).residue(0, m));
    expect(new Set([...results, hash.after(long).residue(0, m)]).size).toBe(1001);
  });
});
