/** @file Elements picked and put by tensors of indices, as NumPy has it. */
import { at, range } from "../../base/assert.ts";
import { addDims, broadcastShapes, type Dim, elementCount, equalDims, type Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { numbersAlong, sum } from "../common/order.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { contract } from "./operators-linear.ts";

const zeroLike = (c: Call, x: Node): Node => c.constant(0, x.type.dtype);

/** A scalar as a vector of one element, since torch lets axis 0 of a scalar be named. */
export const vector = (c: Call, x: Node): Node => (x.type.shape.length === 0 ? c.reshape(x, [1]) : x);

// Advanced indexing

interface Indexing {
  /** Axes that are indexed, and the rest, each in order. */
  readonly axes: readonly number[];
  readonly others: readonly number[];
  /** The shape that all indices broadcast to. */
  readonly shape: Shape;
  /** One number for each place of `shape`, into the indexed axes as one. */
  readonly flat: Node;
  readonly isWhole: boolean;
}

/** What a tensor is before it is reshaped or repeated. */
function sourceOf(node: Node): Node {
  let source = node;
  while (source.op === "Reshape" || source.op === "Broadcast") source = at(source.inputs, 0);
  return source;
}

/** Indices count from the end where they are negative. */
function wrapped(c: Call, index: Node, size: Dim): Node {
  if (sourceOf(index).op === "Iota") return index;
  const numbers = c.known.of(index);
  const isCounted = numbers?.every((number) => typeof number === "number" && number >= 0) ?? false;
  if (isCounted) return index;
  return c.where(c.less(index, zeroLike(c, index)), c.add(index, c.size(size, index.type.dtype)), index);
}

function indexingOf(c: Call, x: Node, indices: readonly (Node | undefined)[]): Indexing {
  const given = indices.flatMap((index, axis) => (index === undefined ? [] : [{ index, axis }]));
  if (given.some(({ index }) => index.type.dtype === "bool" || index.type.dtype === "uint8"))
    throw new NotCovered("indexing by a mask");
  const shape = broadcastShapes(given.map(({ index }) => index.type.shape));
  if (shape === undefined || given.length === 0)
    throw new NotCovered("indices of shapes that do not broadcast");
  const axes = given.map(({ axis }) => axis);
  const sizes = axes.map((axis) => at(x.type.shape, axis));
  // Take itself counts negative indices from the end.
  const isSingle = given.length === 1;
  const flat = given
    .map(({ index }, i) => (isSingle ? index : wrapped(c, index, at(sizes, i))))
    .reduce((joined, index, i) => c.add(c.mul(joined, c.size(at(sizes, i), joined.type.dtype)), index));
  const others = range(x.type.shape.length).filter((axis) => !axes.includes(axis));
  return { axes, others, shape, flat: c.stretch(flat, shape), isWhole: isSingle };
}

/** x with its indexed axes in front, as one. */
function rowsOf(c: Call, x: Node, { axes, others }: Indexing): Node {
  const moved = c.transpose(x, [...axes, ...others]);
  if (axes.length === 1) return moved;
  const sizes = axes.map((axis) => at(x.type.shape, axis));
  return c.reshape(moved, [elementCount(sizes), ...others.map((axis) => at(x.type.shape, axis))]);
}

/** Where the axes of the indices stand in the result: in the place of those they index if these are neighbours, else in front. */
function placeOf({ axes }: Indexing): number {
  const first = at(axes, 0);
  return axes.every((axis, i) => axis === first + i) ? first : 0;
}

/** The axis of an index along which it counts 0, 1, … through a whole axis of x, where it does nothing else. */
function countingAxis(index: Node, size: Dim): number | undefined {
  const { shape } = index.type;
  const numbers = sourceOf(index);
  const large = range(shape.length).filter((axis) => at(shape, axis) !== 1);
  if (numbers.op !== "Iota" || large.length > 1 || !equalDims(numbers.attrs.size, size)) return undefined;
  const [axis = shape.length - 1] = large;
  return equalDims(at(shape, axis), size) ? axis - shape.length : undefined;
}
/** x[range(a)[:, None], range(b)] picks everything: x itself with its axes where those of the indices stand. */
function whole(c: Call, x: Node, indices: readonly (Node | undefined)[]): Node | undefined {
  if (indices.length !== x.type.shape.length || indices.length < 2) return undefined;
  const axes = indices.map((index, axis) => index && countingAxis(index, at(x.type.shape, axis)));
  if (!axes.every((axis) => axis !== undefined) || new Set(axes).size !== axes.length) return undefined;
  const order = range(axes.length).toSorted((i, j) => at(axes, i) - at(axes, j));
  return c.reshape(c.transpose(x, order), c.result.shape);
}

/** x[i, …], as NumPy has it. */
function indexed(c: Call, x: Node, indices: readonly (Node | undefined)[]): Node {
  const all = whole(c, x, indices);
  if (all !== undefined) return all;
  const indexing = indexingOf(c, x, indices);
  const taken = c.apply("Take", [rowsOf(c, x, indexing), indexing.flat], {});
  const [count, place] = [indexing.shape.length, placeOf(indexing)];
  const rank = taken.type.shape.length;
  const kept = range(rank - count).map((i) => i + count);
  return c.transpose(taken, [...kept.slice(0, place), ...range(count), ...kept.slice(place)]);
}
const indexing: Lower = (c) => indexed(c, c.tensor("self"), c.optionalTensors("indices"));

/** Which row each number is put to: [numbers, rows]. */
const placesOf = (c: Call, flat: Node, rows: Dim): Node =>
  c.equal(c.reshape(flat, [elementCount(flat.type.shape), 1]), numbersAlong(c, rows, 0, 1));

/** x with numbers put, or added, at x[i, …]. */
function put(c: Call, x: Node, indices: readonly (Node | undefined)[], values: Node, isAdded: boolean): Node {
  const found = indexingOf(c, x, indices);
  const indexing = found.isWhole
    ? { ...found, flat: wrapped(c, found.flat, at(x.type.shape, at(found.axes, 0))) }
    : found;
  const rows = rowsOf(c, x, indexing);
  const [count, others] = [elementCount(indexing.shape), rows.type.shape.slice(1)];
  const place = placeOf(indexing);
  const outer = indexing.others.map((axis) => at(x.type.shape, axis));
  const full = [...outer.slice(0, place), ...indexing.shape, ...outer.slice(place)];
  const spreadValues = c.stretch(values, full);
  const rank = full.length;
  const own = range(indexing.shape.length).map((i) => i + place);
  const order = [...own, ...range(rank).filter((axis) => !own.includes(axis))];
  const listed = c.reshape(c.transpose(spreadValues, order), [count, ...others]);
  const isPut = placesOf(c, indexing.flat, at(rows.type.shape, 0));
  const result = isAdded ? c.add(rows, gathered(c, isPut, listed)) : replacedRows(c, rows, listed, isPut);
  const moved = indexing.axes.map((axis) => at(x.type.shape, axis));
  const back = c.reshape(result, [...moved, ...others]);
  const axes = [...indexing.axes, ...indexing.others];
  return c.transpose(
    back,
    range(axes.length).map((axis) => axes.indexOf(axis)),
  );
}

/** Σ of the rows that go to each place. */
function gathered(c: Call, isPut: Node, listed: Node): Node {
  const labels = listed.type.shape.slice(1).map((_, i) => `axis${i}`);
  return contract(c, c.cast(isPut, listed.type.dtype), listed, [
    ["from", "to"],
    ["from", ...labels],
    ["to", ...labels],
  ]);
}

/** Rows with others in the place of those that are named; of several for one place the last. */
function replacedRows(c: Call, rows: Node, listed: Node, isPut: Node): Node {
  const [count, size] = [at(listed.type.shape, 0), at(rows.type.shape, 0)];
  if (count === 0) return rows;
  c.note(
    "where several numbers are put to one place, the last one is taken to stay there; PyTorch leaves that open",
  );
  const last = lastOf(c, isPut, count);
  const isFree = c.less(last, c.constant(0, "int64"));
  const taken = c.apply("Take", [listed, c.apply("Maximum", [last, c.constant(0, "int64")], {})], {});
  const shape = [size, ...rows.type.shape.slice(1).map(() => 1)];
  return c.where(c.reshape(isFree, shape), rows, taken);
}
/** The last number that is put to each place, or −1. */
function lastOf(c: Call, isPut: Node, count: Dim): Node {
  const numbers = numbersAlong(c, count, 0, 2);
  return c.apply("Max", [c.where(isPut, numbers, c.constant(-1, "int64"))], { axes: [0] });
}

const putByIndices: Lower = (c) =>
  put(c, c.tensor("self"), c.optionalTensors("indices"), c.tensor("values"), c.bool("accumulate", false));

/** Whole slices along an axis. */
const indexAlong = (c: Call, x: Node): (Node | undefined)[] => {
  const axis = c.axis("dim", x.type.shape.length);
  return range(axis + 1).map((i) => (i === axis ? vector(c, c.tensor("index")) : undefined));
};
const copied: Lower = (c) => {
  const x = vector(c, c.tensor("self"));
  return put(c, x, indexAlong(c, x), vector(c, c.tensor("source")), false);
};
const filled: Lower = (c) => {
  const x = vector(c, c.tensor("self"));
  const indices = indexAlong(c, x);
  const [index] = indices.slice(-1);
  if (index === undefined) throw new NotCovered("no index");
  const axis = indices.length - 1;
  const isNamed = c.less(
    c.constant(0, "int64"),
    sum(c, c.cast(placesOf(c, index, at(x.type.shape, axis)), "int64"), 0),
  );
  const shape = x.type.shape.map((size, i) => (i === axis ? size : 1));
  return c.where(c.reshape(isNamed, shape), c.operand("value", x), x);
};

/** Numbers of a list, one after the other, in the places of a mask. */
const maskedScatter: Lower = (c) => {
  const [x, given, source] = [c.tensor("self"), c.tensor("mask"), c.tensor("source")];
  const mask = c.stretch(given, c.result.shape);
  const count = elementCount(c.result.shape);
  const flags = c.cast(c.reshape(mask, [count]), "int64");
  const isUpTo = c.not(c.less(numbersAlong(c, count, 0, 2), numbersAlong(c, count, 1, 2)));
  const running = contract(c, c.cast(isUpTo, "int64"), flags, [["to", "from"], ["from"], ["to"]]);
  // Places without a number ask for the first one, which is not used.
  const places = c.apply("Maximum", [c.sub(running, c.constant(1, "int64")), c.constant(0, "int64")], {});
  const size = elementCount(source.type.shape);
  if (size === 0) return x;
  const taken = c.apply(
    "Take",
    [c.reshape(source, [size]), c.apply("Minimum", [places, c.size(addDims(size, -1), "int64")], {})],
    {},
  );
  return c.where(mask, c.reshape(taken, c.result.shape), x);
};

/** torch.take: elements of the flattened tensor. */
const taken: Lower = (c) => {
  const x = c.tensor("self");
  return c.apply("Take", [c.reshape(x, [elementCount(x.type.shape)]), c.tensor("index")], {});
};
const putFlat: Lower = (c) => {
  const x = c.tensor("self");
  const index = vector(c, c.tensor("index"));
  const flat = c.reshape(x, [elementCount(x.type.shape)]);
  const changed = put(
    c,
    flat,
    [index],
    c.reshape(c.tensor("source"), index.type.shape),
    c.bool("accumulate", false),
  );
  return c.reshape(changed, x.type.shape);
};

export const indexes: Rows = {
  "aten.index.Tensor": indexing,
  "aten._unsafe_index.Tensor": indexing,
  "aten.index_put.default": putByIndices,
  "aten._unsafe_index_put.default": putByIndices,
  "aten.index_copy.default": copied,
  "aten.index_fill.int_Scalar": filled,
  "aten.index_fill.int_Tensor": filled,
  "aten.take.default": taken,
  "aten.masked_scatter.default": maskedScatter,
  "aten.put.default": putFlat,
};
