/** @file ONNX operators that pick and put elements by integers. */
import { at, range } from "../../base/assert.ts";
import { type Dim, elementCount } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { numbersAlong } from "../common/order.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { Contradiction, DataDependent, NotCovered } from "./contradiction.ts";
import { taken } from "./operators-structure.ts";

const rankOf = (x: Node): number => x.type.shape.length;

/** Negative places count from the end. */
function wrapped(c: Call, places: Node, size: Dim): Node {
  const known = c.known(places);
  if (known?.every((place) => typeof place === "number" && place >= 0) === true) return places;
  const zero = c.constant(0, places.type.dtype);
  return c.where(c.less(places, zero), c.add(places, c.size(size, places.type.dtype)), places);
}

const gather: Lower = (c) => {
  const x = c.input(0);
  const axis = c.axis("axis", rankOf(x), 0);
  const known = c.known(c.input(1));
  // One place that is known is a slice, as x[:, 0] is written.
  if (known?.length === 1 && typeof known[0] === "number") {
    const size = at(x.type.shape, axis);
    const place = known[0] < 0 && typeof size === "number" ? known[0] + size : known[0];
    if (place >= 0) {
      const shape = [
        ...x.type.shape.slice(0, axis),
        ...c.input(1).type.shape,
        ...x.type.shape.slice(axis + 1),
      ];
      return c.reshape(c.slice(x, axis, place, place + 1), shape);
    }
  }
  return taken(c, x, axis, c.input(1));
};

/** Row-major places in the first axes of x for rows of indices, one for each of these axes. */
function flatPlaces(c: Call, sizes: readonly Dim[], indices: readonly Node[]): Node {
  return indices.reduce((sum, index, i) => {
    const own = wrapped(c, index, at(sizes, i));
    return i === 0 ? own : c.add(c.mul(sum, c.size(at(sizes, i), "int64")), own);
  });
}
/** Slices of a last axis that holds an index for each of several axes. */
function columns(c: Call, indices: Node): Node[] {
  const axis = rankOf(indices) - 1;
  const count = c.concrete(at(indices.type.shape, axis), "the number of indices");
  return range(count).map((i) =>
    c.cast(c.reshape(c.slice(indices, axis, i, i + 1), indices.type.shape.slice(0, -1)), "int64"),
  );
}
const gatherND: Lower = (c) => {
  const [x, indices] = [c.input(0), c.input(1)];
  const batch = c.int("batch_dims", 0);
  const own = columns(c, indices);
  const dims = x.type.shape;
  const lead = range(batch).map((axis) => numbersAlong(c, at(dims, axis), axis, rankOf(indices) - 1));
  const all = [...lead, ...own];
  const table = c.reshape(x, [elementCount(dims.slice(0, all.length)), ...dims.slice(all.length)]);
  const places = flatPlaces(c, dims, all);
  return c.apply("Take", [table, c.stretch(places, indices.type.shape.slice(0, -1))], {});
};

/** x at places that have its rank: along one axis by the places, along the others by their own numbers. */
const gatherElements: Lower = (c) => {
  const [x, places] = [c.input(0), c.input(1)];
  const axis = c.axis("axis", rankOf(x), 0);
  const rank = rankOf(x);
  const all = range(rank).map((own) =>
    own === axis ? c.cast(places, "int64") : numbersAlong(c, at(places.type.shape, own), own, rank),
  );
  const flat = c.reshape(x, [elementCount(x.type.shape)]);
  return c.apply("Take", [flat, c.stretch(flatPlaces(c, x.type.shape, all), places.type.shape)], {});
};

