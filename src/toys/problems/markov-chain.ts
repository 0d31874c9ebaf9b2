/** @file A stationary Markov chain whose matrix sets what models of different sight can reach well apart. */
import { at, range } from "../../base/assert.ts";
import type { Problem } from "../problem.ts";
import { crossEntropyOf, drawnClass, entropy, level } from "./parts.ts";
import {
  continued,
  grown,
  inputNotRead,
  type Law,
  noMask,
  says,
  sequenceOf,
  shiftedTwice,
  tokenBack,
  uniform,
} from "./sequences.ts";

/** Probabilities of the next state, one row for each state. */
export type Matrix = readonly Law[];

export const times = (left: Matrix, right: Matrix): Matrix =>
  left.map((row) => at(right, 0).map((_, j) => row.reduce((sum, p, k) => sum + p * at(at(right, k), j), 0)));

/** The law that a chain keeps: squared again and again, the matrix goes to rows of it, as the chain forgets its start. */
export const stationary = (matrix: Matrix): Law =>
  at(
    range(12).reduce((power) => times(power, power), matrix),
    0,
  );

/** The loss of a model that says rows of `said` where the chain goes on by `matrix`. */
export const lossOf = (matrix: Matrix, said: Matrix): number =>
  stationary(matrix).reduce(
    (sum, p, state) => sum + p * crossEntropyOf(at(matrix, state), at(said, state).map(Math.log)),
    0,
  );

/** Far between what is known from the last state, from the last but one, from none; and with every step possible. */
const [mixed, pure] = [
  0.04,
  [
    [0, 0.3, 0, 0.7],
    [0, 0.2, 0.8, 0],
    [0.1, 0, 0.9, 0],
    [0.9, 0.1, 0, 0],
  ],
];
const kinds = pure.length;
const matrix = pure.map((row) => row.map((p) => (1 - mixed) * p + mixed / kinds));
const [law, twoSteps] = [stationary(matrix), times(matrix, matrix)];
const rate = lossOf(matrix, matrix);

const length = 16;
const sequence = sequenceOf(length, kinds);
const after = (past: readonly number[]): Law => at(matrix, tokenBack(past, 1));

const shown = pure.map((row) => `(${row.join(", ")})`).join(", ");

export const markovChain: Problem = continued(
  sequence,
  (random) => grown(length + 1, drawnClass(law, random), (past) => drawnClass(after(past), random)),
  {
    name: "markov-chain",
    title: "a Markov chain of four states",
    story: `A stationary chain: a share of ${1 - mixed} of the steps goes by a matrix with the rows ${shown}, the others to any
state. The model reads ${length} states and
says the next one at every position. The loss is the cross-entropy.`,
    source: "Shannon 1948, A Mathematical Theory of Communication, sections 4 to 7",
    tags: ["classification", "sequence", "causal"],
    batch: 32,
    steps: 600,
    best: level(
      rate,
      "the entropy rate Σᵢ πᵢ H(Pᵢ): given the last state, the next is independent of all before",
      says(sequence, after),
    ),
    rungs: [
      inputNotRead(sequence, entropy(law), "the entropy of a state", () => law),
      {
        ...level(
          Math.log(kinds),
          `log ${kinds}: all logits are equal`,
          says(sequence, () => uniform(kinds)),
        ),
        name: "uniform",
        kind: "floor",
        bugs: ["nothing is trained and the last layer starts at zero"],
      },
      shiftedTwice(
        sequence,
        lossOf(matrix, twoSteps),
        "the law of the token after the next, P², where the next goes by P",
        (past) => at(twoSteps, tokenBack(past, 1)),
      ),
      noMask(sequence, rate, after),
    ],
  },
);
