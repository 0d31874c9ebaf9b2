/** @file The order of elements along an axis: the largest, the sorted, and their places. */
import { at } from "../../base/assert.ts";
import { addDims, type Dim, elementCount } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { first, numbersAlong, spread } from "../common/order.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { contract } from "./operators-linear.ts";

/** A scalar as a vector, and truth values as integers, which have an order. */
function ordered(c: Call, name: string): Node {
  const x = c.tensor(name);
  const numbers = x.type.dtype === "bool" ? c.cast(x, "int64") : x;
  return x.type.shape.length === 0 ? c.reshape(numbers, [1]) : numbers;
}

/** Results in the shapes and kinds of number that the file declares. */
const declared = (c: Call, ...nodes: readonly Node[]): Node[] =>
  c.declared.map(({ shape, dtype }, i) => {
    const node = c.reshape(at(nodes, i), shape);
    return dtype === "bool" && node.type.dtype !== "bool" ? c.truth(node) : node;
  });

const topK: Lower = (c) => {
  const x = ordered(c, "self");
  const axis = c.axis("dim", x.type.shape.length, -1);
  const { values, places } = first(c, x, axis, c.dim("k"), c.bool("largest", true));
  return [values, places].map((node, i) =>
    at(c.declared, i).shape.length === 0 ? c.reshape(node, []) : node,
  );
};

/** The place of the largest or smallest element along an axis, or of all elements. */
const placeOf =
  (isLargest: boolean): Lower =>
  (c) => {
    const x = ordered(c, "self");
    const flat = c.has("dim") ? x : c.reshape(x, [elementCount(x.type.shape)]);
    const axis = c.has("dim") ? c.axis("dim", x.type.shape.length) : 0;
    return c.reshape(first(c, flat, axis, 1, isLargest).places, c.result.shape);
  };

/** max(dim) and min(dim): the values, and where the first of them lies. */
const extreme =
  (isLargest: boolean): Lower =>
  (c) => {
    const x = ordered(c, "self");
    const axis = c.axis("dim", x.type.shape.length);
    const falling = isLargest ? x : c.apply("Neg", [x], {});
    const most = c.apply("Max", [falling], { axes: [axis] });
    const values = isLargest ? most : c.apply("Neg", [most], {});
    if (!c.isRead(1)) return [declared(c, values, values)[0] ?? values];
    return declared(c, values, first(c, x, axis, 1, isLargest).places);
  };

/** All elements in order, and their places. */
function sorted(c: Call, axis: number, isFalling: boolean): ReturnType<typeof first> {
  const x = ordered(c, "self");
  return first(c, x, axis, at(x.type.shape, axis), isFalling);
}
const axisOf = (c: Call): number => c.axis("dim", Math.max(c.result.shape.length, 1), -1);
const sortedPair: Lower = (c) => {
  const { values, places } = sorted(c, axisOf(c), c.bool("descending", false));
  return declared(c, values, places);
};
const sortedPlaces: Lower = (c) => declared(c, sorted(c, axisOf(c), c.bool("descending", false)).places);
const sortedRows: Lower = (c) => declared(c, sorted(c, 0, false).values);

/** The k-th smallest element; k counts from 1. */
function smallest(c: Call, k: (size: Dim) => Dim): Node[] {
  const x = ordered(c, "self");
  const axis = c.axis("dim", x.type.shape.length, -1);
  const { values, places } = first(c, x, axis, 1, false, k(at(x.type.shape, axis)));
  return declared(c, values, places);
}
/** Of an even number of elements the lower one of the middle. */
const middle = (size: Dim): number => {
  if (typeof size !== "number") throw new NotCovered("the median of a symbolic number of elements");
  return Math.floor((size - 1) / 2);
};
const medianOfAll: Lower = (c) => {
  const x = ordered(c, "self");
  const flat = c.reshape(x, [elementCount(x.type.shape)]);
  return declared(c, first(c, flat, 0, 1, false, middle(elementCount(x.type.shape))).values);
};

