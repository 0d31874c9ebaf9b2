/** @file The bounds of problems whose next token depends on one or none of the earlier ones, by enumeration of words. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import { ignored } from "../../../src/toys/problem.ts";
import {
  type Copies,
  copyLoss,
  copyOf,
  lagCopy,
  wrongCopyLoss,
} from "../../../src/toys/problems/lag-copy.ts";
import { lagMixture, lossWithin } from "../../../src/toys/problems/lag-mixture.ts";
import { lossOf, markovChain, stationary, times } from "../../../src/toys/problems/markov-chain.ts";
import { crossEntropyOf, entropy } from "../../../src/toys/problems/parts.ts";
import { uniformTokens } from "../../../src/toys/problems/uniform-tokens.ts";
import { named, row } from "../../../src/toys/tensor.ts";
import { conditionalEntropy, type Outcome, rungOf } from "./laws.ts";
import { type Chain, outcomes, wordsOf } from "./words.ts";

describe("tokens that nothing foretells", () => {
  test("have the published levels", () => {
    expect(uniformTokens.best.loss).toBeCloseTo(2.7726, 4);
    expect(rungOf(uniformTokens, "no causal mask").loss).toBeCloseTo(0.1733, 4);
    expect(rungOf(uniformTokens, "leak at one position").loss).toBeCloseTo(2.5993, 4);
  });
});

/** The matrix of the reference, and with a share of uniform steps that of the problem. */
const pure = [
  [0, 0.3, 0, 0.7],
  [0, 0.2, 0.8, 0],
  [0.1, 0, 0.9, 0],
  [0.9, 0.1, 0, 0],
];
const mixed = pure.map((from) => from.map((p) => 0.96 * p + 0.01));

describe("a Markov chain", () => {
  const settled = (matrix: readonly (readonly number[])[]): readonly number[] =>
    range(2000).reduce(
      (law) => law.map((_, to) => law.reduce((sum, p, from) => sum + p * at(at(matrix, from), to), 0)),
      [0.25, 0.25, 0.25, 0.25],
    );
  const chain = (matrix: readonly (readonly number[])[]): Chain => {
    const start = settled(matrix);
    return (past) => (past.length === 0 ? start : at(matrix, at(past, past.length - 1)));
  };

  test.each([
    ["published", pure],
    ["mixed", mixed],
  ])("settles where steps from anywhere lead: the %s one", (_, matrix) => {
    for (const [state, p] of stationary(matrix).entries())
      expect(p).toBeCloseTo(at(settled(matrix), state), 12);
  });

  test("has the published levels where no step is mixed in", () => {
    const twoSteps = times(pure, pure);
    expect(lossOf(pure, pure)).toBeCloseTo(0.3877, 4);
    expect(entropy(stationary(pure))).toBeCloseTo(1.0463, 4);
    // What a model reports that learns the token after the next.
    expect(lossOf(twoSteps, twoSteps)).toBeCloseTo(0.7184, 4);
  });

  test("has the levels that words of it have", () => {
    const seen = (last: number): number =>
      conditionalEntropy(outcomes(chain(mixed), 4, (past) => past.slice(4 - last)));
    expect(seen(0)).toBeCloseTo(rungOf(markovChain, "input not read").loss, 10);
    for (const last of [1, 2, 4]) expect(seen(last)).toBeCloseTo(markovChain.best.loss, 10);
    expect(rungOf(markovChain, "no causal mask").loss).toBeCloseTo(seen(4) / 16, 10);
  });

  test("costs a model that is one token ahead what words of three tokens say", () => {
    const words = [...wordsOf(chain(mixed), 3)];
    const ahead = (from: number, to: number): number => {
      const began = words.filter(({ word }) => word[0] === from);
      const weight = (all: typeof words): number => all.reduce((sum, { chance }) => sum + chance, 0);
      return weight(began.filter(({ word }) => word[2] === to)) / weight(began);
    };
    const loss = [...wordsOf(chain(mixed), 2)].reduce(
      (sum, { word, chance }) => sum - chance * Math.log(ahead(at(word, 0), at(word, 1))),
      0,
    );
    expect(rungOf(markovChain, "shifted twice").loss).toBeCloseTo(loss, 10);
  });
});

