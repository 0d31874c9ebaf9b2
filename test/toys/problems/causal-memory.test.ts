/** @file The bounds of problems that need a state: hidden Markov machines, brackets, registers and parities, by enumeration. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { logisticOptimum } from "../../../src/toys/convex.ts";
import {
  type Brackets,
  brackets,
  lossIn,
  type Situation,
  sights,
  situationsOf,
} from "../../../src/toys/problems/brackets.ts";
import { evenProcess, lossAfterPairs, pairsOf, startOf } from "../../../src/toys/problems/even-process.ts";
import { flipFlop } from "../../../src/toys/problems/flip-flop.ts";
import { lawAfter, lossesAfter, type Machine } from "../../../src/toys/problems/hidden-markov.ts";
import { mess3, noisyStates } from "../../../src/toys/problems/mess3.ts";
import { parityStream } from "../../../src/toys/problems/parity-stream.ts";
import { binaryEntropy } from "../../../src/toys/problems/parts.ts";
import { conditionalEntropy, type Outcome, rungOf } from "./laws.ts";
import { type Chain, outcomes, wordsOf } from "./words.ts";

/** Where single steps lead, half of them skipped so that machines with a period settle too. */
const settled = (machine: Machine): readonly number[] => {
  const states = range(at(machine, 0).length);
  return range(3000).reduce(
    (law: readonly number[]) =>
      states.map((to) => {
        const arriving = states.flatMap((from) =>
          machine.map((step) => at(law, from) * at(at(step, from), to)),
        );
        return at(law, to) / 2 + arriving.reduce((sum, p) => sum + p, 0) / 2;
      }),
    states.map(() => 1 / states.length),
  );
};

/** Words of a machine as paths of pairs of a symbol and the state that follows, numbered together. */
const pathsOf =
  (machine: Machine, start: readonly number[]): Chain =>
  (past) => {
    const states = start.length;
    if (past.length === 0) return start;
    const from = at(past, past.length - 1) % states;
    return machine.flatMap((step) => at(step, from));
  };

/** The entropy of a symbol given those before it, over all paths through the hidden states. */
function lossOverPaths(machine: Machine, start: readonly number[], seen: number): number {
  const states = start.length;
  const all: Outcome[] = Array.from(wordsOf(pathsOf(machine, start), seen + 2), ({ word, chance }) => {
    const symbols = word.slice(1).map((pair) => Math.floor(pair / states));
    return { chance, seen: symbols.slice(0, seen).join(), label: at(symbols, seen) };
  });
  return conditionalEntropy(all);
}

const evenRunsOfOne: Machine = [
  [
    [0.5, 0],
    [0, 0],
  ],
  [
    [0, 0.5],
    [1, 0],
  ],
];
const goldenMean: Machine = [
  [
    [0, 0.5],
    [0, 0],
  ],
  [
    [0.5, 0],
    [1, 0],
  ],
];

describe("hidden Markov machines", () => {
  test.each([
    [
      "even process",
      evenRunsOfOne,
      [0.63651, 0.60594, 0.54931, 0.53402, 0.5057, 0.49806, 0.4839, 0.48008, 0.473],
    ],
    ["golden mean", goldenMean, [0.63651, 0.4621, 0.4621, 0.4621]],
    ["mess3", noisyStates(0.85, 0.05), [1.09861, 0.85772, 0.81336, 0.79812, 0.79474, 0.79378, 0.79354]],
  ] as const)("have the published losses: %s", (_, machine, losses) => {
    const found = lossesAfter(machine, settled(machine), losses.length - 1);
    for (const [seen, loss] of losses.entries()) expect(found[seen]).toBeCloseTo(loss, 5);
  });

  test.each([
    ["even runs", pairsOf(3), startOf(3)],
    ["mess3", noisyStates(0.8, 0.01), [1 / 3, 1 / 3, 1 / 3]],
  ] as const)("have the losses that paths through their states have: %s", (_, machine, start) => {
    for (const [state, p] of settled(machine).entries()) expect(at(start, state)).toBeCloseTo(p, 12);
    const losses = lossesAfter(machine, start, 4);
    for (const seen of range(5))
      expect(lossOverPaths(machine, start, seen)).toBeCloseTo(at(losses, seen), 10);
  });

  test("foretell as often as paths do", () => {
    const machine = noisyStates(0.8, 0.01);
    const start = [1 / 3, 1 / 3, 1 / 3];
    const seen = [0, 2, 2];
    const words = Array.from(wordsOf(pathsOf(machine, start), 5), ({ word, chance }) => ({
      symbols: word.slice(1).map((pair) => Math.floor(pair / 3)),
      chance,
    })).filter(({ symbols }) => symbols.slice(0, 3).join() === seen.join());
    const weight = words.reduce((sum, { chance }) => sum + chance, 0);
    for (const [symbol, p] of lawAfter(machine, start, seen).entries()) {
      const own = words.filter(({ symbols }) => symbols[3] === symbol);
      expect(own.reduce((sum, { chance }) => sum + chance, 0) / weight).toBeCloseTo(p, 12);
    }
  });
});

