/** @file Cross-entropy of tokens of sequences with unequal lengths: what is counted, and by what it is divided. */
import { at, range, zip } from "../../../base/assert.ts";
import { indices, reals } from "../../tensor.ts";
import { numbersIn, rowsIn, scalar, tensorIn } from "../given.ts";
import { closed } from "../meanings.ts";
import type { Definition, FunctionProblem, Given, Meaning, Variant } from "../problem.ts";
import {
  alongColumns,
  average,
  bug,
  fractions,
  logSoftmax,
  type Row,
  type Rows,
  softmax,
  total,
} from "./parts.ts";

/** One sequence: log-probabilities of all classes at every position, and what stands there. */
interface Sequence {
  readonly logits: Rows;
  readonly targets: Row;
  readonly mask: Row;
}

function sequencesIn(given: Given): Sequence[] {
  const [count = 0, length = 0] = tensorIn(given, "targets").shape;
  const rows = rowsIn(given, "logits");
  const [targets, mask] = [numbersIn(given, "targets"), numbersIn(given, "mask")];
  return range(count).map((index) => {
    const [from, to] = [index * length, (index + 1) * length];
    return { logits: rows.slice(from, to), targets: targets.slice(from, to), mask: mask.slice(from, to) };
  });
}

/** Losses of one sequence's positions, and which of them count. */
interface Losses {
  readonly losses: Row;
  readonly mask: Row;
}

type Score = (sequence: Sequence) => Losses;
type Reduce = (all: readonly Losses[]) => number;

const scored =
  (logs: (logits: Rows) => Rows, unit = 1): Score =>
  ({ logits, targets, mask }) => ({
    losses: zip(logs(logits), targets).map(([row, target]) => -at(row, target) / unit),
    mask,
  });

const right = scored((logits) => logits.map(logSoftmax));

const counted = ({ losses, mask }: Losses): number => total(losses.map((loss, t) => loss * at(mask, t)));
const tokens = ({ mask }: Losses): number => total(mask);
const sumOf = (all: readonly Losses[], of: (one: Losses) => number): number => total(all.map(of));

const perToken: Reduce = (all) => sumOf(all, counted) / sumOf(all, tokens);
const perSequence: Reduce = (all) => average(all.map((one) => perToken([one])));

/** The mask of a sequence, changed. */
const masked =
  (change: (mask: Row) => Row): Score =>
  (sequence) =>
    right({ ...sequence, mask: change(sequence.mask) });

/** All but one of the positions that count. */
const without = (which: (mask: Row) => number): Score =>
  masked((mask) => mask.map((counts, t) => (t === which(mask) ? 0 : counts)));

const moved: Score = ({ logits, targets, mask }) =>
  right({ logits: logits.slice(0, -1), targets: targets.slice(1), mask: mask.slice(1) });

const movedBack: Score = ({ logits, targets, mask }) =>
  right({ logits: logits.slice(1), targets: targets.slice(0, -1), mask: mask.slice(0, -1) });

/** Bugs in what a position costs, and in which positions count. */
const scores: readonly (readonly [name: string, derivation: string, score: Score, bug: string])[] = [
  [
    "padding counted",
    "positions of padding count as tokens",
    masked((mask) => mask.map(() => 1)),
    "the mask is not used; the loss depends on how much padding there is",
  ],
  [
    "last token left out",
    "the last token of every sequence does not count",
    without((mask) => mask.lastIndexOf(1)),
    "the token that ends a sequence is masked, as where it is also the token of padding: a model never learns to end",
  ],
  [
    "first token left out",
    "the first token of every sequence does not count",
    without((mask) => mask.indexOf(1)),
    "the mask is moved by one against the targets",
  ],
  [
    "targets moved once more",
    "position t is compared with target t + 1",
    moved,
    "the targets are shifted by the loss, though they were shifted before: the token after the next is learned",
  ],
  [
    "logits moved",
    "position t + 1 is compared with target t",
    movedBack,
    "the logits are shifted against targets that fit already: every token is foretold from itself",
  ],
  [
    "softmax twice",
    "−log softmax(softmax(z))",
    scored((logits) => logits.map((row) => logSoftmax(softmax(row)))),
    "probabilities are given where logits are wanted",
  ],
  [
    "normalised over time",
    "−log p, where p sums to 1 over positions",
    scored((logits) => alongColumns(logits, logSoftmax)),
    "the softmax runs over the positions of a sequence",
  ],
  [
    "bits",
    "−log₂ p",
    scored((logits) => logits.map(logSoftmax), Math.LN2),
    "log2 in the place of the natural logarithm",
  ],
];

