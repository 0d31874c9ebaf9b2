/** @file The bounds of a linear map and of what normalising layers keep, found again by search and enumeration. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import { leastSquaresOptimum } from "../../../src/toys/convex.ts";
import type { Predictor } from "../../../src/toys/problem.ts";
import { rankLadder } from "../../../src/toys/problems/rank-ladder.ts";
import { scaleBlind } from "../../../src/toys/problems/scale-blind.ts";
import { above, lowestOfKey, oracle, type Point, rounded, rungOf, said } from "./bounds.ts";

describe("rank-ladder", () => {
  const unit = (place: number): number[] => range(4).map((i) => Number(i === place));
  const columns = (predictor: Predictor): number[][] => range(4).map((j) => said(predictor, { x: unit(j) }));
  const map = columns(oracle(rankLadder));
  const inner = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * at(b, i), 0);

  test("has the losses of the reference", () => {
    for (const [rank, loss] of [10, 6, 3, 1].entries()) {
      expect(above(rankLadder, `rank ${rank}`)).toBeCloseTo(loss, 9);
    }
  });

  /** Power iteration on A Aᵀ, from columns of A; what is found is taken away. */
  test("has the singular values that power iteration finds", () => {
    let left = map;
    for (const rank of range(4)) {
      const energy = left.reduce((sum, column) => sum + inner(column, column), 0);
      expect(above(rankLadder, `rank ${rank}`)).toBeCloseTo(energy, 9);
      let u = unit(rank);
      for (const _ of range(2000)) {
        const image = left.reduce<number[]>(
          (sum, column) => sum.map((value, i) => value + inner(u, column) * at(column, i)),
          [0, 0, 0, 0],
        );
        const length = Math.sqrt(inner(image, image));
        u = image.map((value) => value / length);
      }
      left = left.map((column) => column.map((value, i) => value - inner(u, column) * at(u, i)));
    }
    expect(left.flat().every((value) => Math.abs(value) < 1e-6)).toBe(true);
  });

  test("has models of lower rank as alternating least squares finds them", () => {
    const start = random(3);
    for (const rank of [1, 2, 3]) {
      // A ≈ B C: with B fixed, every column of A is fitted by least squares, and with C fixed every row.
      let basis = range(rank).map(() => range(4).map(() => start.normal()));
      let loss = Infinity;
      let targets = map;
      for (const _ of range(400)) {
        const fits = targets.map((column) =>
          leastSquaresOptimum(
            column.map((target, i) => ({ features: basis.map((b) => at(b, i)), weight: 1, target })),
            0,
          ),
        );
        loss = fits.reduce((sum, fit) => sum + fit.loss, 0);
        basis = range(rank).map((k) => fits.map(({ parameters }) => at(parameters, k)));
        targets = range(4).map((i) => targets.map((column) => at(column, i)));
      }
      expect(above(rankLadder, `rank ${rank}`)).toBeCloseTo(loss, 6);
    }
  });

  test("has a diagonal model that misses all other weights", () => {
    const lost = map.flatMap((column, j) => column.filter((_, i) => i !== j));
    expect(above(rankLadder, "diagonal")).toBeCloseTo(inner(lost, lost), 12);
    expect(columns(at(rungOf(rankLadder, "diagonal").predictors, 0))).toEqual(
      map.map((column, j) => column.map((value, i) => (i === j ? value : 0))),
    );
  });
});

describe("scale-blind", () => {
  // Six directions with the second moments of all, and four more that are alike in no coordinate.
  const six = range(16)
    .map((code) => range(4).map((bit) => ((code >> bit) & 1 ? 1 : -1)))
    .filter((signs) => signs.reduce((sum, sign) => sum + sign, 0) === 0);
  const four = range(4).map((place) => range(4).map((i) => (i === place ? Math.sqrt(3) : -1 / Math.sqrt(3))));
  const shapes = [...six, ...four, ...four.map((q) => q.map((value) => -value))];
  const points = shapes.flatMap((q) =>
    [1, 2.5].flatMap((scale) =>
      [-1, 1].map((offset) => ({
        input: q.map((value) => scale * (offset + value)),
        weight: 1 / (4 * shapes.length),
        targets: { scale, offset },
      })),
    ),
  );
  const of = (target: "scale" | "offset"): Point<number[]>[] =>
    points.map(({ targets, ...point }) => ({ ...point, target: targets[target] }));
  const mean = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0) / x.length;
  const length = (x: readonly number[]): number => Math.sqrt(mean(x.map((value) => value ** 2)));
  const centred = (x: readonly number[]): number[] => x.map((value) => value - mean(x));
  const scaled = (x: readonly number[]): number[] => x.map((value) => value / length(x));

  test.each([
    ["scale lost", scaled],
    ["offset lost", centred],
    ["layer-normalised", (x: readonly number[]) => scaled(centred(x))],
  ] as const)("has %s as enumeration finds it", (name, layer) => {
    const keyOf = (x: readonly number[]): string => layer(x).map(rounded).join(" ");
    const loss = lowestOfKey(of("scale"), keyOf) + lowestOfKey(of("offset"), keyOf);
    expect(above(scaleBlind, name)).toBeCloseTo(loss, 12);
  });

  test("has affine models as least squares finds them", () => {
    const losses = (["scale", "offset"] as const).map(
      (target) =>
        leastSquaresOptimum(
          of(target).map(({ input, ...point }) => ({ ...point, features: [...input, 1] })),
          0,
        ).loss,
    );
    expect(above(scaleBlind, "affine")).toBeCloseTo(at(losses, 0) + at(losses, 1), 12);
  });

  test("is solved by its oracle on every point", () => {
    for (const { input, targets } of points) {
      const [scale, offset] = said(oracle(scaleBlind), { x: input });
      expect(scale).toBeCloseTo(targets.scale, 6);
      expect(offset).toBe(targets.offset);
    }
  });
});