describe("runs of even length", () => {
  test.each([2, 3, 4])("of %i kinds have the closed form of all their words", (kinds) => {
    const losses = lossesAfter(pairsOf(kinds), startOf(kinds), 8);
    for (const [seen, loss] of losses.entries()) expect(lossAfterPairs(seen, kinds)).toBeCloseTo(loss, 10);
  });

  test("make the levels of the problem", () => {
    const losses = lossesAfter(pairsOf(3), startOf(3), 11);
    // What is left of the change from here on is below a thousandth.
    const [last, rest] = [at(losses, 11), Math.log(3) / 2];
    const mean = range(13).reduce((sum, i) => sum + (losses[i + 4] ?? last), 0) / 13;
    expect(evenProcess.best.loss).toBeLessThanOrEqual(mean);
    expect(evenProcess.best.loss).toBeGreaterThan(mean - (5 / 13) * (last - rest));
    expect(rungOf(evenProcess, "input not read").loss).toBeCloseTo(at(losses, 0), 10);
    expect(rungOf(evenProcess, "current token only").loss).toBeCloseTo(at(losses, 1), 10);
    expect(rungOf(evenProcess, "window of 2").loss).toBeCloseTo(at(losses, 2), 10);
    expect(13 * rungOf(evenProcess, "no causal mask").loss).toBeCloseTo(rest, 3);
  });
});

test("a slow hidden chain has the levels of its words", () => {
  const losses = lossesAfter(noisyStates(0.8, 0.01), [1 / 3, 1 / 3, 1 / 3], 8);
  expect(mess3.best.loss).toBeCloseTo(range(5).reduce((sum, i) => sum + at(losses, i + 4), 0) / 5, 12);
  expect(rungOf(mess3, "current token only").loss).toBeCloseTo(at(losses, 1), 12);
  expect(rungOf(mess3, "input not read").loss).toBeCloseTo(Math.log(3), 12);
  expect(rungOf(mess3, "no causal mask").loss).toBeCloseTo(at(losses, 8) / 5, 12);
});

describe("matched brackets", () => {
  /** With all open brackets in view. */
  const chain =
    ({ kinds, most, open }: Brackets): Chain =>
    (past) => {
      const stack: number[] = [];
      for (const token of past) {
        if (token < kinds) stack.push(token);
        else stack.pop();
      }
      const up = stack.length === most ? 0 : open;
      const chance = stack.length === 0 ? 1 : up;
      return range(2 * kinds).map((token) =>
        token < kinds ? chance / kinds : (1 - chance) * Number(stack.at(-1) === token - kinds),
      );
    };
  const depth = (past: readonly number[], kinds: number): number =>
    past.reduce((sum, token) => sum + (token < kinds ? 1 : -1), 0);

  test.each([
    [{ kinds: 2, most: 3, open: 0.6 }, 9],
    [{ kinds: 4, most: 4, open: 0.8 }, 5],
  ] as const)("leave every class what all words do: %o", (own, longest) => {
    for (const seen of range(longest).map((i) => i + 1)) {
      const situations = at(situationsOf(own, longest), seen - 1);
      for (const [sight, sees] of [
        [sights.stack, (past: readonly number[]) => past],
        [sights.counter, (past: readonly number[]) => [depth(past, own.kinds)]],
        [sights.lastBracket, (past: readonly number[]) => past.slice(-1)],
        [sights.nothing, () => []],
      ] as const)
        expect(conditionalEntropy(outcomes(chain(own), seen, sees))).toBeCloseTo(
          lossIn(own, situations, sight),
          10,
        );
    }
  });

  test("leave models that know no position what words of all lengths do", () => {
    const own: Brackets = { kinds: 2, most: 4, open: 0.8 };
    const lengths = range(8).map((i) => i + 1);
    const anywhere = situationsOf(own, 8)
      .flat()
      .map((one) => ({ ...one, chance: one.chance / 8 }));
    for (const [sight, sees] of [
      [sights.lastBracket, (past: readonly number[]) => past.slice(-1)],
      [sights.nothing, () => []],
    ] as const) {
      const all = lengths.flatMap((seen) => outcomes(chain(own), seen, sees));
      const mixed = all.map((one) => ({ ...one, chance: one.chance / 8 }));
      expect(conditionalEntropy(mixed)).toBeCloseTo(lossIn(own, anywhere, sight), 10);
    }
  });

  test("have the published levels in the long run", () => {
    const own: Brackets = { kinds: 4, most: 8, open: 0.5 };
    const all = situationsOf(own, 400);
    // Depths alternate between odd and even; the published values do not know the position.
    const both: readonly Situation[] = [...at(all, 398), ...at(all, 399)].map((one) => ({
      ...one,
      chance: one.chance / 2,
    }));
    expect(lossIn(own, both, sights.stack)).toBeCloseTo(1.2997, 4);
    expect(lossIn(own, both, sights.lastBracket)).toBeCloseTo(1.6817, 4);
    expect(lossIn(own, both, sights.counter)).toBeCloseTo(1.9928, 4);
    expect(lossIn(own, both, sights.nothing)).toBeCloseTo(2.0794, 4);
  });

  test("make the levels of the problem", () => {
    const own: Brackets = { kinds: 4, most: 4, open: 0.8 };
    const mean = (sight: (typeof sights)["stack"]): number =>
      situationsOf(own, 16).reduce((sum, all) => sum + lossIn(own, all, sight) / 16, 0);
    expect(brackets.best.loss).toBeCloseTo(mean(sights.stack), 12);
    expect(rungOf(brackets, "current token only").loss).toBeCloseTo(mean(sights.lastBracket), 12);
    expect(rungOf(brackets, "depth only").loss).toBeCloseTo(mean(sights.counter), 12);
    expect(rungOf(brackets, "input not read").loss).toBeCloseTo(mean(sights.nothing), 12);
    const anywhere = situationsOf(own, 16)
      .flat()
      .map((one) => ({ ...one, chance: one.chance / 16 }));
    expect(rungOf(brackets, "current token only, without position").loss).toBeCloseTo(
      lossIn(own, anywhere, sights.lastBracket),
      12,
    );
    expect(rungOf(brackets, "constant").loss).toBeCloseTo(lossIn(own, anywhere, sights.nothing), 12);
    const last = lossIn(own, at(situationsOf(own, 16), 15), sights.stack);
    expect(rungOf(brackets, "no causal mask").loss).toBeCloseTo(last / 16, 12);
  });
});

