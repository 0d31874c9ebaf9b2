/** @file The bounds of problems on one token or sign, outcome by outcome. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { type Random, random } from "../../../src/base/random.ts";
import { classImbalance } from "../../../src/toys/problems/class-imbalance.ts";
import { erasure } from "../../../src/toys/problems/erasure.ts";
import { lookupTable } from "../../../src/toys/problems/lookup-table.ts";
import { indices, named, outputs, type Tensors } from "../../../src/toys/tensor.ts";
import { conditionalEntropy, type Outcome, rungOf } from "./laws.ts";

describe("the lookup table", () => {
  const tokens = range(16);
  const said = at(
    lookupTable.best.predictors,
    0,
  )({
    rows: 16,
    inputs: { token: indices([16], tokens) },
    targets: {},
    hidden: {},
  });
  const bits = Array.from(named(said, "label").data, (logit) => Number(logit > 0));
  const outcomes = (seen: (token: number) => number): Outcome[] =>
    tokens.flatMap((token) =>
      [0.95, 0.05].map((chance, flipped) => ({
        chance: chance * (token < 2 ? 0.2 : 0.6 / 14),
        seen: `${seen(token)}`,
        label: flipped === 0 ? at(bits, token) : 1 - at(bits, token),
      })),
    );

  test("has the losses of what is seen", () => {
    expect(conditionalEntropy(outcomes((token) => token))).toBeCloseTo(lookupTable.best.loss, 12);
    for (const [name, seen] of [
      ["ids cut off at 10", (token: number) => (token > 10 ? 10 : token)],
      ["ids 0 and 1 are one", (token: number) => (token === 0 ? 1 : token)],
      ["constant", () => 0],
    ] as const) {
      expect(conditionalEntropy(outcomes(seen)), name).toBeCloseTo(rungOf(lookupTable, name).loss, 12);
    }
  });

  test("loses with a pinned token what a coin costs there", () => {
    const [pinned, free] = [0, 1].map((side) =>
      outcomes((token) => token).filter(({ seen }) => (seen === "0" ? 0 : 1) === side),
    );
    const coin = (pinned ?? []).reduce((sum, { chance }) => sum + chance * Math.log(2), 0);
    expect(conditionalEntropy(free ?? []) + coin).toBeCloseTo(
      rungOf(lookupTable, "token 0 is padding").loss,
      12,
    );
  });
});

describe("erasure", () => {
  test.each([
    [0, erasure.best.loss],
    [0.1, rungOf(erasure, "dropout left on").loss],
    [1, rungOf(erasure, "constant").loss],
  ])("at a rate of %d has the loss of what is left", (rate, loss) => {
    const outcomes = [-1, 1].flatMap((sign) =>
      [1 - rate, rate].flatMap((share, erased) =>
        [0.95, 0.05].map((chance, flipped) => ({
          chance: (share * chance) / 2,
          seen: erased === 1 ? "blank" : `${sign}`,
          label: sign > 0 ? 1 - flipped : flipped,
        })),
      ),
    );
    expect(conditionalEntropy(outcomes)).toBeCloseTo(loss, 12);
  });

  const { probe } = rungOf(erasure, "dropout left on");

  test("has a probe that knows answers which are drawn anew", () => {
    const [once, again] = [1, 2].map((k) => ({ label: indices([4], [0, k, 0, 2]) }));
    expect(probe?.confirms(once ?? {}, [again ?? {}])).toBe(true);
    expect(probe?.confirms(once ?? {}, [once ?? {}])).toBe(false);
  });

  const batch = erasure.draw(64, random(1));
  const signs = Array.from(named(batch.inputs, "x").data);
  const drawn = (answer: (sign: number, source: Random) => number): Tensors[] => {
    const source = random(2);
    return range(32).map(() => ({
      label: outputs(
        [64],
        signs.map((sign) => answer(sign, source)),
      ),
    }));
  };

  test.each([0.05, 0.1, 0.3, 0.5, 0.9])("measures that the input is dropped at a rate of %d", (rate) => {
    const said = probe?.measures?.(
      batch,
      drawn((sign, source) => 0.2 + (source.uniform() < rate ? 0 : (3 * sign) / (1 - rate))),
    );
    const [, middle, low, high] = /of ([\d.]+) \(([\d.]+) … ([\d.]+)\)/.exec(said ?? "") ?? [];
    expect(Math.abs(Number(middle) - rate)).toBeLessThan(0.05);
    expect(Number(low)).toBeLessThanOrEqual(rate);
    expect(Number(high)).toBeGreaterThanOrEqual(rate);
    expect(Number(high) - Number(low)).toBeLessThan(0.12);
  });

  test.each<[string, (sign: number, source: Random) => number]>([
    ["noise", (sign, source) => 3 * sign + source.normal()],
    ["two hidden units that are dropped", (sign, source) => sign * (source.below(2) + 2 * source.below(2))],
    ["signs that are turned", (sign, source) => sign * (2 * source.below(2) - 1)],
    ["one sign alone that is dropped", (sign, source) => (sign > 0 ? 3 * source.below(2) : -3)],
  ])("measures no rate of %s", (_, answer) => {
    expect(probe?.measures?.(batch, drawn(answer))).toBeUndefined();
  });
});

describe("class imbalance", () => {
  const frequencies = [0.8, 0.15, 0.05];
  const joint = (token: number, label: number): number =>
    at(frequencies, label) * (token === label ? 0.8 : 0.1);
  const outcomes = (seen: (token: number) => number): Outcome[] =>
    range(9).map((code) => {
      const [token, label] = [Math.floor(code / 3), code % 3];
      return { chance: joint(token, label), seen: `${seen(token)}`, label };
    });

  test("has the losses of what is seen", () => {
    expect(conditionalEntropy(outcomes((token) => token))).toBeCloseTo(classImbalance.best.loss, 12);
    expect(conditionalEntropy(outcomes(() => 0))).toBeCloseTo(rungOf(classImbalance, "constant").loss, 12);
  });

  test.each([
    ["classes balanced", frequencies.map((p) => 1 / p)],
    ["frequencies count twice", frequencies],
  ])("has the true loss of what descent on a weighted loss finds: %s", (name, weights) => {
    const loss = range(3).reduce((sum, token) => {
      const shares = range(3).map((label) => joint(token, label) * at(weights, label));
      const total = shares.reduce((all, share) => all + share, 0);
      let logits = [0, 0, 0];
      const normaliser = (): number => logits.reduce((all, logit) => all + Math.exp(logit), 0);
      for (let step = 0; step < 60_000; step++) {
        const slopes = logits.map(
          (logit, label) => Math.exp(logit) / normaliser() - at(shares, label) / total,
        );
        logits = logits.map((logit, label) => logit - at(slopes, label));
      }
      const own = logits.map((logit, label) => joint(token, label) * (Math.log(normaliser()) - logit));
      return sum + own.reduce((all, term) => all + term, 0);
    }, 0);
    expect(loss).toBeCloseTo(rungOf(classImbalance, name).loss, 9);
  });
});
