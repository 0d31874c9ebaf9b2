/** @file The bounds of problems that only models which mix the rows of a batch can solve, outcome by outcome. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import { toleranceOf } from "../../../src/toys/ladder.ts";
import { losses } from "../../../src/toys/measure.ts";
import { batchSum } from "../../../src/toys/problems/batch-sum.ts";
import { contradictoryTwins } from "../../../src/toys/problems/contradictory-twins.ts";
import { fromWholeBatches, type Seen } from "../../../src/toys/problems/whole-batches.ts";
import { named, outputs, row } from "../../../src/toys/tensor.ts";
import { conditionalEntropy, confirmed, type Outcome, rungOf } from "./laws.ts";

const permutations = (items: readonly number[]): number[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((first) =>
        permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
      );

describe("contradictory twins", () => {
  /** All orders of four rows, of which the first two and the last two are twins, swapped with probability 0.02. */
  function outcomes(seen: (names: readonly number[], place: number) => string): Outcome[] {
    return permutations(range(4)).flatMap((order) => {
      const names = order.map((item) => Math.floor(item / 2));
      return range(4).flatMap((place) =>
        [0.98, 0.02].map((chance, swapped) => {
          const later = names.indexOf(at(names, place)) === place ? 0 : 1;
          return { chance: chance / 24 / 4, seen: seen(names, place), label: later === swapped ? 0 : 1 };
        }),
      );
    });
  }

  test("have the losses of what is seen", () => {
    const [number, earlier] = ["row number seen", "earlier rows seen"].map(
      (name) => rungOf(contradictoryTwins, name).loss,
    );
    expect(conditionalEntropy(outcomes(() => ""))).toBeCloseTo(contradictoryTwins.best.loss, 12);
    expect(conditionalEntropy(outcomes((_, place) => `${place}`))).toBeCloseTo(number ?? 0, 12);
    // Names of inputs are arbitrary, so that only which rows are alike tells something.
    const patternBefore = (names: readonly number[], place: number): string =>
      names
        .slice(0, place + 1)
        .map((name) => names.indexOf(name))
        .join();
    const pattern = (names: readonly number[], place: number): string =>
      `${names.map((name) => names.indexOf(name)).join()} ${place}`;
    expect(conditionalEntropy(outcomes(patternBefore))).toBeCloseTo(earlier ?? 0, 12);
    expect(conditionalEntropy(outcomes(pattern))).toBeCloseTo(earlier ?? 0, 12);
  });

  test("cost what reads its own row at least log 2 on every batch", () => {
    for (const seed of range(20)) {
      const source = random(seed);
      const batch = contradictoryTwins.draw(4, source);
      const weights = range(12).map(() => 3 * source.normal());
      const x = named(batch.inputs, "x");
      const logits = range(4).map((index) =>
        Array.from(row(x, index)).reduce((sum, value, i) => sum + value * at(weights, i), 0),
      );
      const label = outputs([4], logits);
      const mean = losses(contradictoryTwins, batch, { label }).reduce((sum, loss) => sum + loss / 4, 0);
      expect(mean).toBeGreaterThan(Math.log(2));
    }
  });

  test("come in whole batches", () => {
    expect(() => contradictoryTwins.draw(6, random(1))).toThrow("batches");
  });
});

describe("batch sum", () => {
  /** All signs of six rows, seen from the first, whose label is flipped with probability 0.01. */
  const outcomes = (seen: (signs: readonly number[]) => string): Outcome[] =>
    range(2 ** 6).flatMap((code) => {
      const signs = range(6).map((bit) => ((code >> bit) % 2 === 0 ? -1 : 1));
      const others = signs.slice(1).reduce((sum, sign) => sum + sign, 0);
      return [0.99, 0.01].map((chance, flipped) => ({
        chance: chance / 2 ** 6,
        seen: seen(signs),
        label: others > 0 ? 1 - flipped : flipped,
      }));
    });
  const sum = (signs: readonly number[]): number => signs.reduce((total, sign) => total + sign, 0);
  const whole = rungOf(batchSum, "other rows seen");

  test("has the losses of what is seen", () => {
    expect(conditionalEntropy(outcomes(([own]) => `${own}`))).toBeCloseTo(batchSum.best.loss, 12);
    expect(conditionalEntropy(outcomes((signs) => signs.join()))).toBeCloseTo(whole.loss, 12);
    expect(conditionalEntropy(outcomes((signs) => `${sum(signs)}`))).toBeCloseTo(
      rungOf(batchSum, "batch instead of row").loss,
      12,
    );
  });

  test("is told by the normalisation of the batch, but for equal signs", () => {
    const normalised = outcomes((signs) => {
      const mean = sum(signs) / 6;
      const deviation = Math.sqrt(1 - mean ** 2);
      return deviation < 1e-9 ? "0" : ((at(signs, 0) - mean) / deviation).toFixed(6);
    });
    const loss = conditionalEntropy(normalised);
    expect(loss).toBeCloseTo((1 - 2 / 64) * whole.loss + (2 / 64) * Math.log(2), 12);
    expect(loss - whole.loss).toBeLessThan(toleranceOf(batchSum, whole));
  });

  test("comes in whole batches", () => {
    expect(() => batchSum.draw(8, random(1))).toThrow("batches");
  });
});

describe("probes", () => {
  const only = (values: readonly number[]): number => at(values, 0);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value / values.length, 0);
  const models: readonly (readonly [string, (seen: Seen) => number, readonly string[]])[] = [
    ["that read their own row", ({ batch, place }) => only(at(batch, place)), []],
    ["that are constant", () => 1, []],
    ["that count rows", ({ place }) => place, ["row number seen"]],
    [
      "that read the row before",
      ({ batch, place }) => only(at(batch, Math.max(0, place - 1))),
      ["earlier rows seen", "other rows seen"],
    ],
    [
      "that add all rows up to theirs",
      ({ batch, place }) => mean(batch.slice(0, place + 1).map(only)),
      ["earlier rows seen", "other rows seen"],
    ],
    [
      "that normalise by the batch's mean",
      ({ batch, place }) => only(at(batch, place)) - mean(batch.map(only)),
      ["other rows seen"],
    ],
    [
      "that read the batch's mean",
      ({ batch }) => mean(batch.map(only)),
      ["other rows seen", "batch instead of row"],
    ],
  ];

  test.each(models)("know models %s", (_, logit, expected) => {
    const found = [contradictoryTwins, batchSum].flatMap((problem) =>
      confirmed(problem, fromWholeBatches(problem.batch, "x", "label", logit)),
    );
    expect(found).toEqual(expected);
  });
});
