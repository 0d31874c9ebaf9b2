/** @file Every input comes twice in its batch, with both labels. */

import { at, invariant, range, zip } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { constantly } from "../certificate.ts";
import { type Change, changing } from "../changes.ts";
import { binary, head } from "../heads.ts";

import type { Probe, Problem } from "../problem.ts";
import { named, outputs, reals, row, type Tensor } from "../tensor.ts";
import { binaryEntropy, level, logit, predictsFrom, realField } from "./parts.ts";
import { fromWholeBatches, lastRowDiffers, othersNegated, rowsDiffer, type Seen } from "./whole-batches.ts";

const [size, swap, shape] = [4, 0.02, [3, 4]] as const;
const numbers = shape[0] * shape[1];

/** Rows of a batch in pairs of twins, the earlier first; any pairing is as likely as any other. */
function pairs(random: Random): (readonly [number, number])[] {
  const order = range(size);
  for (const index of range(size)) {
    const other = index + random.below(size - index);
    [order[index], order[other]] = [at(order, other), at(order, index)];
  }
  return range(size / 2).map((pair) => {
    const [a, b] = [at(order, 2 * pair), at(order, 2 * pair + 1)];
    return [Math.min(a, b), Math.max(a, b)];
  });
}

function drawBatch(random: Random): { readonly x: Float32Array; readonly labels: Float32Array } {
  const [x, labels] = [new Float32Array(size * numbers), new Float32Array(size)];
  for (const twins of pairs(random)) {
    const values = range(numbers).map(random.normal);
    const swapped = random.uniform() < swap;
    for (const [label, place] of twins.entries()) {
      x.set(values, place * numbers);
      labels[place] = swapped ? 1 - label : label;
    }
  }
  return { x, labels };
}

/** A label that is 1 for the later twin, unless they were swapped. */
const chanceOfOne = (later: number): number => swap + (1 - 2 * swap) * later;

/** One of the others is the twin, and `place` of them are earlier. */
const chanceAtPlace = (place: number): number => chanceOfOne(place / (size - 1));

const twinCameBefore = ({ batch, place }: Seen): boolean =>
  batch.slice(0, place).some((earlier) => zip(earlier, at(batch, place)).every(([a, b]) => a === b));

/** The rows of the first half once more in the second. */
const halvesEqual: Change = (batch, random) => {
  const x = named(batch.inputs, "x");
  const half = batch.rows / 2;
  return changing("x", (_, place, index) => at(row(x, index % half), place))(batch, random);
};

/** What treats rows alike, however it mixes them, gives equal rows equal outputs. */
function halvesDiffer(logits: Tensor): boolean {
  const half = logits.data.length / 2;
  return range(half).some((index) =>
    rowsDiffer(outputs([2], [at(logits.data, index), at(logits.data, index + half)])),
  );
}

/** Whether equal rows get different outputs, and whether other rows matter. */
const numberOrRows = (says: string, otherRowsMatter: boolean): Probe => ({
  says: `the second half of a batch repeats the first, and its outputs differ; ${says}`,
  inputs: (batch, random) => [halvesEqual, othersNegated("x")].map((change) => change(batch, random)),
  confirms: (plain, [repeated, others]) =>
    repeated !== undefined &&
    others !== undefined &&
    halvesDiffer(named(repeated, "label")) &&
    lastRowDiffers(named(plain, "label"), named(others, "label")) === otherRowsMatter,
});

export const contradictoryTwins: Problem = {
  name: "contradictory-twins",
  title: "every input comes twice in its batch, once with each label",
  story: `A batch of ${size} rows holds ${size / 2} pairs of twins in any order. Twins have the same x ∈ ℝ³ˣ⁴, standard normal. The label of the
earlier twin is 0 and that of the later one 1, swapped with probability ${swap}. What reads only its own row can't tell twins apart, on
data it was trained on as little as on others. What treats the rows of a batch alike, such as the normalisation of a batch, can't either.`,
  source: "folklore; Jensen's inequality for two equal inputs with unequal labels",
  tags: ["classification", "leak", "batch"],
  inputs: [realField("x", shape, "noise, which the row's twin shares")],
  heads: [head("label", [], binary)],
  batch: size,
  steps: 600,
  coupled: true,
  draw: (rows, random) => {
    invariant(rows % size === 0, `twins come in batches of ${size}`);
    const batches = range(rows / size).map(() => drawBatch(random));
    return {
      rows,
      inputs: {
        x: reals(
          [rows, ...shape],
          batches.flatMap(({ x }) => [...x]),
        ),
      },
      targets: {
        label: reals(
          [rows],
          batches.flatMap(({ labels }) => [...labels]),
        ),
      },
      hidden: {},
    };
  },
  best: level(
    Math.log(2),
    "log 2: twins get one logit z, and for labels 0 and 1 that costs log(1 + e^z) + log(1 + e^−z), at least 2 log 2",
    predictsFrom("x", "label", [], () => [0]),
  ),
  certificate: constantly("label", numbers, [0]),
  rungs: [
    {
      ...level(
        range(size).reduce((sum, place) => sum + binaryEntropy(chanceAtPlace(place)) / size, 0),
        "the entropy of the label given the number of the row: the later a row, the likelier its twin came before",
        fromWholeBatches(size, "x", "label", ({ place }) => logit(chanceAtPlace(place))),
      ),
      name: "row number seen",
      kind: "leak",
      bugs: ["positions are encoded along the axis of the batch instead of that of the sequence"],
      probe: numberOrRows("all rows but the last change, and its output does not", false),
    },
    {
      ...level(
        binaryEntropy(swap),
        "the entropy of a swap: whether the twin came before says the rest",
        fromWholeBatches(size, "x", "label", (seen) => logit(chanceOfOne(Number(twinCameBefore(seen))))),
      ),
      name: "earlier rows seen",
      kind: "leak",
      bugs: [
        "a recurrence or causal attention runs along the batch, since the axes of batch and sequence are exchanged",
        "a state is carried from row to row",
        "a reshape where a transpose is needed puts several rows into one",
      ],
      probe: numberOrRows("all rows but the last change, and its output too", true),
    },
  ],
};
