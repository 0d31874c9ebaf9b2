/** @file The bounds of sets, experts and pairs: by integration on a grid, by least squares and by logistic regression. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { leastSquaresOptimum, logisticOptimum } from "../../../src/toys/convex.ts";
import { experts, mixtureOfExperts } from "../../../src/toys/problems/experts.ts";
import {
  bestLine,
  errorOfConstant,
  errorOfCount,
  errorOfOne,
  errorOfRanks,
  givenEmpty,
  givenOne,
  type Sizes,
} from "../../../src/toys/problems/largest.ts";
import { pairMatching } from "../../../src/toys/problems/pair-matching.ts";
import { setMaximum } from "../../../src/toys/problems/set-maximum.ts";
import { rungOf } from "./laws.ts";
import { lowestLoss, sequences } from "./order.ts";

describe("the largest of a set", () => {
  const cells = 30;

  /** All values of three slots on a grid, with all masks of sizes that may be. */
  function* sets({ slots, fewest }: Sizes): Generator<{
    readonly chance: number;
    readonly values: readonly number[];
    readonly held: readonly number[];
    readonly largest: number;
    readonly mean: number;
  }> {
    const masks = [...sequences(slots, 2)].map((held) => ({
      held,
      count: held.reduce((sum, h) => sum + h, 0),
    }));
    const fitting = masks.filter(({ count }) => count >= fewest);
    const alike = (count: number): number => fitting.filter((mask) => mask.count === count).length;
    for (const cell of sequences(slots, cells)) {
      const values = cell.map((c) => (c + 0.5) / cells);
      for (const { held, count } of fitting) {
        const own = values.filter((_, slot) => held[slot] === 1);
        yield {
          chance: 1 / cells ** slots / (slots - fewest + 1) / alike(count),
          values,
          held,
          largest: Math.max(...own),
          mean: own.reduce((sum, u) => sum + u, 0) / count,
        };
      }
    }
  }

  /** The lowest mean squared error of all functions of what is seen. */
  function errorGiven(
    sizes: Sizes,
    seen: (set: { values: readonly number[]; held: readonly number[] }) => string,
  ) {
    const sums = new Map<string, { chance: number; first: number }>();
    let square = 0;
    for (const set of sets(sizes)) {
      const key = seen(set);
      const known = sums.get(key) ?? { chance: 0, first: 0 };
      sums.set(key, { chance: known.chance + set.chance, first: known.first + set.chance * set.largest });
      square += set.chance * set.largest ** 2;
    }
    return [...sums.values()].reduce((rest, { chance, first }) => rest - first ** 2 / chance, square);
  }

  // Midpoints of 30 cells are off by 1 / (12 · 30²) in a variance.
  const digits = 3;
  const cases: readonly Sizes[] = [
    { slots: 3, fewest: 1 },
    { slots: 3, fewest: 2 },
  ];

  test.each(cases)("$fewest to $slots elements leave the errors of the formulas", (sizes) => {
    expect(errorOfConstant(sizes)).toBeCloseTo(
      errorGiven(sizes, () => ""),
      digits,
    );
    expect(errorOfCount(sizes)).toBeCloseTo(
      errorGiven(sizes, ({ held }) => held.join()),
      digits,
    );
    expect(errorOfRanks(sizes)).toBeCloseTo(
      errorGiven(sizes, ({ values }) => values.join()),
      digits,
    );
    expect(errorOfOne(sizes)).toBeCloseTo(
      errorGiven(sizes, ({ values, held }) => `${held[0]} ${held[0] === 1 ? values[0] : ""}`),
      digits,
    );
  });

  test.each(cases)("the best line for $fewest to $slots elements is that of least squares", (sizes) => {
    // Sums of moments instead of a million points.
    let [mean, largest, square, product, squares] = [0, 0, 0, 0, 0];
    for (const set of sets(sizes)) {
      mean += set.chance * set.mean;
      largest += set.chance * set.largest;
      square += set.chance * set.mean ** 2;
      product += set.chance * set.mean * set.largest;
      squares += set.chance * set.largest ** 2;
    }
    const b = (product - mean * largest) / (square - mean ** 2);
    const line = bestLine(sizes);
    expect(line.b).toBeCloseTo(b, 2);
    expect(line.a).toBeCloseTo(largest - b * mean, 2);
    expect(line.error).toBeCloseTo(squares - largest ** 2 - b ** 2 * (square - mean ** 2), digits);
  });

  test("of a known size has the textbook's values", () => {
    for (const slots of [2, 4, 7]) {
      const sizes = { slots, fewest: slots };
      const variance = slots / ((slots + 1) ** 2 * (slots + 2));
      expect(errorOfConstant(sizes)).toBeCloseTo(variance, 12);
      expect(errorOfRanks(sizes)).toBeCloseTo(0, 12);
      expect(bestLine(sizes).error).toBeCloseTo((variance * (slots - 1)) / (slots + 2), 12);
    }
  });

  test("is foreseen by one slot without bias", () => {
    const sizes = { slots: 5, fewest: 2 };
    const held = (2 + 3 + 4 + 5) / 4 / 5;
    const mean = range(1000).reduce((sum, i) => sum + givenOne(sizes, (i + 0.5) / 1000) / 1000, 0);
    const expected = (2 / 3 + 3 / 4 + 4 / 5 + 5 / 6) / 4;
    expect(held * mean + (1 - held) * givenEmpty(sizes)).toBeCloseTo(expected, 6);
  });

  test("has losses of elements in [−1, 1] with noise", () => {
    const sizes = { slots: 5, fewest: 2 };
    for (const [name, error] of [
      ["constant", errorOfConstant(sizes)],
      ["elements not read", errorOfCount(sizes)],
      ["mask not read", errorOfRanks(sizes)],
      ["affine in the mean", bestLine(sizes).error],
      ["one slot only", errorOfOne(sizes)],
    ] as const)
      expect(rungOf(setMaximum, name).loss, name).toBeCloseTo(2 ** 2 * error + 0.1 ** 2, 12);
  });
});

