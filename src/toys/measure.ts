/** @file The true losses of predictions, and their distances from the oracle's and from each rung's predictions. */
import { at } from "../base/assert.ts";
import type { Head } from "./heads.ts";
import { type Batch, ignored, type Problem } from "./problem.ts";
import { type Numbers, named, type Tensors } from "./tensor.ts";

/** Something of one item: of its target, and of what two predictors say of it. */
type OfItem = (head: Head, target: number, said: Numbers, other: Numbers) => number;

/** For every row what `ofItem` gives for its items that count, summed, or as a mean with the heads' weights. */
function overItems(
  { heads }: Problem,
  batch: Batch,
  [said, other]: readonly [Tensors, Tensors],
  as: "sum" | "mean",
  ofItem: OfItem,
): Float64Array {
  const values = new Float64Array(batch.rows);
  for (const head of heads) {
    const [targets, one, two] = [batch.targets, said, other].map((all) => named(all, head.name).data) as [
      Numbers,
      Numbers,
      Numbers,
    ];
    const [items, { width }] = [targets.length / batch.rows, head.scoring];
    // Items are copied into two arrays: to make a view of each would take longer than to compare them.
    const [own, others] = [new Float64Array(width), new Float64Array(width)];
    for (let index = 0; index < batch.rows; index++) {
      let [sum, count] = [0, 0];
      for (let place = index * items; place < (index + 1) * items; place++) {
        const target = at(targets, place);
        if (target === ignored || Number.isNaN(target)) continue;
        for (let k = 0; k < width; k++) {
          own[k] = at(one, place * width + k);
          others[k] = at(two, place * width + k);
        }
        sum += ofItem(head, target, own, others);
        count++;
      }
      values[index] = at(values, index) + (as === "sum" ? sum : (head.weight * sum) / count);
    }
  }
  return values;
}

/** The loss of every row: means over its items that count, summed over heads by their weights. */
export const losses = (problem: Problem, batch: Batch, outputs: Tensors): Float64Array =>
  overItems(problem, batch, [outputs, outputs], "mean", ({ scoring }, target, said) =>
    scoring.loss(said, target),
  );

/** How much every row's predictions would lose on average if those of `truth` told the law. */
export function excesses(problem: Problem, batch: Batch, outputs: Tensors, truth: Tensors): Float64Array {
  if (!problem.heads.some(({ scoring }) => scoring.kind === "latent"))
    return overItems(problem, batch, [outputs, truth], "mean", divergence);
  // An autoencoder's target is its input, so that no law of it is left: what is lost on the data is told.
  const lowest = losses(problem, batch, truth);
  return losses(problem, batch, outputs).map((loss, index) => loss - at(lowest, index));
}

/** How far every row's predictions are from those of `truth`, no item of which counts for more than its head allows. */
export const distances = (problem: Problem, batch: Batch, outputs: Tensors, truth: Tensors): Float64Array =>
  overItems(problem, batch, [outputs, truth], "mean", (head, target, said, law) =>
    Math.min(divergence(head, target, said, law), head.scoring.mostDivergence),
  );

/** Rounding can make a divergence of nothing negative. */
const divergence: OfItem = ({ scoring }, _, said, law) => Math.max(0, scoring.divergence(law, said));

/** The largest distance that a row can have. */
export const mostDistance = ({ heads }: Problem): number =>
  heads.reduce((sum, { weight, scoring }) => sum + weight * scoring.mostDivergence, 0);

/**
 * Logarithm of how much likelier every row's targets are under the model than under the truth; `undefined` where some
 * head has no law.
 */
export function advantages(
  problem: Problem,
  batch: Batch,
  outputs: Tensors,
  truth: Tensors,
): Float64Array | undefined {
  if (problem.heads.some(({ scoring }) => scoring.advantage === undefined)) return undefined;
  return overItems(
    problem,
    batch,
    [outputs, truth],
    "sum",
    ({ scoring }, target, said, law) => scoring.advantage?.(said, law, target) ?? 0,
  );
}