type Combine = (c: Call, x: Node, updates: Node, isThere: Node) => Node;
/** What becomes of an element that updates name: rows are updates, columns elements. */
const combinations: Readonly<Record<string, Combine>> = {
  none: (c, x, updates, isThere) => {
    // Of several updates of one element the last counts.
    const count = at(isThere.type.shape, 0);
    const order = c.add(numbersAlong(c, count, 0, rankOf(isThere)), c.constant(1, "int64"));
    const last = c.apply("Max", [c.where(isThere, order, c.constant(0, "int64"))], { axes: [0] });
    const isLast = c.and(isThere, c.equal(order, last));
    const values = sumWhere(c, isLast, updates);
    return c.where(c.equal(last, c.constant(0, "int64")), x, values);
  },
  add: (c, x, updates, isThere) => c.add(x, sumWhere(c, isThere, updates)),
  mul: (c, x, updates, isThere) => {
    const factors = c.where(isThere, updates, c.constant(1, x.type.dtype));
    const count = c.concrete(at(factors.type.shape, 0), "products of updates");
    const rows = range(count).map((i) =>
      c.reshape(c.slice(factors, 0, i, i + 1), factors.type.shape.slice(1)),
    );
    return rows.reduce((a, b) => c.mul(a, b), x);
  },
  max: (c, x, updates, isThere) => extreme(c, "Maximum", x, updates, isThere),
  min: (c, x, updates, isThere) => extreme(c, "Minimum", x, updates, isThere),
};
function extreme(c: Call, op: "Maximum" | "Minimum", x: Node, updates: Node, isThere: Node): Node {
  const count = c.concrete(at(isThere.type.shape, 0), "extremes of updates");
  const row = (node: Node, i: number): Node =>
    c.reshape(c.slice(c.stretch(node, isThere.type.shape), 0, i, i + 1), isThere.type.shape.slice(1));
  return range(count).reduce(
    (result, i) => c.where(row(isThere, i), c.apply(op, [result, row(updates, i)], {}), result),
    x,
  );
}
const sumWhere = (c: Call, mask: Node, values: Node): Node => {
  const zero = c.constant(0, values.type.dtype);
  return c.apply("Sum", [c.where(mask, values, zero)], { axes: [0] });
};

/** Updates at flat places of the first axes of x, whose rows are as long as theirs. */
function scattered(c: Call, x: Node, places: Node, updates: Node, count: number, reduction: string): Node {
  const combine = combinations[reduction];
  if (combine === undefined) throw new NotCovered(`updates by ${reduction}`);
  const rest = x.type.shape.slice(count);
  const size = elementCount(x.type.shape.slice(0, count));
  const rows = elementCount(places.type.shape);
  if (rows === 0) return x;
  const table = c.reshape(x, [size, ...rest]);
  const isThere = c.equal(c.reshape(places, [rows, 1]), c.apply("Iota", [], { size, dtype: "int64" }));
  const mask = c.reshape(isThere, [rows, size, ...rest.map(() => 1)]);
  const values = c.reshape(updates, [rows, 1, ...rest]);
  const wide = rest.length === 0 ? mask : c.stretch(mask, [rows, size, ...rest]);
  return c.reshape(combine(c, table, values, wide), x.type.shape);
}
const scatterND: Lower = (c) => {
  const [x, indices, updates] = [c.input(0), c.input(1), c.input(2)];
  const own = columns(c, indices);
  return scattered(c, x, flatPlaces(c, x.type.shape, own), updates, own.length, c.text("reduction", "none"));
};
const scatterElements: Lower = (c) => {
  const [x, places, updates] = [c.input(0), c.input(1), c.input(2)];
  const rank = rankOf(x);
  const axis = c.axis("axis", rank, 0);
  const all = range(rank).map((own) =>
    own === axis ? c.cast(places, "int64") : numbersAlong(c, at(places.type.shape, own), own, rank),
  );
  const flat = c.stretch(flatPlaces(c, x.type.shape, all), places.type.shape);
  return scattered(c, x, flat, updates, rank, c.text("reduction", "none"));
};

const oneHot: Lower = (c) => {
  const [indices, depth, values] = [c.input(0), c.input(1), c.input(2)];
  const size = isReal(depth.type.dtype)
    ? at(c.numbers(depth, "the depth"), 0)
    : at(c.dims(depth, "the depth"), 0);
  const rank = rankOf(indices) + 1;
  const axis = c.axis("axis", rank, -1);
  const whole = c.cast(indices, "int64");
  const wide = c.reshape(wrapped(c, whole, size), indices.type.shape.toSpliced(axis, 0, 1));
  const isThere = c.equal(wide, numbersAlong(c, size, axis, rank));
  const value = (i: number): Node => c.reshape(c.slice(values, 0, i, i + 1), []);
  return c.where(isThere, value(1), value(0));
};

