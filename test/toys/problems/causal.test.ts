/** @file What problems on causal sequences share: what is to be said where, and the probes that tell what a model sees. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import {
  addsUp,
  orderBlindBefore,
  seesAhead,
  seesGroups,
  seesOnly,
} from "../../../src/toys/causal-probes.ts";
import { ignored, type Predictor, type Probe, type Problem } from "../../../src/toys/problem.ts";
import { brackets } from "../../../src/toys/problems/brackets.ts";
import { evenProcess } from "../../../src/toys/problems/even-process.ts";
import { flipFlop } from "../../../src/toys/problems/flip-flop.ts";
import { inContextDie } from "../../../src/toys/problems/in-context-die.ts";
import { inContextMarkov } from "../../../src/toys/problems/in-context-markov.ts";
import { lagCopy } from "../../../src/toys/problems/lag-copy.ts";
import { lagMixture } from "../../../src/toys/problems/lag-mixture.ts";
import { markovChain } from "../../../src/toys/problems/markov-chain.ts";
import { mess3 } from "../../../src/toys/problems/mess3.ts";
import { parityStream } from "../../../src/toys/problems/parity-stream.ts";
import { answers, sequenceOf, type Word } from "../../../src/toys/problems/sequences.ts";
import { uniformTokens } from "../../../src/toys/problems/uniform-tokens.ts";
import { named, row } from "../../../src/toys/tensor.ts";
import { confirms } from "./laws.ts";

const continued: readonly Problem[] = [
  uniformTokens,
  markovChain,
  lagCopy,
  lagMixture,
  inContextDie,
  inContextMarkov,
  evenProcess,
  mess3,
  brackets,
  flipFlop,
];
const problems: readonly Problem[] = [...continued, parityStream];

/** Logits as a model gives them: what is impossible is very unlikely. */
const finite =
  (predictor: Predictor): Predictor =>
  (batch) =>
    Object.fromEntries(
      Object.entries(predictor(batch)).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float64Array.from(data, (logit) => Math.max(logit, -30)) },
      ]),
    );

const knows = (problem: Problem, probe: Probe, predictor: Predictor): boolean =>
  confirms(problem, probe, finite(predictor));

test.each(continued.map((problem) => [problem.name, problem] as const))(
  "%s asks for the next token wherever it counts",
  (_, { draw, batch }) => {
    const { rows, inputs, targets } = draw(batch, random(3));
    const counted = range(rows).map((index) => {
      const tokens = row(named(inputs, "tokens"), index);
      const asked = Array.from(row(named(targets, "next"), index)).slice(0, -1);
      for (const [position, target] of asked.entries()) {
        if (target !== ignored) expect(target).toBe(tokens[position + 1]);
      }
      return asked.filter((target) => target !== ignored).length;
    });
    expect(Math.min(...counted)).toBeGreaterThan(0);
  },
);

const probed = problems.flatMap((problem) =>
  problem.rungs.flatMap(({ name, predictors, probe }) =>
    probe === undefined ? [] : [[problem.name, name, { problem, predictors, probe }] as const],
  ),
);

describe("the probe", () => {
  test.each(probed)("of %s, %s knows models of the rung", (_, name, { problem, predictors, probe }) => {
    for (const predictor of predictors) expect(knows(problem, probe, predictor), name).toBe(true);
  });

  // Where nothing can be foretold, the oracle reads nothing.
  test.each(probed)("of %s, %s does not take the oracle for one", (_, name, { problem, probe }) => {
    for (const predictor of problem.best.predictors)
      expect(knows(problem, probe, predictor), name).toBe(false);
  });

  test.each(problems.map((problem) => [problem.name, problem] as const))(
    "finds no legal model of %s that sees ahead",
    (_, problem) => {
      const legal = problem.rungs.filter(({ kind }) => kind !== "leak");
      for (const { predictors } of [problem.best, ...legal]) {
        for (const predictor of predictors)
          expect(knows(problem, seesAhead(at(problem.inputs, 0)), predictor)).toBe(false);
      }
    },
  );
});

describe("probes of sight", () => {
  const sequence = sequenceOf(8, 4);
  const field = sequence.input;
  const { batch, draw } = uniformTokens;
  const small: Problem = {
    ...uniformTokens,
    draw: (rows, source) => {
      const drawn = draw(rows, source);
      const tokens = range(rows * 8).map(() => source.below(4));
      return { ...drawn, inputs: { tokens: { shape: [rows, 8], data: Int32Array.from(tokens) } } };
    },
  };
  /** A model that gives some number of what it sees in every logit. */
  const model = (numberOf: (past: Word, whole: Word) => number): Predictor =>
    answers(sequence, (past, { index, batch: own }) => {
      const whole = Array.from(row(named(own.inputs, "tokens"), index));
      return range(4).map((kind) => numberOf(past, whole) + kind);
    });
  const says = (probe: Probe, numberOf: (past: Word, whole: Word) => number): boolean =>
    confirms(small, probe, model(numberOf));
  const digits = (word: Word): number => word.reduce((sum, token) => 5 * sum + token, 0);

  test("have rows enough to ask about all places", () => {
    for (const { batch: rows, inputs } of problems)
      expect(rows).toBeGreaterThanOrEqual(at(at(inputs, 0).shape, 0));
    expect(batch).toBeGreaterThanOrEqual(8);
  });

  test.each(range(9))("tell a window of %i from its neighbours", (reach) => {
    const window = (size: number) => (past: Word) => digits(past.slice(Math.max(0, past.length - size)));
    expect(says(seesOnly(field, reach), window(reach))).toBe(true);
    if (reach > 0) expect(says(seesOnly(field, reach), window(reach - 1))).toBe(true);
    if (reach < 8) expect(says(seesOnly(field, reach), window(reach + 1))).toBe(false);
  });

  test.each(range(7))("find a leak at position %i alone", (position) => {
    const leak = (past: Word, whole: Word): number =>
      digits(past) + (past.length - 1 === position ? 1e5 * at(whole, past.length) : 0);
    expect(says(seesAhead(field), leak)).toBe(true);
    expect(says(seesAhead(field), digits)).toBe(false);
  });

  test("tell bags of tokens from sequences", () => {
    const bag = (past: Word): number =>
      digits(past.toSorted((a, b) => a - b)) + 7 * at(past, past.length - 1);
    expect(says(orderBlindBefore(field), bag)).toBe(true);
    expect(says(orderBlindBefore(field), digits)).toBe(false);
  });

  test("tell sums over the first token and the rest", () => {
    const sum = (past: Word): number => at(past, 0) ** 2 + digits(past.slice(1)) ** 2;
    const product = (past: Word): number => at(past, 0) * digits(past.slice(1));
    expect(says(addsUp(field), sum)).toBe(true);
    expect(says(addsUp(field), product)).toBe(false);
  });

  test("tell models that see groups of tokens", () => {
    const groups = seesGroups(field, "another token of the same parity", (token) => token % 2);
    expect(says(groups, (past) => digits(past.map((token) => token % 2)))).toBe(true);
    expect(says(groups, digits)).toBe(false);
  });
});
