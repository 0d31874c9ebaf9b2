/** @file Reductions, running reductions, and the order of elements. */
import { at, range } from "../../../base/assert.ts";
import type { Dim } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { contraction } from "../contraction.ts";
import { first, numbersAlong, picked } from "../order.ts";
import { reversed } from "../padding.ts";
import { type Application, NotCovered, type Results, type Rule, type Rules } from "./application.ts";
import { sourceOf } from "./places.ts";

const axesOf = (use: Application): readonly number[] => use.params.ints("axes").toSorted((a, b) => a - b);

const over =
  (reduce: (use: Application, x: Node, axes: readonly number[]) => Node): Rule =>
  (use) => {
    const axes = axesOf(use);
    return axes.length === 0 ? use.x : reduce(use, use.x, axes);
  };

const largest = (use: Application, x: Node, axes: readonly number[]): Node => use.apply("Max", [x], { axes });
const smallest = (use: Application, x: Node, axes: readonly number[]): Node =>
  use.unary("Neg", largest(use, use.unary("Neg", x), axes));

/** Whether a truth value along the axes holds: as many hold as are not 0. */
function any(use: Application, x: Node, axes: readonly number[]): Node {
  if (x.type.dtype !== "bool") throw new NotCovered("the bits of integers");
  // Such as whether any number is NaN.
  const source = sourceOf(x);
  if (source.op === "Constant")
    return use.stretch(
      source,
      x.type.shape.filter((_, axis) => !axes.includes(axis)),
    );
  const count = use.apply("Sum", [use.cast(x, "int32")], { axes });
  return use.not(use.equal(count, use.constant(0, "int32")));
}
const all = (use: Application, x: Node, axes: readonly number[]): Node => use.not(any(use, use.not(x), axes));

/** Factor by factor. */
function product(use: Application, x: Node, axes: readonly number[]): Node {
  return axes.toReversed().reduce((node, axis) => {
    const factors = rows(use, node, axis);
    return factors.reduce((a, b) => use.mul(a, b));
  }, x);
}

const rowLimit = 256;

/** The slices along an axis, which goes. */
function rows(use: Application, x: Node, axis: number): Node[] {
  const size = at<Dim>(x.type.shape, axis);
  if (typeof size !== "number" || size === 0 || size > rowLimit)
    throw new NotCovered(`a product of more than ${rowLimit} factors, or of none`);
  const shape = x.type.shape.toSpliced(axis, 1);
  return range(size).map((i) => use.reshape(use.slice(x, axis, i, i + 1), shape));
}

// Running reductions

/** The reduction of all elements up to each one; with `reverse` from each one on. */
const running =
  (reduce: (use: Application, x: Node, axis: number) => Node): Rule =>
  (use) => {
    const axis = use.params.int("axis");
    if (!use.params.flag("reverse")) return reduce(use, use.x, axis);
    return reversed(use, reduce(use, reversed(use, use.x, axis), axis), axis);
  };

/** Whether an element, of the last axis, is not behind that of the one before: [n, n]. */
function isUpTo(use: Application, size: Dim): Node {
  const [row, column] = [numbersAlong(use, size, 0, 2), numbersAlong(use, size, 1, 2)];
  return use.not(use.less(row, column));
}

function runningSum(use: Application, x: Node, axis: number): Node {
  const { shape, dtype } = x.type;
  const before = use.cast(isUpTo(use, at(shape, axis)), dtype);
  const labels = shape.map((_, i) => `axis${i}`);
  const sums = contraction(use, before, x, [["out", `axis${axis}`], labels, labels.with(axis, "out")]);
  if (sums === undefined) throw new NotCovered("a tensor of more than 25 axes");
  return sums;
}

/** [.., n, n]: along the last axis the elements up to each one, and −∞ behind them. */
function prefixes(use: Application, x: Node, axis: number): { matrix: Node; restore: (y: Node) => Node } {
  const rank = x.type.shape.length;
  const toLast = [...range(rank).filter((i) => i !== axis), axis];
  const moved = use.transpose(x, toLast);
  const spread = use.reshape(moved, [...moved.type.shape.slice(0, -1), 1, at(moved.type.shape, rank - 1)]);
  const infinity = use.apply("NamedConstant", [], { name: "negative infinity", dtype: x.type.dtype });
  const matrix = use.where(isUpTo(use, at(x.type.shape, axis)), spread, infinity);
  const back = range(rank).map((i) => toLast.indexOf(i));
  return { matrix, restore: (y) => use.transpose(y, back) };
}
function runningMax(use: Application, x: Node, axis: number): Node {
  const { matrix, restore } = prefixes(use, x, axis);
  return restore(use.apply("Max", [matrix], { axes: [x.type.shape.length] }));
}
function runningLogSumExp(use: Application, x: Node, axis: number): Node {
  const { matrix, restore } = prefixes(use, x, axis);
  return restore(use.apply("LogSumExp", [matrix], { axis: x.type.shape.length }));
}
function runningProduct(use: Application, x: Node, axis: number): Node {
  const products: Node[] = [];
  for (const row of rows(use, x, axis)) {
    const last = products.at(-1);
    products.push(last === undefined ? row : use.mul(last, row));
  }
  const shape = x.type.shape.with(axis, 1);
  return use.concat(
    products.map((row) => use.reshape(row, shape)),
    axis,
  );
}

// Order

const place =
  (isLargest: boolean): Rule =>
  (use) => {
    const [axis, ...others] = axesOf(use);
    if (axis === undefined || others.length > 0) throw new NotCovered("places along several axes");
    const { places } = first(use, use.x, axis, 1, isLargest);
    return use.cast(use.reshape(places, use.result.shape), use.result.dtype);
  };

/** The first k of the last axis, and their places. */
const topK: Rule = (use): Results => {
  const { params, x } = use;
  const axis = params.has("axis") ? params.int("axis") : x.type.shape.length - 1;
  const { values, places } = first(use, x, axis, params.dim("k"), true);
  return [values, use.cast(places, "int32")];
};

/** Elements in ascending order of the first operand; the others follow. */
const sort: Rule = (use) => {
  const { params, x } = use;
  if (params.int("num_keys") !== 1) throw new NotCovered("an order by several operands");
  const axis = params.int("dimension");
  const key = x.type.dtype === "bool" ? use.cast(x, "int32") : x;
  const { values, places } = first(use, key, axis, at(x.type.shape, axis), false);
  const [, ...others] = use.all;
  return [values, ...others.map((other) => picked(use, other, places, axis))];
};

export const reduction: Rules = {
  reduce_sum: over((use, x, axes) => use.apply("Sum", [x], { axes })),
  reduce_max: over((use, x, axes) => (x.type.dtype === "bool" ? any : largest)(use, x, axes)),
  reduce_min: over((use, x, axes) => (x.type.dtype === "bool" ? all : smallest)(use, x, axes)),
  reduce_prod: over((use, x, axes) => (x.type.dtype === "bool" ? all : product)(use, x, axes)),
  reduce_or: over(any),
  reduce_and: over(all),
  cumsum: running(runningSum),
  cumprod: running(runningProduct),
  cummax: running(runningMax),
  cummin: running((use, x, axis) => use.unary("Neg", runningMax(use, use.unary("Neg", x), axis))),
  cumlogsumexp: running(runningLogSumExp),
  argmax: place(true),
  argmin: place(false),
  top_k: topK,
  sort,
};
