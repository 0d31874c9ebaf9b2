/** @file The bounds of problems that are learned from the sequence itself: integrals over what is unknown, word by word. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { inContextDie } from "../../../src/toys/problems/in-context-die.ts";
import { inContextMarkov, knowledgeAfter } from "../../../src/toys/problems/in-context-markov.ts";
import { lossAfter, timesDrawn, urnLaw } from "../../../src/toys/problems/urns.ts";
import { conditionalEntropy, type Outcome, rungOf } from "./laws.ts";

/** All words of this length. */
const all = (kinds: number, length: number): number[][] =>
  length === 0 ? [[]] : all(kinds, length - 1).flatMap((word) => range(kinds).map((kind) => [...word, kind]));

/** x (x + 1) … (x + n − 1). */
const rising = (x: number, n: number): number => range(n).reduce((product, i) => product * (x + i), 1);

const countsOf = (word: readonly number[], kinds: number): number[] =>
  range(kinds).map((kind) => word.filter((token) => token === kind).length);

/** The mean probability of a word over all laws of its tokens: a ratio of two normalising constants of Dirichlet's law. */
const chanceOf = (counts: readonly number[], weight: number): number =>
  counts.reduce((product, count) => product * rising(weight, count), 1) /
  rising(
    counts.length * weight,
    counts.reduce((sum, count) => sum + count, 0),
  );

const throws = (kinds: number, weight: number, length: number, window: number): Outcome[] =>
  all(kinds, length + 1).map((word) => ({
    chance: chanceOf(countsOf(word, kinds), weight),
    seen: word.slice(length - window, length).join(),
    label: at(word, length),
  }));

describe("throws of a die of unknown bias", () => {
  test("have the published losses", () => {
    for (const [kinds, losses] of [
      [
        2,
        {
          0: Math.LN2,
          1: 0.63651,
          2: 0.60594,
          4: 0.57346,
          8: 0.54576,
          16: 0.52621,
          32: 0.51418,
          64: 0.50741,
        },
      ],
      [3, { 0: 1.0986, 1: 1.0397, 2: 1.0026, 4: 0.9582, 8: 0.9156, 16: 0.8825 }],
      // After 16 throws the exact sum is 1.84986.
      [8, { 0: 2.0794, 1: 2.0432, 4: 1.9686, 16: 1.8499 }],
    ] as const) {
      for (const [seen, loss] of Object.entries(losses))
        expect(lossAfter(Number(seen), kinds, 1)).toBeCloseTo(loss, kinds === 2 ? 5 : 4);
    }
  });

  test("have mean probabilities that integrals over the bias give", () => {
    // The midpoint rule on p^2.5 (1 − p)^1.5, that is weights of 1/2 and counts of 3 and 2.
    const [steps, counts] = [200_000, [3, 2]];
    const integral = (powers: readonly number[]): number =>
      range(steps).reduce((sum, i) => {
        const p = (i + 0.5) / steps;
        return sum + (p ** (at(powers, 0) - 0.5) * (1 - p) ** (at(powers, 1) - 0.5)) / steps;
      }, 0);
    // The law of p itself has no bounds at its ends; with one throw of each kind it has.
    expect(chanceOf(counts, 0.5) / chanceOf([1, 1], 0.5)).toBeCloseTo(integral(counts) / integral([1, 1]), 8);
  });

  test.each([
    [2, 1],
    [3, 1 / 8],
    [4, 1 / 2],
  ])("of %i faces and weight %d tell what all words say, in windows too", (kinds, weight) => {
    for (const length of range(6)) {
      for (const window of range(length + 1))
        expect(conditionalEntropy(throws(kinds, weight, length, window))).toBeCloseTo(
          lossAfter(window, kinds, weight),
          10,
        );
    }
  });

  test("fall as often as words say", () => {
    for (const [k, chance] of timesDrawn(5, 3, 1 / 8).entries()) {
      const words = all(3, 5).filter((word) => countsOf(word, 3)[0] === k);
      expect(words.reduce((sum, word) => sum + chanceOf(countsOf(word, 3), 1 / 8), 0)).toBeCloseTo(
        chance,
        12,
      );
    }
    for (const [face, p] of urnLaw([2, 0, 1], 1 / 8).entries()) {
      const after = [2, 0, 1].map((count, i) => count + Number(i === face));
      expect(chanceOf(after, 1 / 8) / chanceOf([2, 0, 1], 1 / 8)).toBeCloseTo(p, 12);
    }
  });

  test("make the levels of the problem", () => {
    const loss = (seen: number): number => lossAfter(seen, 8, 1 / 8);
    const mean = (window: number): number =>
      range(32).reduce((sum, position) => sum + loss(Math.min(position + 1, window)), 0) / 32;
    expect(inContextDie.best.loss).toBeCloseTo(mean(32), 12);
    expect(rungOf(inContextDie, "current token only").loss).toBeCloseTo(loss(1), 12);
    expect(rungOf(inContextDie, "window of 3").loss).toBeCloseTo(mean(3), 12);
    expect(rungOf(inContextDie, "input not read").loss).toBeCloseTo(Math.log(8), 12);
    expect(rungOf(inContextDie, "no causal mask").loss).toBeCloseTo(loss(32) / 32, 12);
  });
});

