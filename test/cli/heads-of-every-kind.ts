/** @file For every kind of head a batch, what a model says of it, and the loss that Assay judges by. */
import { range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { type Weighed, weighed } from "../../src/cli/toys/batches.ts";
import { type Description, descriptionOf } from "../../src/toys/description.ts";
import {
  binary,
  categorical,
  gaussian,
  head,
  latent,
  quantile,
  type Scoring,
  squared,
} from "../../src/toys/heads.ts";
import { losses } from "../../src/toys/measure.ts";
import { type Batch, ignored, type Problem } from "../../src/toys/problem.ts";
import { indices, outputs, reals, type Tensor } from "../../src/toys/tensor.ts";

const kinds: readonly Scoring[] = [
  categorical(3),
  binary,
  squared({ variance: 1, most: 1 }),
  gaussian({ most: 1 }),
  quantile({ level: 0.8, deviation: 1, most: 1 }),
  latent({ most: 1 }),
];
const [rows, items] = [4, 3];

/** One output `y` on a batch, in which an item of every row doesn't count. */
export interface OfOneHead {
  readonly description: Description;
  readonly said: Tensor;
  readonly known: Weighed;
  /** The mean over rows. */
  readonly loss: number;
}

function ofOneHead(scoring: Scoring): OfOneHead {
  const { kind, width } = scoring;
  const source = random(8);
  const isWhole = kind === "categorical";
  const target = (): number => (isWhole || kind === "binary" ? source.below(2) : source.normal());
  const values = range(rows * items).map(target);
  // One item of every row, so that the mean over rows is that over items.
  for (const row of range(rows)) values[row * items + (row % items)] = isWhole ? ignored : Number.NaN;
  const y = isWhole ? indices([rows, items], values) : reals([rows, items], values);
  const shape = width === 1 ? [rows, items] : [rows, items, width];
  const said = reals(
    shape,
    range(rows * items * width).map(() => source.normal()),
  );
  const heads = [head("y", [items], scoring, 1.5)];
  const problem = { inputs: [], heads, batch: rows } as unknown as Problem;
  const batch: Batch = { rows, inputs: {}, targets: { y }, hidden: {} };
  const all = losses(problem, batch, { y: outputs(shape, said.data) });
  return {
    description: descriptionOf(problem),
    said,
    known: weighed(y),
    loss: all.reduce((sum, loss) => sum + loss, 0) / rows,
  };
}

/** By the name of the kind. */
export const headsOfEveryKind: readonly (readonly [kind: string, one: OfOneHead])[] = kinds.map((scoring) => [
  scoring.kind,
  ofOneHead(scoring),
]);
