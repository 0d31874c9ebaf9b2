/** @file Elements picked and put along one axis, with an index for each: gather, scatter, and how numbers for one place meet. */
import { at, range } from "../../base/assert.ts";
import { broadcastShapes, elementCount, equalDims, equalShapes, type Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { collected, distinct, named, numbersAlong, spread, sum } from "../common/order.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { vector } from "./operators-index.ts";

const zeroLike = (c: Call, x: Node): Node => c.constant(0, x.type.dtype);

/** The corner of a tensor that the index covers: torch lets it be smaller on the other axes. */
function corner(c: Call, x: Node, shape: Shape, axis: number): Node {
  return range(shape.length).reduce((node, i) => {
    const [own, wanted] = [at(node.type.shape, i), at(shape, i)];
    return i === axis || equalDims(own, wanted) ? node : c.slice(node, i, 0, wanted);
  }, x);
}

/** x with another corner. */
function withCorner(c: Call, x: Node, part: Node, axis = 0): Node {
  const different = range(x.type.shape.length).filter(
    (i) => !equalDims(at(x.type.shape, i), at(part.type.shape, i)),
  );
  const [first = -1] = different;
  if (first < axis && first < 0) return part;
  const [size, reach] = [at(x.type.shape, first), at(part.type.shape, first)];
  const inner = withCorner(c, c.slice(x, first, 0, reach), part);
  return c.concat([inner, c.slice(x, first, reach, size)], first);
}

const byIndex: Lower = (c) => {
  const [x, places] = [vector(c, c.tensor("self")), vector(c, c.tensor("index"))];
  const axis = c.axis("dim", x.type.shape.length);
  const covered = corner(c, x, places.type.shape, axis);
  const isNamed = named(c, places, axis, at(x.type.shape, axis));
  return sum(c, c.where(isNamed, spread(c, covered, axis), zeroLike(c, x)), axis + 1);
};

/** As gather, where index and tensor broadcast against each other; without an axis the tensor is flat. */
const alongDim: Lower = (c) => {
  const [x, index] = [c.tensor("self"), c.tensor("indices")];
  if (!c.has("dim")) {
    const flat = c.reshape(x, [elementCount(x.type.shape)]);
    return c.apply("Take", [flat, c.reshape(index, [elementCount(index.type.shape)])], {});
  }
  const axis = c.axis("dim", x.type.shape.length);
  const others = broadcastShapes([x.type.shape.with(axis, 1), index.type.shape.with(axis, 1)]) ?? [];
  const own = c.stretch(x, others.with(axis, at(x.type.shape, axis)));
  const places = c.stretch(index, others.with(axis, at(index.type.shape, axis)));
  const isNamed = named(c, places, axis, at(x.type.shape, axis));
  return sum(c, c.where(isNamed, spread(c, own, axis), zeroLike(c, x)), axis + 1);
};

type Combine = (c: Call, x: Node, source: Node, places: Node, axis: number) => Node;

/** Of numbers for one place the last; where places differ for sure, no order is asked for. */
const replacing: Combine = (c, x, source, places, axis) => {
  const size = at(x.type.shape, axis);
  const isPut = named(c, places, axis, size);
  if (distinct.has(places)) {
    return c.where(isFree(c, isPut, axis), x, collected(c, source, places, axis, size));
  }
  c.note(
    "where several numbers are put to one place, the last one is taken to stay there; PyTorch leaves that open",
  );
  const rank = isPut.type.shape.length;
  const numbers = numbersAlong(c, at(places.type.shape, axis), axis, rank);
  const last = c.apply("Max", [c.where(isPut, numbers, c.constant(-1, "int64"))], { axes: [axis] });
  const isLast = c.equal(spread(c, last, axis), numbers);
  const chosen = sum(c, c.where(isLast, spread(c, source, axis + 1), zeroLike(c, source)), axis);
  return c.where(c.less(last, c.constant(0, "int64")), x, chosen);
};
const adding: Combine = (c, x, source, places, axis) =>
  c.add(x, collected(c, source, places, axis, at(x.type.shape, axis)));

/** Of numbers for one place the largest or smallest, and what was there before where that counts. */
const extremal =
  (isLargest: boolean, isSelfIncluded: boolean): Combine =>
  (c, x, source, places, axis) => {
    const turned = (node: Node): Node => (isLargest ? node : c.apply("Neg", [node], {}));
    const isPut = named(c, places, axis, at(x.type.shape, axis));
    const none = isReal(x.type.dtype)
      ? c.apply("NamedConstant", [], { name: "negative infinity", dtype: x.type.dtype })
      : c.constant(-(2 ** 53), x.type.dtype);
    const listed = c.where(isPut, spread(c, turned(source), axis + 1), none);
    const most = turned(c.apply("Max", [listed], { axes: [axis] }));
    if (isSelfIncluded) return c.apply(isLargest ? "Maximum" : "Minimum", [x, most], {});
    return c.where(isFree(c, isPut, axis), x, most);
  };
const isFree = (c: Call, isPut: Node, axis: number): Node =>
  c.equal(sum(c, c.cast(isPut, "int64"), axis), c.constant(0, "int64"));

/** The sum or mean of all for one place; what was there before may count too. */
const summing =
  (isMean: boolean, isSelfIncluded: boolean): Combine =>
  (c, x, source, places, axis) => {
    const size = at(x.type.shape, axis);
    const isPut = named(c, places, axis, size);
    const total = collected(c, source, places, axis, size);
    const count = c.cast(sum(c, c.cast(isPut, "int64"), axis), x.type.dtype);
    const own = c.constant(Number(isSelfIncluded), x.type.dtype);
    const all = isSelfIncluded ? c.add(x, total) : total;
    if (isMean && !isReal(x.type.dtype)) throw new NotCovered("means of integers, which are rounded");
    // Where nothing goes, what was there stays, and is divided by 1.
    const divisor = c.apply("Maximum", [c.add(count, own), c.constant(1, x.type.dtype)], {});
    const result = isMean ? c.div(all, divisor) : all;
    return isSelfIncluded ? result : c.where(isFree(c, isPut, axis), x, result);
  };

/** What becomes of a tensor when numbers go to places along an axis. */
const scattered =
  (combine: Combine): Lower =>
  (c) => {
    const [x, places] = [vector(c, c.tensor("self")), vector(c, c.tensor("index"))];
    if (places.type.shape.includes(0)) return x;
    const axis = c.axis("dim", x.type.shape.length);
    const given = c.optionalTensor("src");
    const { shape } = places.type;
    const source =
      given === undefined ? c.stretch(c.operand("value", x), shape) : corner(c, vector(c, given), shape, -1);
    if (!equalShapes(source.type.shape, shape)) throw new NotCovered("indices for more than there is to put");
    const covered = corner(c, x, shape, axis);
    return withCorner(c, x, combine(c, covered, source, places, axis));
  };

/** scatter(…, reduce="add") and scatter_reduce. */
const reducing: Lower = (c) => scattered(combination(c.text("reduce"), c.bool("include_self", true)))(c);
function combination(kind: string, isSelfIncluded: boolean): Combine {
  if (kind === "sum" || kind === "add") return isSelfIncluded ? adding : summing(false, false);
  if (kind === "mean") return summing(true, isSelfIncluded);
  if (kind === "amax" || kind === "amin") return extremal(kind === "amax", isSelfIncluded);
  throw new NotCovered(`numbers for one place that meet in ${kind}`);
}
/** index_reduce: whole slices by one list of places. */
const reducingSlices: Lower = (c) => {
  const [x, source, index] = [c.tensor("self"), c.tensor("source"), c.tensor("index")].map((node) =>
    vector(c, node),
  ) as [Node, Node, Node];
  const axis = c.axis("dim", x.type.shape.length);
  const shape = source.type.shape.map((size, i) => (i === axis ? size : 1));
  const places = c.stretch(c.reshape(index, shape), source.type.shape);
  return combination(c.text("reduce"), c.bool("include_self", true))(c, x, source, places, axis);
};

export const scatters: Rows = {
  "aten.gather.default": byIndex,
  "aten.take_along_dim.default": alongDim,
  "aten.scatter.src": scattered(replacing),
  "aten.scatter.value": scattered(replacing),
  "aten.scatter_add.default": scattered(adding),
  "aten.scatter.reduce": reducing,
  "aten.scatter.value_reduce": reducing,
  "aten.scatter_reduce.two": reducing,
  "aten.index_reduce.default": reducingSlices,
};
