/** @file Which of a batch's other views belongs to a view, where two views have nothing in common but a class. */
import { at, invariant, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { changing } from "../changes.ts";
import { categorical, head } from "../heads.ts";
import { answersSo, difference, rounding, staysTheSame } from "../probes.ts";
import type { Batch, Predictor, Probe, Problem } from "../problem.ts";
import { indices, named, reals, row, type Tensor } from "../tensor.ts";
import { binomial, everyRow, level, normals, realField } from "./parts.ts";
import { staysWithin } from "./ranges.ts";

/** Rows of a batch; a class is two signs, beside which a view has as many numbers that mean nothing. */
const [size, signs] = [4, 2];
const classes = 2 ** signs;

/** A logit at which a softmax says never. */
const never = -50;

/** The mean of f(k) where k of the other rows are of a group that each belongs to with this chance. */
const overAlike = (chance: number, f: (alike: number) => number): number =>
  binomial(size - 1, chance).reduce((sum, p, alike) => sum + p * f(alike), 0);

/** Every row's own is one of 1 + k that look alike. */
const lossOfGroups = (chance: number): number => overAlike(chance, (alike) => Math.log(1 + alike));

/** Cosines, 1 within a class and the lowest that all pairs of classes can have otherwise. */
const farthest = -1 / (classes - 1);
const cosineLoss = overAlike(1 / classes, (alike) =>
  Math.log(1 + alike + (size - 1 - alike) * Math.exp(farthest - 1)),
);

/** Logits from both views and from where they are in the batch. */
const scored =
  (
    score: (left: readonly number[], right: readonly number[], place: number, other: number) => number,
  ): Predictor =>
  (batch) => {
    const [left, right] = [named(batch.inputs, "left"), named(batch.inputs, "right")];
    return {
      match: everyRow(batch, [size], (index) => {
        const place = index % size;
        return range(size).map((other) =>
          score(Array.from(row(left, index)), Array.from(row(right, index - place + other)), place, other),
        );
      }),
    };
  };

const alikeIn =
  (...places: readonly number[]) =>
  (left: readonly number[], right: readonly number[]): boolean =>
    places.every((place) => left[place] === right[place]);

const sameClass = alikeIn(...range(signs));

function draw(rows: number, random: Random): Batch {
  invariant(rows % size === 0, `rows come in batches of ${size}`);
  const labels = range(rows).map(() => range(signs).map(() => 2 * random.below(2) - 1));
  const view = () =>
    reals(
      [rows, 2 * signs],
      labels.flatMap((own) => [...own, ...normals(signs, random)]),
    );
  return {
    rows,
    inputs: { left: view(), right: view() },
    targets: {
      match: indices(
        [rows],
        range(rows).map((index) => index % size),
      ),
    },
    hidden: {},
  };
}

/** The right views of every batch, or what is said of them, move on by one row; the last comes first. */
function movedOn({ shape, data }: Tensor, axis: "rows" | "columns"): Tensor {
  const width = axis === "rows" ? 2 * signs : 1;
  const from = (i: number): number => {
    const place = Math.floor(i / width) % size;
    return i + width * (((place + size - 1) % size) - place);
  };
  return { shape, data: data.map((_, i) => at(data, from(i))) };
}

/** Models to which it matters where in the batch a right view is. */
const seesPlaces: Probe = {
  says: "right views move on by one row: outputs do not move along",
  inputs: ({ inputs }) => [{ ...inputs, right: movedOn(named(inputs, "right"), "rows") }],
  confirms: (plain, [moved]) =>
    moved !== undefined &&
    difference({ match: movedOn(named(plain, "match"), "columns") }, moved) >= rounding,
};

export const contrastive: Problem = {
  name: "contrastive",
  title: "which of the batch's other views belongs to a view",
  story: `A row has a class, ${signs} signs, and two views of it: the signs, and ${signs} standard normal numbers that differ between the views. For the left
view of each of the ${size} rows of a batch the model gives a logit for every right view of the batch, and the target is the row's own
(InfoNCE). Right views of the same class can't be told apart.`,
  source: "van den Oord, Li and Vinyals 2018, Representation learning with contrastive predictive coding",
  tags: ["contrastive", "batch"],
  inputs: [
    realField("left", [2 * signs], "one view of every row"),
    realField("right", [2 * signs], "the other view of every row"),
  ],
  heads: [head("match", [], categorical(size))],
  batch: size,
  steps: 800,
  coupled: true,
  draw,
  best: level(
    lossOfGroups(1 / classes),
    `E log(1 + Binomial(${size - 1}, 1/${classes})): right views of one class are exchangeable`,
    scored((left, right) => (sameClass(left, right) ? 0 : never)),
  ),
  rungs: [
    {
      ...level(
        cosineLoss,
        `logits that are cosines: the convex loss is least where all pairs of classes have the same cosine, which ${classes} directions allow down to −1/${classes - 1}`,
        scored((left, right) => (sameClass(left, right) ? 1 : farthest)),
      ),
      name: "cosines as logits",
      kind: "floor",
      bugs: ["cosine similarities are not divided by a temperature"],
      probe: staysWithin(-1, 1, "match"),
    },
    {
      ...level(
        lossOfGroups(1 / 2),
        "a view says one sign, so that two classes look alike",
        ...range(signs).map((sign) => scored((left, right) => (alikeIn(sign)(left, right) ? 0 : never))),
      ),
      name: "one sign",
      kind: "floor",
      bugs: ["a part of the view is not read"],
      probe: staysTheSame(
        "one of the signs is turned in all right views",
        ...range(signs).map((sign) => changing("right", (value, place) => (place === sign ? -value : value))),
      ),
    },
    {
      ...level(
        Math.log(size),
        `log ${size}: all right views are as likely`,
        scored(() => 0),
      ),
      name: "no similarity",
      kind: "floor",
      bugs: [
        "embeddings have collapsed to one point",
        "one of the views is not read",
        "the embedding has one number, whose cosines are signs and have no slope",
      ],
      probe: answersSo(
        "all outputs of a row are equal",
        ({ inputs }) => inputs,
        (answers) => {
          const said = named(answers, "match");
          return range(at(said.shape, 0)).every((index) => {
            const logits = row(said, index);
            return Math.max(...logits) - Math.min(...logits) < 1e-3;
          });
        },
      ),
    },
    {
      ...level(
        0,
        "what sees which row is which needs no view",
        scored((_left, _right, place, other) => (place === other ? 0 : never)),
      ),
      name: "sees the diagonal",
      kind: "leak",
      bugs: [
        "similarities are taken within one view, where each row meets itself",
        "both views of a row get the same noise",
        "the position in the batch leaks into the embeddings",
      ],
      probe: seesPlaces,
    },
  ],
};
