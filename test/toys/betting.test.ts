/** @file Tests by betting hold what they promise, and see what they should. */
import { expect, test } from "vitest";
import { range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { meanIsAbove, meanIsBelow, type Observations, upperBound } from "../../src/toys/betting.ts";

/** Observations of 1 with a chance, else 0: the law on [0, 1] of which a mean is hardest to tell. */
function coins(chance: number, count: number, seed: number): Observations {
  const source = random(seed);
  return { values: range(count).map(() => Number(source.uniform() < chance)), low: 0, high: 1 };
}

const runs = range(400);

test("a mean at the limit is seldom called below or above it", () => {
  const alpha = 0.05;
  const wrong = (test: (observed: Observations) => boolean): number =>
    runs.filter((seed) => test(coins(0.1, 500, seed))).length;
  // 400 runs at a risk of 0.05 give more than 33 errors with a chance below 0.003.
  expect(wrong((observed) => meanIsBelow(observed, 0.1, alpha))).toBeLessThan(34);
  expect(wrong((observed) => meanIsAbove(observed, 0.1, alpha))).toBeLessThan(34);
  expect(wrong((observed) => upperBound(observed, alpha) < 0.1)).toBeLessThan(34);
});

test("a mean that is clearly off is seen in nearly every run", () => {
  const seen = (test: (observed: Observations) => boolean, chance: number): number =>
    runs.filter((seed) => test(coins(chance, 500, seed))).length;
  expect(seen((observed) => meanIsBelow(observed, 0.2, 0.001), 0.05)).toBeGreaterThan(390);
  expect(seen((observed) => meanIsAbove(observed, 0.2, 0.001), 0.4)).toBeGreaterThan(390);
});

test("observations of nothing show a bound near b log(1/α) / n, which no test betters", () => {
  const observed = { values: new Float64Array(10_000), low: 0, high: 1 };
  const least = Math.log(1000) / 10_000;
  const bound = upperBound(observed, 0.001);
  expect(bound).toBeGreaterThan(least);
  expect(bound).toBeLessThan(1.5 * least);
});

test("bounds grow with the observations and shrink with their number", () => {
  const average = (chance: number, count: number): number =>
    range(20).reduce((sum, seed) => sum + upperBound(coins(chance, count, seed), 0.01) / 20, 0);
  const low = average(0.1, 1000);
  expect(average(0.3, 1000)).toBeGreaterThan(low);
  expect(average(0.1, 4000)).toBeLessThan(low);
});

test("what leaves its bounds is refused", () => {
  expect(() => meanIsBelow({ values: [2], low: 0, high: 1 }, 0.5, 0.1)).toThrow("bounds");
});
