/** @file The running parity of bits: a state that every bit changes, and no part of the past replaces. */
import { range } from "../../base/assert.ts";
import { addsUp } from "../causal-probes.ts";
import { categorical, head } from "../heads.ts";
import { ignored, type Problem } from "../problem.ts";
import { indices } from "../tensor.ts";
import { binaryEntropy, level } from "./parts.ts";
import {
  type Belief,
  bugs,
  meanLoss,
  type Sequence,
  says,
  sequenceOf,
  uniform,
  type Word,
  windowOf,
} from "./sequences.ts";

const [length, flip, window] = [8, 0.05, 4];
// The first parity is the first bit; all others need a state.
const sequence: Sequence = {
  ...sequenceOf(length, 2, range(length).slice(1)),
  next: head("parity", [length], categorical(2)),
};

const parityOf = (bits: Word): number => bits.reduce((sum, bit) => sum + bit, 0) % 2;

/** The parity of bits that are all there were, or either where some are out of sight. */
const parity: Belief = (seen, { position }) => {
  if (seen.length <= position) return uniform(2);
  return parityOf(seen) === 1 ? [flip, 1 - flip] : [1 - flip, flip];
};

/** The loss after so many bits of a model that sees the last few of them. */
const lossWithin = (reach: number): number =>
  meanLoss(sequence, (seen) => (seen <= reach ? binaryEntropy(flip) : Math.log(2)));

export const parityStream: Problem = {
  name: "parity-stream",
  title: "the running parity of bits",
  story: `${length} uniform bits. At every position from the second on, the model says whether the bits so far have an odd sum; the label is flipped with
probability ${flip}. The loss is the cross-entropy.`,
  source: "folklore; Minsky and Papert 1969, Perceptrons, for parity",
  tags: ["classification", "sequence", "causal", "memory", "recurrent"],
  inputs: [sequence.input],
  heads: [sequence.next],
  batch: 64,
  steps: 1500,
  draw: (rows, random) => {
    const words = range(rows).map(() => range(length).map(() => random.below(2)));
    const labels = words.flatMap((word) =>
      range(length).map((position) => {
        const flipped = Number(random.uniform() < flip);
        const odd = parityOf(word.slice(0, position + 1));
        return sequence.counted.includes(position) ? (odd + flipped) % 2 : ignored;
      }),
    );
    return {
      rows,
      inputs: { [sequence.input.name]: indices([rows, length], words.flat()) },
      targets: { [sequence.next.name]: indices([rows, length], labels) },
      hidden: {},
    };
  },
  best: level(binaryEntropy(flip), "the entropy of a flipped label", says(sequence, parity)),
  rungs: [
    windowOf(
      sequence,
      window,
      lossWithin(window),
      `the entropy of a flipped label for the first ${window} parities; then log 2, since one bit out of sight decides the parity`,
      parity,
    ),
    {
      ...windowOf(sequence, 1, lossWithin(1), "log 2: one bit out of sight decides the parity", parity),
      bugs: [...bugs.notMixed, ...bugs.notRead],
    },
    {
      ...level(
        lossWithin(1),
        "log 2: flipping two bits changes no parity, and the loss is convex, so that some best affine logit is constant",
        says(sequence, () => uniform(2)),
      ),
      name: "affine",
      kind: "floor",
      bugs: ["the recurrence has no nonlinearity", "an activation is missing"],
      probe: addsUp(sequence.input),
    },
  ],
};
