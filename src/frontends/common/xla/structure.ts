/** @file Primitives that move numbers: shapes, slices, joins, padding. */
import { at, range, zip } from "../../../base/assert.ts";
import { addDims, type Dim, equalDims, equalShapes, type Shape, shapeText } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { isReal } from "../../../ir/type.ts";
import { transposed } from "../contraction.ts";
import { Contradiction } from "../contradiction.ts";
import { padded, reversed } from "../padding.ts";
import { type Application, Refused, type Rule, type Rules } from "./application.ts";

/** The result's shape says everything. */
const reshaped: Rule = (use) => shapedAs(use, use.x, use.result.shape);

function shapedAs(use: Application, x: Node, shape: Shape): Node {
  const isSame =
    x.type.shape.length === shape.length && x.type.shape.every((d, i) => equalDims(d, at(shape, i)));
  return isSame ? x : use.reshape(x, shape);
}

/** Axis i of x becomes axis broadcast_dimensions[i] of the result. */
const broadcast: Rule = (use) => {
  const { shape } = use.result;
  const axes = use.params.ints("broadcast_dimensions");
  const own = use.x.type.shape;
  if (
    axes.length !== own.length ||
    !axes.every((axis, i) => axis < shape.length && axis > (axes[i - 1] ?? -1))
  )
    throw new Contradiction(
      "broadcast_in_dim",
      `axes ${axes.join(", ")}`,
      "an axis of the result for each axis",
    );
  const [first = shape.length] = axes;
  // Leading axes come by themselves.
  const spread = range(shape.length)
    .slice(first)
    .map((axis): Dim => (axes.includes(axis) ? at(own, axes.indexOf(axis)) : 1));
  return use.stretch(shapedAs(use, use.x, spread), shape);
};

const transpose: Rule = (use) => {
  const permutation = use.params.ints("permutation");
  const isInOrder = permutation.every((axis, i) => axis === i);
  return isInOrder ? use.x : transposed(use.build, use.x, permutation);
};

/** x[start:stop:step] along one axis; the whole axis is x itself. */
export function cut(use: Application, x: Node, axis: number, start: Dim, stop: Dim, step = 1): Node {
  const size = at(x.type.shape, axis);
  return start === 0 && step === 1 && equalDims(stop, size)
    ? x
    : use.apply("Slice", [x], { axis, start, stop, step });
}

const slice: Rule = (use) => {
  const { params } = use;
  const [starts, stops] = [params.dims("start_indices"), params.dims("limit_indices")];
  const steps = params.has("strides") ? params.ints("strides") : starts.map(() => 1);
  return zip(starts, stops).reduce(
    (x, [start, stop], axis) => cut(use, x, axis, start, stop, at(steps, axis)),
    use.x,
  );
};

const split: Rule = (use) => {
  const axis = use.params.int("axis");
  let start: Dim = 0;
  return use.params.dims("sizes").map((size) => {
    const from = start;
    start = addDims(start, size);
    return cut(use, use.x, axis, from, start);
  });
};

const concatenate: Rule = (use) => use.concat(use.all, use.params.int("dimension"));

/** Operands along a new axis. */
const stack: Rule = (use) => {
  const axis = use.params.int("axis");
  const shape = use.result.shape.map((size, i): Dim => (i === axis ? 1 : size));
  return use.concat(
    use.all.map((x) => use.reshape(x, shape)),
    axis,
  );
};

/** The slices along an axis, without it. */
const unstack: Rule = (use) => {
  const axis = use.params.int("axis");
  return use.equation.outputs.map((_, i) => use.reshape(cut(use, use.x, axis, i, i + 1), use.type(i).shape));
};

/** Widths before and after, and between elements; negative ones cut off. */
const pad: Rule = (use) => {
  const widths = use.params.tuples("padding_config", 3);
  return padded(
    use,
    use.x,
    widths.map(([before = 0, after = 0]) => [before, after] as const),
    use.y,
    widths.map(([, , between = 0]) => between),
  );
};

const reverse: Rule = (use) =>
  use.params.ints("dimensions").reduce((x, axis) => reversed(use, x, axis), use.x);

/** 0, 1, 2, … along one axis of the result. */
const iota: Rule = (use) => {
  const { shape, dtype } = use.result;
  const axis = use.params.int("dimension");
  const size = at(shape, axis);
  const numbers = use.cast(use.apply("Iota", [], { size, dtype: isReal(dtype) ? "int64" : dtype }), dtype);
  const spread = shapedAs(use, numbers, [size, ...new Array<Dim>(shape.length - axis - 1).fill(1)]);
  return use.stretch(spread, shape);
};

/** x laid out as often along each axis. */
const tile: Rule = (use) =>
  use.params.ints("reps").reduce((x, count, axis) => {
    const copies = range(count).map(() => x);
    return use.concat(copies, axis);
  }, use.x);

const dimensionSize: Rule = (use) =>
  use.size(at(use.x.type.shape, use.params.int("dimension")), use.result.dtype);

/** The first operand, where it has the shape of the second. */
const asLarge: Rule = (use) => {
  if (equalShapes(use.x.type.shape, use.y.type.shape)) return use.x;
  throw new Refused(
    `rows that fill ${shapeText(use.x.type.shape)} of ${shapeText(use.y.type.shape)}`,
    "whole rows, written one after the other",
  );
};

export const structure: Rules = {
  as_large: asLarge,
  dimension_size: dimensionSize,
  reshape: reshaped,
  squeeze: reshaped,
  expand_dims: reshaped,
  broadcast_in_dim: broadcast,
  transpose,
  slice,
  split,
  concatenate,
  stack,
  unstack,
  pad,
  rev: reverse,
  iota,
  tile,
};