/** Copies of the token `lag` places before. */
const lagged =
  ({ kinds, noise }: Copies, lag: number): Chain =>
  (past) =>
    range(kinds).map((kind) => {
      const original = past.length < lag ? -1 : at(past, past.length - lag);
      return original === -1 ? 1 / kinds : (1 - noise) * Number(kind === original) + noise / kinds;
    });

describe("noisy copies", () => {
  const published: Copies = { kinds: 8, noise: 0.1 };
  const few: Copies = { kinds: 2, noise: 0.3 };

  test("have the published levels", () => {
    expect(copyLoss(published)).toBeCloseTo(0.467, 4);
    expect(lossWithin(published, [4], 3)).toBeCloseTo(2.0794, 4);
    expect(lossWithin(published, [4], 4)).toBeCloseTo(0.467, 4);
    const certain = copyOf(published, 0).map((_, kind) => Number(kind === 0));
    expect(crossEntropyOf(copyOf(published, 0), certain)).toBeCloseTo(1.362, 3);
  });

  test("are out of sight until the window holds the original", () => {
    const copies: Copies = { kinds: 3, noise: 0.1 };
    const within = (reach: number): number =>
      conditionalEntropy(outcomes(lagged(copies, 4), 6, (past) => past.slice(6 - reach)));
    for (const reach of [0, 1, 3]) expect(within(reach)).toBeCloseTo(rungOf(lagCopy, "window of 3").loss, 10);
    for (const reach of [4, 5, 6]) expect(within(reach)).toBeCloseTo(lagCopy.best.loss, 10);
    // Of 16 positions the first three have no original.
    expect(rungOf(lagCopy, "no causal mask").loss).toBeCloseTo(within(4) / 13, 10);
  });

  test("cost a model that is one token ahead what words say", () => {
    const copies: Copies = { kinds: 3, noise: 0.1 };
    const loss = [...wordsOf(lagged(copies, 4), 7)].reduce(
      (sum, { word, chance }) => sum - chance * Math.log(at(copyOf(copies, at(word, 3)), at(word, 6))),
      0,
    );
    expect(rungOf(lagCopy, "shifted twice").loss).toBeCloseTo(loss, 10);
    expect(wrongCopyLoss(copies)).toBeCloseTo(loss, 10);
  });

  test("leave probabilities as logits nothing better than certainty, on a grid of them", () => {
    const law = copyOf({ kinds: 3, noise: 0.1 }, 0);
    const losses = range(101).flatMap((i) =>
      range(101 - i).map((j) => crossEntropyOf(law, [i / 100, j / 100, (100 - i - j) / 100])),
    );
    expect(rungOf(lagCopy, "softmax twice").loss).toBeCloseTo(Math.min(...losses), 12);
  });

  test("of several lags lie on a staircase", () => {
    const lags = [1, 2, 4, 8];
    for (const reach of range(10)) {
      const all = lags.flatMap((lag): Outcome[] =>
        outcomes(lagged(few, lag), 8, (past) => [lag, ...past.slice(Math.max(0, 8 - reach))]).map(
          (outcome) => ({
            ...outcome,
            chance: outcome.chance / lags.length,
          }),
        ),
      );
      expect(conditionalEntropy(all)).toBeCloseTo(lossWithin(few, lags, reach), 10);
    }
  });

  test("of several lags make the levels of the problem", () => {
    const copies: Copies = { kinds: 4, noise: 0.1 };
    const steps = [
      [rungOf(lagMixture, "input not read"), 0],
      [rungOf(lagMixture, "current token only"), 1],
      [rungOf(lagMixture, "window of 2"), 2],
      [rungOf(lagMixture, "window of 4"), 3],
      [lagMixture.best, 4],
    ] as const;
    for (const [{ loss }, within] of steps)
      expect(loss).toBeCloseTo((within * copyLoss(copies) + (4 - within) * Math.log(4)) / 4, 12);
  });

  test("of several lags count where every lag has an original", () => {
    const { targets } = lagMixture.draw(64, random(4));
    for (const index of range(64)) {
      const counted = row(named(targets, "next"), index).filter((target) => target !== ignored).length;
      expect(counted).toBe(17 - 8);
    }
    // Only the last token of a row is not among those that an unmasked model reads.
    expect(rungOf(lagMixture, "no causal mask").loss).toBeCloseTo(lagMixture.best.loss / (17 - 8), 12);
  });
});
