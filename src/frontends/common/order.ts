/** @file What is picked or put by places along an axis, and the first elements in its order. */
import { at } from "../../base/assert.ts";
import type { Dim, Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import type { Maker } from "./maker.ts";

/** Places that differ from each other along an axis: what is put there does not meet. */
export const distinct: WeakSet<Node> = new WeakSet<Node>();

/** The numbers 0 … size − 1 along one of `rank` axes. */
export function numbersAlong(make: Maker, size: Dim, axis: number, rank: number): Node {
  const numbers = make.apply("Iota", [], { size, dtype: "int64" });
  const shape: Shape = [size, ...new Array<Dim>(rank - axis - 1).fill(1)];
  return make.reshape(numbers, shape);
}

/** A new axis of size 1 at a place. */
export const spread = (make: Maker, x: Node, place: number): Node =>
  make.reshape(x, x.type.shape.toSpliced(place, 0, 1));

const zeroLike = (make: Maker, x: Node): Node => make.constant(0, x.type.dtype);
export const sum = (make: Maker, x: Node, axis: number): Node => make.apply("Sum", [x], { axes: [axis] });

/** Places and values of k elements from some place on in the order along an axis, [.., k, ..]. */
export function first(
  make: Maker,
  x: Node,
  axis: number,
  k: Dim,
  isLargest: boolean,
  start: Dim = 0,
): { values: Node; places: Node } {
  const { shape } = x.type;
  const ordered = isLargest ? x : make.apply("Neg", [x], {});
  const ranks = spread(make, make.apply("Rank", [ordered], { axis }), axis);
  // [.., k, n, ..]
  const rank = shape.length + 1;
  const wanted = numbersAlong(make, k, axis, rank);
  const isPicked = make.equal(ranks, start === 0 ? wanted : make.add(wanted, make.size(start, "int64")));
  const numbers = numbersAlong(make, at(shape, axis), axis + 1, rank);
  const places = sum(make, make.where(isPicked, numbers, make.constant(0, "int64")), axis + 1);
  distinct.add(places);
  return {
    places,
    values: sum(make, make.where(isPicked, spread(make, x, axis), zeroLike(make, x)), axis + 1),
  };
}

/** Where places along an axis name an element: [.., k, n, ..] of places [.., k, ..]. */
export function named(make: Maker, places: Node, axis: number, size: Dim): Node {
  const rank = places.type.shape.length + 1;
  return make.equal(spread(make, places, axis + 1), numbersAlong(make, size, axis + 1, rank));
}

/** x at places along an axis. */
export function picked(make: Maker, x: Node, places: Node, axis: number): Node {
  const isNamed = named(make, places, axis, at(x.type.shape, axis));
  return sum(make, make.where(isNamed, spread(make, x, axis), zeroLike(make, x)), axis + 1);
}

/** The sum of all that goes to each place along an axis. */
export function collected(make: Maker, source: Node, places: Node, axis: number, size: Dim): Node {
  const isNamed = named(make, places, axis, size);
  return sum(make, make.where(isNamed, spread(make, source, axis + 1), zeroLike(make, source)), axis);
}