/** Elements along an axis, or of the flat tensor, where a condition that is known holds. */
const compress: Lower = (c) => {
  const condition = c.known(c.input(1));
  if (condition === undefined) throw new DataDependent("the number of elements depends on a condition");
  const given = c.input(0);
  const x = c.has("axis") ? given : c.reshape(given, [elementCount(given.type.shape)]);
  const axis = c.axis("axis", rankOf(x), 0);
  const places = condition.flatMap((holds, i) => (holds === 1 ? [i] : []));
  return taken(c, x, axis, c.list(places, [places.length], "int64"));
};

/** Where a tensor that is known is not zero. */
const nonZero: Lower = (c) => {
  const x = c.input(0);
  const values = c.numbers(x, "the number of elements that are not zero");
  const dims = c.sizes(x.type.shape, "a shape");
  const places = [...values].flatMap((value, flat) => (value === 0 ? [] : [flat]));
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((product, size) => product * size, 1));
  const rows = strides.flatMap((stride, axis) =>
    places.map((flat) => Math.floor(flat / stride) % at(dims, axis)),
  );
  return c.list(rows, [dims.length, places.length], "int64");
};

/** Each sequence of a batch is reversed up to its length. */
const reverseSequence: Lower = (c) => {
  const [x, lengths] = [c.input(0), c.input(1)];
  const [batch, time] = [c.axis("batch_axis", 2, 1), c.axis("time_axis", 2, 0)];
  if (batch === time) throw new Contradiction("one axis for batch and time", "two");
  const rank = rankOf(x);
  const size = at(x.type.shape, time);
  const places = numbersAlong(c, size, time, rank);
  const limit = c.reshape(
    c.cast(lengths, "int64"),
    x.type.shape.map((dim, axis): Dim => (axis === batch ? dim : 1)),
  );
  const mirrored = c.sub(c.sub(limit, c.constant(1, "int64")), places);
  const source = c.where(c.less(places, limit), mirrored, places);
  const all = range(rank).map((axis) =>
    axis === time ? source : numbersAlong(c, at(x.type.shape, axis), axis, rank),
  );
  const flat = c.stretch(flatPlaces(c, x.type.shape, all), x.type.shape);
  return c.apply("Take", [c.reshape(x, [elementCount(x.type.shape)]), flat], {});
};

/** New entries of a cache at given places along an axis, for each sequence of a batch. */
const tensorScatter: Lower = (c) => {
  const [past, update, given] = [c.input(0), c.input(1), c.optional(2)];
  const axis = c.axis("axis", rankOf(past), -2);
  const rank = rankOf(past);
  const [size, count] = [at(past.type.shape, axis), at(update.type.shape, axis)];
  const batch = at(past.type.shape, 0);
  const starts = given ?? c.stretch(c.constant(0, "int64"), [batch]);
  const start = c.reshape(c.cast(starts, "int64"), [batch, ...range(rank - 1).map(() => 1)]);
  const offset = c.sub(numbersAlong(c, size, axis, rank), start);
  const turned =
    c.text("mode", "linear") === "circular"
      ? c.where(c.less(offset, c.constant(0, "int64")), c.add(offset, c.size(size, "int64")), offset)
      : offset;
  const isNew = c.and(c.not(c.less(turned, c.constant(0, "int64"))), c.less(turned, c.size(count, "int64")));
  const source = c.where(isNew, turned, c.constant(0, "int64"));
  const all = range(rank).map((own) =>
    own === axis ? source : numbersAlong(c, at(past.type.shape, own), own, rank),
  );
  const flat = c.stretch(flatPlaces(c, update.type.shape, all), past.type.shape);
  return c.where(
    isNew,
    c.apply("Take", [c.reshape(update, [elementCount(update.type.shape)]), flat], {}),
    past,
  );
};

export const indexing: Rows = {
  Gather: gather,
  GatherND: gatherND,
  GatherElements: gatherElements,
  ScatterND: scatterND,
  ScatterElements: scatterElements,
  Scatter: scatterElements,
  TensorScatter: tensorScatter,
  OneHot: oneHot,
  Compress: compress,
  NonZero: nonZero,
  ReverseSequence: reverseSequence,
};
