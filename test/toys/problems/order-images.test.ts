/** @file The bounds of image problems: from all images, from what a convolution is seen to reach, and by descent. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { crossEntropy } from "../../../src/toys/convex.ts";
import { rowOrColumn } from "../../../src/toys/problems/row-or-column.ts";
import { shiftedImage } from "../../../src/toys/problems/shifted-image.ts";
import { rungOf } from "./laws.ts";
import { bag, type Case, lowestLoss, sequences } from "./order.ts";

const digits = 12;
const noise = 0.1;
const lossOf = (cases: Iterable<Case>): number => lowestLoss(cases, 2, noise);

type Image = readonly (readonly number[])[];

describe("of a row or a column", () => {
  const size = 8;
  const all = [0, 1].flatMap((right) =>
    range(size).map((lit) => ({
      right,
      image: range(size).map((row) => range(size).map((column) => Number((right ? row : column) === lit))),
    })),
  );
  const seen = (view: (image: Image) => string): number =>
    lossOf(all.map(({ right, image }) => ({ chance: 1 / all.length, seen: view(image), right })));
  const turned = (image: Image): Image => range(size).map((row) => image.map((other) => at(other, row)));
  const middle = (image: Image): Image => image.slice(2, 6).map((row) => row.slice(2, 6));

  test("the levels are entropies given what is seen", () => {
    expect(rowOrColumn.best.loss).toBeCloseTo(seen(String), digits);
    const loss = (name: string): number => rungOf(rowOrColumn, name).loss;
    expect(loss("input not read")).toBeCloseTo(
      seen(() => ""),
      digits,
    );
    expect(loss("pixel positions lost")).toBeCloseTo(
      seen((image) => bag(image.flat())),
      digits,
    );
    expect(loss("transposed at random")).toBeCloseTo(
      seen((image) => [String(image), String(turned(image))].toSorted().join(" or ")),
      digits,
    );
    expect(loss("middle only")).toBeCloseTo(
      seen((image) => String(middle(image))),
      digits,
    );
  });

  /** The expected loss of an affine logit, and its slope. */
  function affine(weights: readonly number[]): { readonly loss: number; readonly slope: readonly number[] } {
    const slope = weights.map(() => 0);
    let loss = 0;
    for (const { right, image } of all) {
      const features = [1, ...image.flat()];
      const logit = features.reduce((sum, value, i) => sum + value * at(weights, i), 0);
      const p = right === 1 ? 1 - noise / 2 : noise / 2;
      loss += crossEntropy(logit, p) / all.length;
      const error = (1 / (1 + Math.exp(-logit)) - p) / all.length;
      for (const [i, value] of features.entries()) slope[i] = at(slope, i) + error * value;
    }
    return { loss, slope };
  }

  test("no affine logit is below the affine rung, and descent comes to it", () => {
    const bound = rungOf(rowOrColumn, "affine").loss;
    const value = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: size ** 2 + 1, maxLength: size ** 2 + 1 }), (start) => {
        expect(affine(start).loss).toBeGreaterThanOrEqual(bound - 1e-12);
        let weights: readonly number[] = start;
        for (let step = 0; step < 400; step++) {
          const { slope } = affine(weights);
          weights = weights.map((weight, i) => weight - at(slope, i));
        }
        expect(affine(weights).loss).toBeCloseTo(bound, 3);
      }),
      { numRuns: 5 },
    );
  });
});

describe("of a shifted image", () => {
  const [height, width, shift] = [6, 4, 2];
  const loss = (name: string): number => rungOf(shiftedImage, name).loss;
  const known = lossOf([0, 1].map((right) => ({ chance: 1 / 2, seen: String(right), right })));
  const open = lossOf([0, 1].map((right) => ({ chance: 1 / 2, seen: "", right })));

  /** The loss where an answer is known if its pixel is among those that a kernel at its place covers, and else open. */
  function reached(
    offsets: { readonly rows: readonly number[]; readonly columns: readonly number[] },
    wraps = true,
  ) {
    let sum = 0;
    for (const row of range(height))
      for (const column of range(width)) {
        const source = `${(row - shift + height) % height} ${column}`;
        const covered = offsets.rows.flatMap((down) =>
          offsets.columns.map((right) => {
            const [y, x] = [row + down, column + right];
            return wraps ? `${(y + height) % height} ${(x + width) % width}` : `${y} ${x}`;
          }),
        );
        sum += (covered.includes(source) ? known : open) / (height * width);
      }
    return sum;
  }

  test("kernels reach what their rungs say", () => {
    const around = [-1, 0, 1];
    expect(shiftedImage.best.loss).toBeCloseTo(reached({ rows: [-2, -1, 0, 1, 2], columns: [0] }), digits);
    expect(loss("input not read")).toBeCloseTo(reached({ rows: [], columns: [] }), digits);
    expect(loss("own row only")).toBeCloseTo(reached({ rows: [0], columns: [-2, -1, 0, 1, 2] }), digits);
    expect(loss("next rows only")).toBeCloseTo(reached({ rows: around, columns: around }), digits);
    expect(loss("rows below only")).toBeCloseTo(reached({ rows: [0, 1, 2], columns: around }), digits);
    expect(loss("edge closed")).toBeCloseTo(
      reached({ rows: [-2, -1, 0, 1, 2], columns: [0] }, false),
      digits,
    );
  });

  test("every second pixel and blocks leave the entropies of their rungs", () => {
    const block = [...sequences(4, 2)];
    const seenOfBlock = (view: (pixels: readonly number[]) => string): number =>
      lossOf(
        block.flatMap((pixels) =>
          pixels.map((right, place) => ({
            chance: 1 / (4 * block.length),
            seen: view(pixels).replace("place", String(place)),
            right,
          })),
        ),
      );
    expect(loss("averaged in blocks")).toBeCloseTo(
      seenOfBlock((pixels) => `place ${pixels.reduce((sum, pixel) => sum + pixel, 0)}`),
      digits,
    );
    expect(loss("every second pixel")).toBeCloseTo(
      seenOfBlock(([corner]) => `place ${corner}`),
      digits,
    );
  });
});
