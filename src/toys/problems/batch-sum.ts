/** @file Labels that only the other rows of the batch foretell. */

import { at, invariant, range } from "../../base/assert.ts";
import { constantly } from "../certificate.ts";
import { type Change, changing } from "../changes.ts";
import { binary, head } from "../heads.ts";

import type { Probe, Problem } from "../problem.ts";
import { named, reals } from "../tensor.ts";
import { binaryEntropy, level, logit, predictsFrom, realField } from "./parts.ts";
import { fromWholeBatches, rowsDiffer, type Seen, seesOtherRows, visible } from "./whole-batches.ts";

const [size, flip, width] = [6, 0.01, 4] as const;

/** The sum of the first numbers of all rows. */
const sumOf = ({ batch }: Seen): number => batch.reduce((sum, values) => sum + at(values, 0), 0);

/** The sum without the row itself: an odd number of signs, so never 0. */
const sumOfOthers = (seen: Seen): number => sumOf(seen) - at(at(seen.batch, seen.place), 0);

const likely = logit(1 - flip);

/** Of so many signs half are positive. */
function chanceOfTie(count: number): number {
  return range(count / 2).reduce((ways, i) => (ways * (count - i)) / (i + 1), 2 ** -count);
}

/** Rows (s, s, s, s), where a row's sign s is a function of its number. */
const equalSigns = (sign: (index: number) => number): Change =>
  changing("x", (_, _place, index) => sign(index));

/** What reads only its own row can't answer so: where both signs get one output, there is no other. */
const batchInsteadOfRow: Probe = {
  says: "rows (s, s, s, s): alternating signs give all rows one output; only 1 and only −1 give two",
  inputs: (batch, random) =>
    [equalSigns((index) => (index % 2 === 0 ? 1 : -1)), equalSigns(() => 1), equalSigns(() => -1)].map(
      (ask) => ask(batch, random),
    ),
  confirms: (_, others) => {
    const [mixed, positive, negative] = others.map((said) => named(said, "label"));
    if (mixed === undefined || positive === undefined || negative === undefined) return false;
    // Twice what is visible, so that rounding at that limit makes no contradiction.
    return !rowsDiffer(mixed) && Math.abs(at(positive.data, 0) - at(negative.data, 0)) >= 2 * visible;
  },
};

export const batchSum: Problem = {
  name: "batch-sum",
  title: "labels that only the other rows of the batch foretell",
  story: `Rows are x ∈ {−1, 1}⁴, uniform. In a batch of ${size} the label of a row says whether the sum of the first signs of the other
${size - 1} rows is positive, flipped with probability ${flip}. The row itself tells nothing.`,
  source: "folklore: normalisation of a batch that is left in training mode",
  tags: ["classification", "leak", "batch"],
  inputs: [realField("x", [width], "signs")],
  heads: [head("label", [], binary)],
  batch: size,
  steps: 600,
  coupled: true,
  draw: (rows, random) => {
    invariant(rows % size === 0, `rows come in batches of ${size}`);
    const x = range(rows * width).map(() => 2 * random.below(2) - 1);
    const sign = (index: number): number => at(x, index * width);
    const label = (index: number): number => {
      const batch = range(size).map((place) => index - (index % size) + place);
      const others = batch.reduce((sum, other) => (other === index ? sum : sum + sign(other)), 0);
      return Number(others > 0 !== random.uniform() < flip);
    };
    return {
      rows,
      inputs: { x: reals([rows, width], x) },
      targets: { label: reals([rows], range(rows).map(label)) },
      hidden: {},
    };
  },
  best: level(
    Math.log(2),
    "log 2: the other rows are independent of this one, and as likely as with all signs changed",
    predictsFrom("x", "label", [], () => [0]),
  ),
  certificate: constantly("label", width, [0]),
  rungs: [
    {
      ...level(
        binaryEntropy(flip),
        "the entropy of a flip: the whole batch says the rest",
        fromWholeBatches(size, "x", "label", (seen) => likely * Math.sign(sumOfOthers(seen))),
      ),
      name: "other rows seen",
      kind: "leak",
      bugs: [
        "the normalisation of a batch uses the batch's own mean and variance in evaluation",
        "attention or a recurrence runs along the batch",
        "a reshape where a transpose is needed puts several rows into one",
      ],
      probe: seesOtherRows("x", "label"),
    },
    {
      ...level(
        chanceOfTie(size) * Math.log(2) + (1 - chanceOfTie(size)) * binaryEntropy(flip),
        "the sum of all rows has the sign of the sum of the others, except where it is 0, which says nothing",
        fromWholeBatches(size, "x", "label", (seen) => likely * Math.sign(sumOf(seen))),
      ),
      name: "batch instead of row",
      kind: "leak",
      bugs: ["a mean or a maximum is taken over the axis of the batch instead of that of the features"],
      probe: batchInsteadOfRow,
    },
  ],
};