describe("experts", () => {
  const noise = 0.3 ** 2;
  // Signs have the mean and the covariance of standard normal numbers, which is all that least squares asks for.
  const signs = [...sequences(2, 2)].map((bits) => bits.map((bit) => 2 * bit - 1));
  const points = signs.flatMap((x) =>
    experts.map(({ slopes, constant }, gate) => ({
      x,
      gate,
      target: constant + slopes.reduce((sum, slope, i) => sum + slope * at(x, i), 0),
    })),
  );
  const lowest = (features: (x: readonly number[], gate: number) => readonly number[]): number =>
    leastSquaresOptimum(
      points.map(({ x, gate, target }) => ({
        features: features(x, gate),
        weight: 1 / points.length,
        target,
      })),
      noise,
    ).loss;
  const flags = (gate: number, count: number): readonly number[] =>
    range(count).map((g) => Number(g === gate));
  /** An affine map for each of several groups of gates. */
  const grouped = (groups: readonly number[], count: number): number =>
    lowest((x, gate) =>
      flags(at(groups, gate), count).flatMap((flag) => [flag, ...x.map((value) => flag * value)]),
    );

  test("have the least squares of their rungs", () => {
    const loss = (name: string): number => rungOf(mixtureOfExperts, name).loss;
    expect(mixtureOfExperts.best.loss).toBeCloseTo(grouped([0, 1, 2], 3), 12);
    expect(loss("one expert")).toBeCloseTo(grouped([0, 0, 0], 1), 12);
    expect(loss("constant")).toBeCloseTo(
      lowest(() => [1]),
      12,
    );
    expect(loss("x not read")).toBeCloseTo(
      lowest((_, gate) => flags(gate, 3)),
      12,
    );
    expect(loss("additive")).toBeCloseTo(
      lowest((x, gate) => [...x, ...flags(gate, 3)]),
      12,
    );
    const pairs = [
      [0, 0, 1],
      [0, 1, 0],
      [0, 1, 1],
    ].map((groups) => grouped(groups, 2));
    expect(loss("gates alike")).toBeCloseTo(Math.min(...pairs), 12);
    const predictors = pairs.filter((pair) => pair < Math.min(...pairs) + 1e-9).length;
    expect(rungOf(mixtureOfExperts, "gates alike").predictors).toHaveLength(predictors);
  });
});

describe("pairs", () => {
  const classes = 6;
  const pairs = [...sequences(2, classes)].map(([a = 0, b = 0]) => ({
    a,
    b,
    right: Number(a === b),
    chance: 1 / 2 / (a === b ? classes : classes * (classes - 1)),
  }));
  const lossOf = (seen: (a: number, b: number) => string): number =>
    lowestLoss(
      pairs.map(({ a, b, right, chance }) => ({ chance, right, seen: seen(a, b) })),
      2,
      0.1,
    );
  const loss = (name: string): number => rungOf(pairMatching, name).loss;

  test("leave the entropies of their rungs", () => {
    expect(pairMatching.best.loss).toBeCloseTo(
      lossOf((a, b) => `${a} ${b}`),
      12,
    );
    expect(loss("input not read")).toBeCloseTo(
      lossOf(() => ""),
      12,
    );
    expect(loss("one token only")).toBeCloseTo(lossOf(String), 12);
    expect(loss("tokens share rows")).toBeCloseTo(
      lossOf((a, b) => `${a % 3} ${b % 3}`),
      12,
    );
  });

  test("have the additive bound that logistic regression finds", () => {
    // One class of each token is left out, since the constant stands for it.
    const flags = (token: number): readonly number[] => range(classes - 1).map((t) => Number(t === token));
    const found = logisticOptimum(
      pairs.map(({ a, b, right, chance }) => ({
        features: [1, ...flags(a), ...flags(b)],
        weight: chance,
        target: 0.05 + 0.9 * right,
      })),
      range(2 * classes - 1).map((i) => Math.sin(i)),
    );
    expect(loss("additive")).toBeCloseTo(found.loss, 12);
  });
});
