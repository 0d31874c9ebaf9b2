/** @file The largest elements along an axis, and what is picked or put by places along an axis. */
import { at } from "../../base/assert.ts";
import { type Dim, equalShapes, type Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { contract } from "./operators-linear.ts";

/** Places that differ from each other along an axis: what is put there does not meet. */
const distinct = new WeakSet<Node>();

/** The numbers 0 … size − 1 along one of `rank` axes. */
function numbersAlong(c: Call, size: Dim, axis: number, rank: number): Node {
  const numbers = c.apply("Iota", [], { size, dtype: "int64" });
  const shape: Shape = [size, ...new Array<Dim>(rank - axis - 1).fill(1)];
  return c.reshape(numbers, shape);
}

/** A new axis of size 1 at a place. */
const spread = (c: Call, x: Node, place: number): Node => c.reshape(x, x.type.shape.toSpliced(place, 0, 1));

const zeroLike = (c: Call, x: Node): Node => c.constant(0, x.type.dtype);
const same = (c: Call, x: Node, y: Node): Node => c.apply("Equal", [x, y], {});
const where = (c: Call, condition: Node, x: Node, y: Node): Node => c.apply("Where", [condition, x, y], {});
const sum = (c: Call, x: Node, axis: number): Node => c.apply("Sum", [x], { axes: [axis] });

/** Places and values of the k first elements in the order along an axis, [.., k, ..]. */
function first(c: Call, x: Node, axis: number, k: Dim, isLargest: boolean): { values: Node; places: Node } {
  const { shape } = x.type;
  const ordered = isLargest ? x : c.apply("Neg", [x], {});
  const ranks = spread(c, c.apply("Rank", [ordered], { axis }), axis);
  // [.., k, n, ..]
  const rank = shape.length + 1;
  const isPicked = same(c, ranks, numbersAlong(c, k, axis, rank));
  const numbers = numbersAlong(c, at(shape, axis), axis + 1, rank);
  const places = sum(c, where(c, isPicked, numbers, c.constant(0, "int64")), axis + 1);
  distinct.add(places);
  return { places, values: sum(c, where(c, isPicked, spread(c, x, axis), zeroLike(c, x)), axis + 1) };
}

const largest: Lower = (c) => {
  const x = c.tensor("self");
  const axis = c.axis("dim", x.type.shape.length, -1);
  const { values, places } = first(c, x, axis, c.dim("k"), c.bool("largest", true));
  return [values, places];
};

/** The place of the largest element along an axis. */
const placeOf =
  (isLargest: boolean): Lower =>
  (c) => {
    const x = c.tensor("self");
    if (!c.has("dim")) throw new NotCovered("the place of the largest element of a whole tensor");
    const { places } = first(c, x, c.axis("dim", x.type.shape.length), 1, isLargest);
    return c.reshape(places, c.result.shape);
  };

/** Where places along an axis name an element: [.., k, n, ..] of places [.., k, ..]. */
function named(c: Call, places: Node, axis: number, size: Dim): Node {
  const rank = places.type.shape.length + 1;
  return same(c, spread(c, places, axis + 1), numbersAlong(c, size, axis + 1, rank));
}

/** Whether shapes are equal but for one axis. */
const agreeBeside = (axis: number, x: Shape, y: Shape): boolean =>
  x.length === y.length && equalShapes(x.toSpliced(axis, 1), y.toSpliced(axis, 1));

/** Torch lets the places cover a corner of the tensor only. */
function checkCover(axis: number, x: Node, places: Node): void {
  if (!agreeBeside(axis, x.type.shape, places.type.shape))
    throw new NotCovered("places for a part of a tensor");
}

/** x at places along an axis. */
const gathered: Lower = (c) => {
  const [x, places] = [c.tensor("self"), c.tensor("index")];
  const axis = c.axis("dim", x.type.shape.length);
  checkCover(axis, x, places);
  const isNamed = named(c, places, axis, at(x.type.shape, axis));
  return sum(c, where(c, isNamed, spread(c, x, axis), zeroLike(c, x)), axis + 1);
};

/** The sum of all that goes to each place along an axis. */
function collected(c: Call, source: Node, places: Node, axis: number, size: Dim): Node {
  const isNamed = named(c, places, axis, size);
  return sum(c, where(c, isNamed, spread(c, source, axis + 1), zeroLike(c, source)), axis);
}

/** What a tensor becomes when numbers are put at places along an axis. */
const scattered: Lower = (c) => {
  const [x, places] = [c.tensor("self"), c.tensor("index")];
  const axis = c.axis("dim", x.type.shape.length);
  checkCover(axis, x, places);
  if (!distinct.has(places)) throw new NotCovered("numbers that may be put at one place");
  const size = at(x.type.shape, axis);
  const given = c.optionalTensor("src");
  const source = given ?? c.stretch(c.scalar("value", x), places.type.shape);
  if (!equalShapes(source.type.shape, places.type.shape)) throw new NotCovered("a part of the numbers");
  const counts = c.apply("Cast", [named(c, places, axis, size)], { dtype: "int64" });
  const isFree = same(c, sum(c, counts, axis), c.constant(0, "int64"));
  return where(c, isFree, x, collected(c, source, places, axis, size));
};

/** x with numbers added at places along an axis. */
const scatterAdded: Lower = (c) => {
  const [x, places, source] = [c.tensor("self"), c.tensor("index"), c.tensor("src")];
  const axis = c.axis("dim", x.type.shape.length);
  checkCover(axis, x, places);
  if (!equalShapes(source.type.shape, places.type.shape)) throw new NotCovered("a part of the numbers");
  return c.add(x, collected(c, source, places, axis, at(x.type.shape, axis)));
};

/** x with whole slices added at places along an axis. */
const indexAdded: Lower = (c) => {
  const [x, places, source] = [c.tensor("self"), c.tensor("index"), c.tensor("source")];
  const axis = c.axis("dim", x.type.shape.length);
  const isNamed = same(c, places, numbersAlong(c, at(x.type.shape, axis), 0, 2));
  const labels = x.type.shape.map((_, i) => `axis${i}`);
  const own = c.apply("Cast", [isNamed], { dtype: source.type.dtype });
  const total = contract(c, own, source, [["to", `axis${axis}`], labels, labels.with(axis, "to")]);
  const factor = c.has("alpha") ? c.mul(c.constant(c.number("alpha"), total.type.dtype), total) : total;
  return c.add(x, factor);
};

export const order: Rows = {
  "aten.topk.default": largest,
  "aten.argmax.default": placeOf(true),
  "aten.argmin.default": placeOf(false),
  "aten.gather.default": gathered,
  "aten.scatter.src": scattered,
  "aten.scatter.value": scattered,
  "aten.scatter_add.default": scatterAdded,
  "aten.index_add.default": indexAdded,
};