/** How many of the sorted boundaries are less than each number; with `right` those that are equal count too. */
function bucket(c: Call, boundaries: Node, x: Node): Node {
  const right = c.has("side") ? c.text("side") === "right" : c.bool("right", false);
  const [below, value] = [
    spread(c, boundaries, boundaries.type.shape.length - 1),
    c.reshape(x, [...x.type.shape, 1]),
  ];
  const isBelow = right ? c.not(c.less(value, below)) : c.less(below, value);
  return c.apply("Sum", [isBelow], { axes: [isBelow.type.shape.length - 1] });
}
const bucketised: Lower = (c) => bucket(c, c.tensor("boundaries"), c.operand("self", c.tensor("boundaries")));
const searched: Lower = (c) => {
  const boundaries = c.tensor("sorted_sequence");
  if (c.optionalTensor("sorter") !== undefined) throw new NotCovered("boundaries in another order");
  return c.reshape(bucket(c, boundaries, c.operand("self", boundaries)), c.result.shape);
};

/** x with whole slices added at places along an axis. */
const indexAdded: Lower = (c) => {
  const vector = (node: Node): Node => (node.type.shape.length === 0 ? c.reshape(node, [1]) : node);
  const [x, places, source] = [c.tensor("self"), c.tensor("index"), c.tensor("source")].map(vector) as [
    Node,
    Node,
    Node,
  ];
  const axis = c.axis("dim", x.type.shape.length);
  const isNamed = c.equal(places, numbersAlong(c, at(x.type.shape, axis), 0, 2));
  const labels = x.type.shape.map((_, i) => `axis${i}`);
  const numbers = source.type.dtype === "bool" ? c.cast(source, "int64") : source;
  const own = c.apply("Cast", [isNamed], { dtype: numbers.type.dtype });
  const total = contract(c, own, numbers, [["to", `axis${axis}`], labels, labels.with(axis, "to")]);
  const factor = c.has("alpha") ? c.mul(c.scalar("alpha", total), total) : total;
  return c.add(x, factor);
};

/** The largest up to each element along an axis; the places stay without a meaning. */
const runningExtreme =
  (isLargest: boolean): Lower =>
  (c) => {
    const x = ordered(c, "self");
    const axis = c.axis("dim", x.type.shape.length);
    const size = at(x.type.shape, axis);
    const rank = x.type.shape.length + 1;
    const isUpTo = c.not(c.less(numbersAlong(c, size, axis, rank), numbersAlong(c, size, axis + 1, rank)));
    const falling = spread(c, isLargest ? x : c.apply("Neg", [x], {}), axis);
    // The first element lies below every end, so that it stands for those beyond.
    const first = c.slice(falling, axis + 1, 0, 1);
    const most = c.apply("Max", [c.where(isUpTo, falling, first)], { axes: [axis + 1] });
    return [declared(c, isLargest ? most : c.apply("Neg", [most], {}), most)[0] ?? most];
  };

const each = (lower: Lower, ...names: readonly string[]): Rows =>
  Object.fromEntries(names.map((name) => [`aten.${name}`, lower]));

export const order: Rows = {
  "aten.topk.default": topK,
  "aten.argmax.default": placeOf(true),
  "aten.argmin.default": placeOf(false),
  "aten.max.dim": extreme(true),
  "aten.min.dim": extreme(false),
  ...each(sortedPair, "sort.default", "sort.stable"),
  ...each(sortedPlaces, "argsort.default", "argsort.stable"),
  "aten.msort.default": sortedRows,
  "aten.kthvalue.default": (c) => smallest(c, () => addDims(c.dim("k"), -1)),
  "aten.median.dim": (c) => smallest(c, middle),
  "aten.median.default": medianOfAll,
  ...each(bucketised, "bucketize.Tensor", "bucketize.Scalar"),
  ...each(searched, "searchsorted.Tensor", "searchsorted.Scalar"),
  "aten.index_add.default": indexAdded,
  "aten.cummax.default": runningExtreme(true),
  "aten.cummin.default": runningExtreme(false),
};
