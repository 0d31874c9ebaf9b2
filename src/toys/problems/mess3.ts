/** @file A slow hidden chain seen through noise: a model must weigh all it has seen. */
import { at, range } from "../../base/assert.ts";
import type { Problem } from "../problem.ts";
import { emitted, lawAfter, lossesAfter, type Machine } from "./hidden-markov.ts";
import { level } from "./parts.ts";
import {
  continued,
  inputNotRead,
  meanLoss,
  noMask,
  says,
  sequenceOf,
  uniform,
  type Word,
  windowOf,
} from "./sequences.ts";

const kinds = 3;

/** The hidden state moves on to each other one with probability `change`; then it is shown with probability `clear`, or another is. */
export const noisyStates = (clear: number, change: number): Machine =>
  range(kinds).map((symbol) =>
    range(kinds).map((from) =>
      range(kinds).map((to) => {
        const goes = from === to ? 1 - (kinds - 1) * change : change;
        return goes * (symbol === to ? clear : (1 - clear) / (kinds - 1));
      }),
    ),
  );

const [length, clear, change] = [8, 0.8, 0.01];
// The first few tokens tell little, whatever the window.
const sequence = sequenceOf(length, kinds, range(length).slice(3));
const machine = noisyStates(clear, change);
const start = uniform(kinds);
const foretold = (seen: Word): readonly number[] => lawAfter(machine, start, seen);
const losses = lossesAfter(machine, start, length);
const lossOf = (seen: number): number => at(losses, seen);

export const mess3: Problem = continued(sequence, (random) => emitted(machine, start, length + 1, random), {
  name: "mess3",
  title: "a slow hidden chain seen through noise",
  story: `A hidden chain on ${kinds} states changes to each other one with probability ${change}; a token shows its state with probability ${clear}, or
one of the two others. The model reads ${length} tokens and says the next one at every position from the fourth on. The best model follows the
probabilities of the hidden states. The loss is the cross-entropy.`,
  source:
    "Marzen and Crutchfield 2017, Nearly maximally predictive features and their dimensions; here slower",
  tags: ["classification", "sequence", "causal", "memory"],
  batch: 64,
  steps: 800,
  best: level(
    meanLoss(sequence, lossOf),
    "the mean entropy hₙ of a token after n others, from the probabilities of all words",
    says(sequence, foretold),
  ),
  rungs: [
    inputNotRead(sequence, lossOf(0), `log ${kinds}: every token alone is uniform`, () => uniform(kinds)),
    windowOf(
      sequence,
      1,
      lossOf(1),
      "h₁: the process is stationary, so that a token tells the same wherever it is",
      foretold,
    ),
    noMask(sequence, lossOf(length), foretold),
  ],
});