/** Bugs in what is divided by what, of a mean over tokens. */
const divisions: readonly (readonly [name: string, derivation: string, reduce: Reduce, bug: string])[] = [
  [
    "padding in the denominator",
    "the sum over tokens, divided by all positions",
    (all) => sumOf(all, counted) / sumOf(all, ({ mask }) => mask.length),
    "a mean over masked losses, whose zeros count: more padding makes the loss smaller",
  ],
  [
    "padding in the numerator",
    "the sum over all positions, divided by the number of tokens",
    (all) => sumOf(all, ({ losses }) => total(losses)) / sumOf(all, tokens),
    "losses are summed before they are masked",
  ],
  [
    "mean over pairs of sequences",
    "the mean over tokens of every two sequences, and the mean of those",
    (all) => average(range(all.length / 2).map((pair) => perToken(all.slice(2 * pair, 2 * pair + 2)))),
    "micro-batches, or processes, with unequal numbers of tokens weigh the same",
  ],
];

function meaning(
  name: string,
  derivation: string,
  usual: boolean,
  reduce: Reduce,
  more: readonly Variant[] = [],
): Meaning {
  const own = scores.map(([variant, says, score, how]) => bug(variant, says, by(score, reduce), how));
  return { name, derivation, usual, answer: by(right, reduce), variants: [...own, ...more] };
}

function by(score: Score, reduce: Reduce): Definition {
  return (given) => scalar(reduce(sequencesIn(given).map(score)));
}

const [count, length, classes] = [4, 5, 3];
// Pairs of them have 9 and 5 tokens.
const lengths = [5, 4, 2, 3];

export const tokenLoss: FunctionProblem = closed({
  name: "token-loss",
  slot: "tokenLoss",
  signature: "tokenLoss(logits [B, T, V], targets [B, T], mask [B, T]) → mean over tokens",
  title: "cross-entropy of tokens of unequally long sequences",
  story: `Position t of a sequence has logits and the token that is to be foretold there; the mask is 1 where that is a token, 0 where it is
padding. Wanted is the sum of −log p over all tokens of all sequences, divided by their number.`,
  source: "folklore; the mean of means is huggingface/transformers pull request 34191",
  operations: 60,
  asked: [
    {
      name: "four sequences of 5, 4, 2 and 3 tokens",
      given: {
        logits: fractions("tokens", count, length, classes),
        targets: indices([count, length], [1, 2, 0, 2, 1, 2, 1, 0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 2, 0, 0]),
        mask: reals(
          [count, length],
          lengths.flatMap((own) => range(length).map((t) => Number(t < own))),
        ),
      },
    },
  ],
  meanings: [
    meaning(
      "mean over tokens",
      "the sum over tokens, divided by their number",
      true,
      perToken,
      divisions.map(([name, says, reduce, how]) => bug(name, says, by(right, reduce), how)),
    ),
    meaning(
      "mean over sequences",
      "the mean over the tokens of each sequence, and the mean of those: tokens of short sequences weigh more",
      false,
      perSequence,
    ),
    meaning(
      "sum over tokens, mean over sequences",
      "the sum over the tokens of each sequence, and the mean of those: long sequences weigh more",
      false,
      (all) => sumOf(all, counted) / all.length,
    ),
    meaning("sum", "the sum over all tokens, which grows with the batch", false, (all) =>
      sumOf(all, counted),
    ),
  ],
});
