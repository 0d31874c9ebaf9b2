/** @file The bounds of sparse parity and modular addition, by enumeration and by minimisation over the classes. */
import { describe, expect, test } from "vitest";
import { at, range, zip } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import { logisticOptimum } from "../../../src/toys/convex.ts";
import { modularAddition } from "../../../src/toys/problems/modular-addition.ts";
import { predictsFrom } from "../../../src/toys/problems/parts.ts";
import { sparseParity } from "../../../src/toys/problems/sparse-parity.ts";
import { named, row } from "../../../src/toys/tensor.ts";
import { conditionalEntropy, confirmed, type Outcome, rungOf } from "./laws.ts";

describe("sparse parity", () => {
  const signs = range(2 ** 12).map((code) => range(12).map((bit) => ((code >> bit) % 2 === 0 ? -1 : 1)));
  const product = (x: readonly number[]): number => at(x, 0) * at(x, 6) * at(x, 11);
  const outcomes = (seen: (x: readonly number[]) => readonly number[]): Outcome[] =>
    signs.flatMap((x) =>
      [0.95, 0.05].map((chance, flipped) => ({
        chance: chance / 2 ** 12,
        seen: seen(x).join(),
        label: product(x) > 0 ? 1 - flipped : flipped,
      })),
    );

  test("has the losses of what is seen", () => {
    expect(conditionalEntropy(outcomes((x) => x))).toBeCloseTo(sparseParity.best.loss, 12);
    const lost = rungOf(sparseParity, "a bit not read").loss;
    for (const bit of [0, 6, 11]) {
      expect(conditionalEntropy(outcomes((x) => x.filter((_, i) => i !== bit)))).toBeCloseTo(lost, 12);
    }
    // The other bits are no loss.
    expect(conditionalEntropy(outcomes((x) => [at(x, 0), at(x, 6), at(x, 11)]))).toBeCloseTo(
      sparseParity.best.loss,
      12,
    );
  });

  test("leaves affine logits what minimisation finds", () => {
    const points = signs.map((x) => ({
      features: [...x, 1],
      weight: 2 ** -12,
      target: product(x) > 0 ? 0.95 : 0.05,
    }));
    const source = random(2);
    const { loss, parameters } = logisticOptimum(
      points,
      range(13).map(() => source.normal() / 4),
    );
    expect(loss).toBeCloseTo(rungOf(sparseParity, "affine").loss, 12);
    expect(Math.max(...parameters.map(Math.abs))).toBeLessThan(1e-6);
  });

  test("draws labels that follow the product", () => {
    const rows = 4096;
    const { inputs, targets } = sparseParity.draw(rows, random(4));
    const flipped = range(rows).filter((index) => {
      const x = Array.from(row(named(inputs, "x"), index));
      return product(x) > 0 !== (named(targets, "label").data[index] === 1);
    });
    // Five standard errors: sqrt(0.05 · 0.95 / 4096).
    expect(Math.abs(flipped.length / rows - 0.05)).toBeLessThan(0.017);
  });

  test.each([
    ["all three bits", product, []],
    ["the first two", (x: readonly number[]) => at(x, 0) * at(x, 6), ["a bit not read"]],
    [
      "a sum of all",
      (x: readonly number[]) => x.reduce((sum, value, i) => sum + i * value, 1),
      ["affine", "a bit not read"],
    ],
  ])("has probes that know models of %s", (_, logit, expected) => {
    const model = predictsFrom("x", "label", [], (x) => [logit(x)]);
    expect(confirmed(sparseParity, model)).toEqual(expected);
  });
});

describe("modular addition", () => {
  const pairs = range(49).map((code) => [Math.floor(code / 7), code % 7] as const);
  const outcomes = (seen: (a: number, b: number) => string): Outcome[] =>
    pairs.flatMap(([a, b]) =>
      range(7).map((moved) => ({
        chance: (moved === 0 ? 0.98 : 0.02 / 6) / 49,
        seen: seen(a, b),
        label: (a + b + moved) % 7,
      })),
    );

  test("has the losses of what is seen", () => {
    expect(conditionalEntropy(outcomes((a, b) => `${a} ${b}`))).toBeCloseTo(modularAddition.best.loss, 12);
    expect(conditionalEntropy(outcomes((a) => `${a}`))).toBeCloseTo(
      rungOf(modularAddition, "second operand not read").loss,
      12,
    );
    expect(conditionalEntropy(outcomes((_, b) => `${b}`))).toBeCloseTo(
      rungOf(modularAddition, "first operand not read").loss,
      12,
    );
  });

  test("leaves sums of logits what descent finds", () => {
    const floor = rungOf(modularAddition, "additive").loss;
    const source = random(3);
    const parts = range(2).map(() => range(7).map(() => range(7).map(() => source.normal())));
    let loss = 0;
    for (let step = 0; step < 2000; step++) {
      loss = 0;
      const slopes = pairs.map(([a, b]) => {
        const logits = zip(at(at(parts, 0), a), at(at(parts, 1), b)).map(([f, g]) => f + g);
        const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
        return logits.map((logit, label) => {
          const law = label === (a + b) % 7 ? 0.98 : 0.02 / 6;
          loss += (law * (Math.log(sum) - logit)) / 49;
          return Math.exp(logit) / sum - law;
        });
      });
      expect(loss).toBeGreaterThan(floor - 1e-12);
      for (const [index, pair] of pairs.entries()) {
        for (const [k, operand] of pair.entries()) {
          const own = at(at(parts, k), operand);
          for (const label of range(7)) own[label] = at(own, label) - at(at(slopes, index), label) / 7;
        }
      }
    }
    expect(loss).toBeCloseTo(floor, 9);
  });

  test("has the losses of confined logits written out", () => {
    // One logit of 1 and six of 0, or six of −1; the label is the first in 98 of 100.
    expect(rungOf(modularAddition, "softmax twice").loss).toBeCloseTo(Math.log(Math.E + 6) - 0.98, 12);
    expect(rungOf(modularAddition, "tanh on the logits").loss).toBeCloseTo(
      Math.log(Math.E + 6 / Math.E) - 0.98 + 0.02,
      12,
    );
  });

  test.each([
    ["the sum", (a: number, b: number, label: number) => Number((a + b) % 7 === label), []],
    [
      "sums of what either operand says",
      (a: number, b: number, label: number) => Math.sin(a * label) + Math.cos(b + 2 * label),
      ["additive"],
    ],
    [
      "the first operand",
      (a: number, _: number, label: number) => Math.sin(a * label),
      ["additive", "second operand not read"],
    ],
    [
      "products",
      (a: number, b: number, label: number) => Math.sin(a * label) * Math.cos(b + 2 * label) - 2,
      [],
    ],
  ])("has probes that know models of %s", (_, logit, expected) => {
    const model = predictsFrom("pair", "label", [7], ([a = 0, b = 0]) =>
      range(7).map((label) => 2 * logit(a, b, label)),
    );
    expect(confirmed(modularAddition, model)).toEqual(expected);
  });
});