describe("a walk on a triangle", () => {
  const weight = 1 / 8;

  /** All walks of so many states, with their mean probabilities over the habits of all states. */
  const walks = (length: number): { readonly word: readonly number[]; readonly chance: number }[] =>
    all(2, length - 1).flatMap((turns) =>
      range(3).map((start) => {
        const word = turns.reduce(
          (past, turn) => [...past, (at(past, past.length - 1) + 1 + turn) % 3],
          [start],
        );
        const counts = range(3).map((state) =>
          countsOf(
            turns.filter((_, i) => word[i] === state),
            2,
          ),
        );
        return { word, chance: counts.reduce((product, own) => product * chanceOf(own, weight), 1 / 3) };
      }),
    );

  const lossBy = (seen: number, sees: (past: readonly number[]) => string): number =>
    conditionalEntropy(
      walks(seen + 1).map(({ word, chance }) => ({
        chance,
        seen: sees(word.slice(0, seen)),
        label: at(word, seen),
      })),
    );

  const visits = (past: readonly number[]): string => `${countsOf(past, 3).join()} at ${past.at(-1)}`;

  test("leaves what all walks say", () => {
    for (const [index, { loss, lossByVisits }] of knowledgeAfter(10, weight).entries()) {
      expect(lossBy(index + 1, (past) => past.join())).toBeCloseTo(loss, 10);
      expect(lossBy(index + 1, visits)).toBeCloseTo(lossByVisits, 10);
    }
  });

  test("makes the levels of the problem", () => {
    const known = knowledgeAfter(16, weight).slice(3);
    const mean = (losses: readonly number[]): number => losses.reduce((sum, loss) => sum + loss, 0) / 13;
    expect(inContextMarkov.best.loss).toBeCloseTo(mean(known.map(({ loss }) => loss)), 12);
    expect(rungOf(inContextMarkov, "visits without what followed").loss).toBeCloseTo(
      mean(known.map(({ lossByVisits }) => lossByVisits)),
      12,
    );
    expect(rungOf(inContextMarkov, "no causal mask").loss).toBeCloseTo(at(known, 12).loss / 13, 12);
    expect(lossBy(7, (past) => String(past.at(-1)))).toBeCloseTo(
      rungOf(inContextMarkov, "current token only").loss,
      10,
    );
    expect(lossBy(7, () => "")).toBeCloseTo(rungOf(inContextMarkov, "input not read").loss, 10);
  });

  test("tells the same of the next state up to the third, whatever is seen of the order", () => {
    for (const seen of [1, 2, 3])
      expect(lossBy(seen, visits)).toBeCloseTo(
        lossBy(seen, (past) => past.join()),
        10,
      );
    expect(lossBy(4, visits)).toBeGreaterThan(lossBy(4, (past) => past.join()) + 0.1);
  });
});
