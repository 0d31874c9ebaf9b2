/** @file The first elements in the order along an axis. */
import { at } from "../../base/assert.ts";
import type { Dim, Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import type { Maker } from "./maker.ts";

/** The numbers 0 … size − 1 along one of `rank` axes. */
export function numbersAlong(make: Maker, size: Dim, axis: number, rank: number): Node {
  const numbers = make.apply("Iota", [], { size, dtype: "int64" });
  const shape: Shape = [size, ...new Array<Dim>(rank - axis - 1).fill(1)];
  return make.reshape(numbers, shape);
}

/** A new axis of size 1 at a place. */
const spread = (make: Maker, x: Node, place: number): Node =>
  make.reshape(x, x.type.shape.toSpliced(place, 0, 1));

const zeroLike = (make: Maker, x: Node): Node => make.constant(0, x.type.dtype);
const sum = (make: Maker, x: Node, axis: number): Node => make.apply("Sum", [x], { axes: [axis] });

/** Places and values of the k first elements in the order along an axis, [.., k, ..]. */
export function first(
  make: Maker,
  x: Node,
  axis: number,
  k: Dim,
  isLargest: boolean,
): { values: Node; places: Node } {
  const { shape } = x.type;
  const ordered = isLargest ? x : make.apply("Neg", [x], {});
  const ranks = spread(make, make.apply("Rank", [ordered], { axis }), axis);
  // [.., k, n, ..]
  const rank = shape.length + 1;
  const isPicked = make.equal(ranks, numbersAlong(make, k, axis, rank));
  const numbers = numbersAlong(make, at(shape, axis), axis + 1, rank);
  const places = sum(make, make.where(isPicked, numbers, make.constant(0, "int64")), axis + 1);
  return {
    places,
    values: sum(make, make.where(isPicked, spread(make, x, axis), zeroLike(make, x)), axis + 1),
  };
}
