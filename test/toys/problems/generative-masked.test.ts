/** @file The bounds of masked tokens: powers of the chain's matrix, and entropies over all words and masks. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { type Matrix, times } from "../../../src/toys/problems/markov-chain.ts";
import { maskedTokens } from "../../../src/toys/problems/masked-tokens.ts";
import { indices, named } from "../../../src/toys/tensor.ts";
import { oracle } from "./bounds.ts";
import { conditionalEntropy, type Outcome, rungOf } from "./laws.ts";
import { wordsOf } from "./words.ts";

const chain: Matrix = [
  [0.15, 0.8, 0.05],
  [0.05, 0.15, 0.8],
  [0.8, 0.05, 0.15],
];
const uniform = [1 / 3, 1 / 3, 1 / 3];
const words = [...wordsOf((past) => (past.length === 0 ? uniform : at(chain, at(past, past.length - 1))), 6)];

/** Every three of six places. */
const layouts = range(6).flatMap((a) =>
  range(a).flatMap((b) => range(b).map((c): readonly number[] => [c, b, a])),
);

const hiddenAs = (word: readonly number[], masks: readonly number[], sign: string): string[] =>
  word.map((token, place) => (masks.includes(place) ? sign : String(token)));

/** The lowest loss of what sees so much of a word whose masks are shown by a sign. */
function lowest(sees: (shown: readonly string[], place: number) => string, sign: string = "?"): number {
  const outcomes = words.flatMap(({ word, chance }) =>
    layouts.flatMap((masks) =>
      masks.map(
        (place): Outcome => ({
          chance: chance / (layouts.length * masks.length),
          seen: sees(hiddenAs(word, masks, sign), place),
          label: at(word, place),
        }),
      ),
    ),
  );
  return conditionalEntropy(outcomes);
}

const power = (steps: number): Matrix =>
  range(steps).reduce<Matrix>(
    (product) => times(product, chain),
    range(3).map((i) => range(3).map((j) => Number(i === j))),
  );

/** The law of a hidden token between the closest tokens that are seen, so many steps away. */
function between(shown: readonly string[], place: number): number[] {
  const closest = (step: number): { readonly token: number; readonly steps: number } | undefined => {
    for (let steps = 1; ; steps++) {
      const sign = shown[place + step * steps];
      if (sign === undefined) return undefined;
      if (sign !== "?") return { token: Number(sign), steps };
    }
  };
  const [left, right] = [closest(-1), closest(1)];
  const shares = range(3).map((token) => {
    const from = left === undefined ? 1 / 3 : at(at(power(left.steps), left.token), token);
    return from * (right === undefined ? 1 : at(at(power(right.steps), token), right.token));
  });
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

describe("masked tokens", () => {
  test("have no entropy below that of the closest tokens to both sides", () => {
    let loss = 0;
    for (const { word, chance } of words)
      for (const masks of layouts)
        for (const place of masks)
          loss -=
            (chance / (layouts.length * 3)) *
            Math.log(at(between(hiddenAs(word, masks, "?"), place), at(word, place)));
    expect(maskedTokens.best.loss).toBeCloseTo(loss, 10);
    expect(maskedTokens.best.loss).toBeCloseTo(
      lowest((shown, place) => `${place}${shown.join("")}`),
      10,
    );
  });

  test.each([[[3, 1, 3, 3, 0, 2]], [[0, 3, 3, 3, 1, 1]], [[2, 2, 1, 3, 3, 3]]])(
    "are told by the closest tokens to both sides in %j",
    (tokens) => {
      const batch = { rows: 1, inputs: { tokens: indices([1, 6], tokens) }, targets: {}, hidden: {} };
      const { data } = named(oracle(maskedTokens)(batch), "hidden");
      const shown = tokens.map((token) => (token === 3 ? "?" : String(token)));
      for (const [place, sign] of shown.entries())
        if (sign === "?")
          for (const [token, p] of between(shown, place).entries())
            expect(Math.exp(at(data, 3 * place + token))).toBeCloseTo(p, 10);
    },
  );

  test("cost models that see less what enumeration finds", () => {
    const bounds: Record<string, number> = {
      "neighbours only": lowest((shown, place) => `${shown[place - 1] ?? "["}${shown[place + 1] ?? "]"}`),
      "mask read as a token": lowest((shown, place) => `${place}${shown.join("")}`, "2"),
      "left side only": lowest((shown, place) => shown.slice(0, place).join("")),
      "right side only": lowest((shown, place) => shown.slice(place + 1).join("")),
      "no positions": lowest((shown) => shown.toSorted().join("")),
      "input not read": Math.log(3),
    };
    expect(Object.keys(bounds)).toEqual(maskedTokens.rungs.map(({ name }) => name));
    for (const [name, loss] of Object.entries(bounds))
      expect(rungOf(maskedTokens, name).loss, name).toBeCloseTo(loss, 10);
  });
});
