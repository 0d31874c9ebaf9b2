/** @file Noisy copies whose lag is told: how far a model sees can be read off its loss. */
import { at, range } from "../../base/assert.ts";
import type { Problem } from "../problem.ts";
import { indices, named, row } from "../tensor.ts";
import { type Copies, copied, copyLoss, copyOf } from "./lag-copy.ts";
import { indexField, level } from "./parts.ts";
import {
  type Belief,
  batchOf,
  inputNotRead,
  noMask,
  says,
  sequenceOf,
  tokenBack,
  uniform,
  windowOf,
} from "./sequences.ts";

/** The loss of models that see `reach` tokens where all lags are equally likely. */
export function lossWithin(copies: Copies, lags: readonly number[], reach: number): number {
  const within = lags.filter((lag) => lag <= reach).length / lags.length;
  return within * copyLoss(copies) + (1 - within) * Math.log(copies.kinds);
}

const copies: Copies = { kinds: 4, noise: 0.1 };
const lags = [1, 2, 4, 8];
const length = 16;
// From where every lag has a token to copy, so that all rows count the same positions.
const sequence = sequenceOf(length, copies.kinds, range(length).slice(Math.max(...lags) - 1));
// One is added, so that 0 is left for models that pad.
const lagField = indexField(
  "lag",
  [length],
  Math.max(...lags) + 1,
  "how far back the copied token lies, at every position",
);

const copy: Belief = (past, { position, index, batch }) => {
  const lag = at(row(named(batch.inputs, lagField.name), index), position);
  return past.length < lag ? uniform(copies.kinds) : copyOf(copies, tokenBack(past, lag));
};

const derivation = (reach: number): string =>
  `where the lag is at most ${reach} the entropy of a noisy copy; else the tokens in sight belong to other copies, and log ${copies.kinds} is left`;

export const lagMixture: Problem = {
  name: "lag-mixture",
  title: "noisy copies of a token whose distance is told",
  story: `Each sequence has a lag of ${lags.join(", ")}, which is told at every position. Its first tokens, as many as the lag, are uniform of
${copies.kinds} kinds; every later one copies that which is the lag before it, or is drawn anew with probability ${copies.noise}. The model reads
${length} tokens and says the next one wherever it is a copy whatever the lag. The loss is the cross-entropy.`,
  source:
    "folklore; a stream of the copies in Arjovsky and others 2016, Unitary Evolution Recurrent Neural Networks",
  tags: ["classification", "sequence", "causal", "window"],
  inputs: [sequence.input, lagField],
  heads: [sequence.next],
  batch: 32,
  steps: 1500,
  draw: (rows, random) => {
    const chosen = range(rows).map(() => at(lags, random.below(lags.length)));
    const words = chosen.map((lag) => copied(copies, lag, length + 1, random));
    const batch = batchOf(sequence, words);
    const told = indices(
      [rows, length],
      chosen.flatMap((lag) => range(length).map(() => lag)),
    );
    return { ...batch, inputs: { ...batch.inputs, [lagField.name]: told } };
  },
  best: level(copyLoss(copies), "the entropy of a noisy copy", says(sequence, copy)),
  rungs: [
    inputNotRead(
      sequence,
      lossWithin(copies, lags, 0),
      `log ${copies.kinds}: every token alone is uniform`,
      () => uniform(copies.kinds),
    ),
    ...lags
      .slice(0, -1)
      .map((reach) => windowOf(sequence, reach, lossWithin(copies, lags, reach), derivation(reach), copy)),
    noMask(sequence, copyLoss(copies), copy),
  ],
};
