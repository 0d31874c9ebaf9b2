/** @file The true losses of predictions, and their distances from the oracle's and from each rung's predictions. */
import { at, range } from "../base/assert.ts";
import type { Head } from "./heads.ts";
import { type Batch, ignored, type Problem } from "./problem.ts";
import { type Numbers, named, row, type Tensors } from "./tensor.ts";

/** Sums over all items that count, one for every row. */
function overItems(
  { heads }: Problem,
  batch: Batch,
  ofItem: (head: Head, index: number, item: number, count: number) => number,
): Float64Array {
  const sums = new Float64Array(batch.rows);
  for (const head of heads) {
    const targets = named(batch.targets, head.name);
    for (const index of range(batch.rows)) {
      const items = itemsThatCount(row(targets, index));
      for (const item of items) sums[index] = at(sums, index) + ofItem(head, index, item, items.length);
    }
  }
  return sums;
}

const itemsThatCount = (targets: Numbers): number[] =>
  range(targets.length).filter((item) => at(targets, item) !== ignored && !Number.isNaN(targets[item]));

const output = (all: Tensors, { name, scoring: { width } }: Head, index: number, item: number): Numbers =>
  row(named(all, name), index).subarray(item * width, (item + 1) * width);

const target = ({ targets }: Batch, { name }: Head, index: number, item: number): number =>
  at(row(named(targets, name), index), item);

/** The loss of every row: means over its items that count, summed over heads by their weights. */
export const losses = (problem: Problem, batch: Batch, outputs: Tensors): Float64Array =>
  overItems(problem, batch, (head, index, item, count) => {
    const loss = head.scoring.loss(output(outputs, head, index, item), target(batch, head, index, item));
    return (head.weight * loss) / count;
  });

/** How much every row's predictions would lose on average if those of `truth` told the law. */
export const excesses = (problem: Problem, batch: Batch, outputs: Tensors, truth: Tensors): Float64Array =>
  overItems(problem, batch, (head, index, item, count) => {
    const lost = divergence(head, index, item, outputs, truth);
    return (head.weight * lost) / count;
  });

/** The same, no item of which counts for more than its head allows. */
export const distances = (problem: Problem, batch: Batch, outputs: Tensors, truth: Tensors): Float64Array =>
  overItems(problem, batch, (head, index, item, count) => {
    const lost = Math.min(divergence(head, index, item, outputs, truth), head.scoring.mostDivergence);
    return (head.weight * lost) / count;
  });

/** Rounding can make a divergence of nothing negative. */
const divergence = (head: Head, index: number, item: number, outputs: Tensors, truth: Tensors): number =>
  Math.max(0, head.scoring.divergence(output(truth, head, index, item), output(outputs, head, index, item)));

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
  return overItems(problem, batch, (head, index, item) => {
    const [said, law] = [output(outputs, head, index, item), output(truth, head, index, item)];
    return head.scoring.advantage?.(said, law, target(batch, head, index, item)) ?? 0;
  });
}
