/** @file The largest elements along an axis, and what is picked or put by places along an axis. */
import { at } from "../../base/assert.ts";
import { equalShapes, type Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { collected, distinct, first, named, numbersAlong, picked, sum } from "../common/order.ts";
import { type Lower, NotCovered, type Rows } from "./call.ts";
import { contract } from "./operators-linear.ts";

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
  return picked(c, x, places, axis);
};

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
  const isFree = c.equal(sum(c, counts, axis), c.constant(0, "int64"));
  return c.where(isFree, x, collected(c, source, places, axis, size));
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
  const isNamed = c.equal(places, numbersAlong(c, at(x.type.shape, axis), 0, 2));
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
