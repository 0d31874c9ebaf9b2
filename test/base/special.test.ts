/** @file The error function against C's, by Python's math.erf (test/reference/numbers.json). */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { erf } from "../../src/base/special.ts";

const { erf: grid } = JSON.parse(
  readFileSync(new URL("../reference/numbers.json", import.meta.url), "utf8"),
) as { readonly erf: readonly (readonly [number, number])[] };

test("on a grid of 801 points within 10⁻¹⁵ of its size", () => {
  // Four units in the last place: the series and e^(−x²) round in each step.
  const errors = grid.map(
    ([x, expected]) => Math.abs(erf(x) - expected) / Math.max(Math.abs(expected), 2 ** -1022),
  );
  expect(grid.length).toBe(801);
  expect(Math.max(...errors)).toBeLessThan(1e-15);
});

test("at its ends", () => {
  expect([
    erf(0),
    erf(-0),
    erf(Number.POSITIVE_INFINITY),
    erf(Number.NEGATIVE_INFINITY),
    erf(Number.NaN),
  ]).toEqual([0, -0, 1, -1, Number.NaN]);
  expect(erf(1e-300)).toBe(1.1283791670955126e-300);
});