describe("a register", () => {
  /** Pairs of an instruction and a bit, by the rules of the story. */
  const chain: Chain = (past) => {
    const pair = Math.floor(past.length / 2);
    const reads = pair > 0 && pair % 4 === 0;
    const instruction = past.at(-1);
    if (past.length % 2 === 0) {
      if (pair === 0) return [0, 0, 1, 0, 0];
      return reads ? [0, 0, 0, 1, 0] : [0, 0, 0.25, 0, 0.75];
    }
    const written = past.findLast((_, i) => i % 2 === 1 && past[i - 1] === 2) ?? 0;
    return instruction === 3 ? range(5).map((token) => Number(token === written)) : [0.5, 0.5, 0, 0, 0];
  };

  test.each([
    ["the first", 9],
    ["the second", 17],
  ])("leaves windows what all programs up to %s read do", (_, seen) => {
    const within = (tokens: number): number =>
      conditionalEntropy(outcomes(chain, seen, (past) => past.slice(-tokens)));
    expect(within(1)).toBeCloseTo(rungOf(flipFlop, "current token only").loss, 10);
    expect(within(3)).toBeCloseTo(rungOf(flipFlop, "window of 3").loss, 10);
    expect(within(7)).toBeCloseTo(rungOf(flipFlop, "window of 7").loss, 10);
    expect(within(seen)).toBeCloseTo(flipFlop.best.loss, 10);
  });
});

describe("the running parity of bits", () => {
  const flip = 0.05;
  /** Independent bits, and at last the label of all. */
  const labelled =
    (bits: number): Chain =>
    (past) => {
      if (past.length < bits) return [0.5, 0.5];
      const odd = past.reduce((sum, bit) => sum + bit, 0) % 2;
      return odd === 1 ? [flip, 1 - flip] : [1 - flip, flip];
    };
  const mean = (reach: number): number =>
    range(7).reduce(
      (sum, i) =>
        sum + conditionalEntropy(outcomes(labelled(i + 2), i + 2, (past) => past.slice(-reach))) / 7,
      0,
    );

  test("leaves windows what all words do", () => {
    expect(parityStream.best.loss).toBeCloseTo(mean(8), 10);
    expect(rungOf(parityStream, "window of 4").loss).toBeCloseTo(mean(4), 10);
    expect(rungOf(parityStream, "current token only").loss).toBeCloseTo(mean(1), 10);
    expect(parityStream.best.loss).toBeCloseTo(binaryEntropy(flip), 12);
  });

  test.each([2, 3, 4, 5])("of %i bits leaves affine logits log 2", (bits) => {
    const points = [...wordsOf(() => [0.5, 0.5], bits)].map(({ word, chance }) => ({
      features: [...word, 1],
      weight: chance,
      target: word.reduce((sum, bit) => sum + bit, 0) % 2 === 1 ? 1 - flip : flip,
    }));
    const { loss } = logisticOptimum(
      points,
      range(bits + 1).map((i) => i / 10),
    );
    expect(rungOf(parityStream, "affine").loss).toBeCloseTo(loss, 10);
  });
});
