/** @file Noisy copies of the token a few places back: what a window must hold. */
import { range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import type { Problem } from "../problem.ts";
import { crossEntropyOf, entropy, level } from "./parts.ts";
import { bestProbabilities, givesProbabilities } from "./ranges.ts";
import {
  answers,
  bugs,
  certain,
  continued,
  grown,
  type Law,
  noMask,
  says,
  sequenceOf,
  shiftedTwice,
  tokenBack,
  uniform,
  type Word,
  windowOf,
} from "./sequences.ts";

export interface Copies {
  readonly kinds: number;
  /** Probability that a token is drawn anew. */
  readonly noise: number;
}

/** The law of a noisy copy. */
export const copyOf = ({ kinds, noise }: Copies, token: number): Law =>
  certain(kinds, token).map((p) => (1 - noise) * p + noise / kinds);

/** The entropy of a noisy copy. */
export const copyLoss = (copies: Copies): number => entropy(copyOf(copies, 0));

/** The loss of a model that takes another token for the original. */
export const wrongCopyLoss = (copies: Copies): number =>
  crossEntropyOf(uniform(copies.kinds), copyOf(copies, 0).map(Math.log));

/** A word whose every token copies that `lag` places before, after `lag` uniform ones. */
export const copied = ({ kinds, noise }: Copies, lag: number, length: number, random: Random): Word =>
  grown(length, random.below(kinds), (past) =>
    past.length < lag || random.uniform() < noise ? random.below(kinds) : tokenBack(past, lag),
  );

const copies: Copies = { kinds: 3, noise: 0.1 };
const [length, lag] = [16, 4];
const sequence = sequenceOf(length, copies.kinds, range(length).slice(lag - 1));
const best = copyLoss(copies);

/** What a model says to which the next token copies that `back` places before it. */
const copy =
  (back: number) =>
  (past: Word): Law =>
    past.length < back ? uniform(copies.kinds) : copyOf(copies, tokenBack(past, back));

const logits = bestProbabilities(copyOf(copies, 0));
const atLag = (past: Word): readonly number[] =>
  past.length < lag ? uniform(copies.kinds) : bestProbabilities(copyOf(copies, tokenBack(past, lag)));

export const lagCopy: Problem = continued(sequence, (random) => copied(copies, lag, length + 1, random), {
  name: "lag-copy",
  title: `noisy copies of the token ${lag} places before`,
  story: `The first ${lag} tokens are uniform of ${copies.kinds} kinds. Every later one copies the token ${lag} places before it, or is drawn anew with
probability ${copies.noise}. The model reads ${length} tokens and says the next one wherever it is a copy; there it needs the last ${lag} tokens,
the current one included. The loss is the cross-entropy.`,
  source:
    "folklore; a stream of the copies in Arjovsky and others 2016, Unitary Evolution Recurrent Neural Networks",
  tags: ["classification", "sequence", "causal", "window"],
  batch: 32,
  steps: 800,
  best: level(best, "the entropy of a noisy copy", says(sequence, copy(lag))),
  rungs: [
    {
      ...windowOf(
        sequence,
        lag - 1,
        Math.log(copies.kinds),
        `log ${copies.kinds}: the last ${lag - 1} tokens belong to other copies, of which the next token is independent`,
        () => uniform(copies.kinds),
      ),
      bugs: [...bugs.shortWindow, ...bugs.notMixed, ...bugs.notRead],
    },
    shiftedTwice(
      sequence,
      wrongCopyLoss(copies),
      `a copy of the token ${lag - 1} places before the next, of which the next is independent`,
      copy(lag - 1),
    ),
    {
      ...level(
        crossEntropyOf(copyOf(copies, 0), logits),
        "logits that are probabilities: the best give all to the copied token, which leads the others far enough",
        answers(sequence, atLag),
      ),
      name: "softmax twice",
      kind: "floor",
      bugs: ["the model applies a softmax, and the loss another"],
      probe: givesProbabilities("next"),
    },
    noMask(sequence, best, copy(lag)),
  ],
});
