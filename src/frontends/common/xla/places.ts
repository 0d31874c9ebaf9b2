/** @file Integers that name places along an axis: counted from the end where negative, and moved or not where outside. */
import { at, range } from "../../../base/assert.ts";
import { addDims, type Dim, equalDims, signOf, subtractDims } from "../../../ir/dim.ts";
import { type Node, rebuild } from "../../../ir/graph.ts";
import type { OpName } from "../../../ir/operators.ts";
import type { Application } from "./application.ts";
import { cut } from "./structure.ts";

/** What becomes of a place outside of the axis. */
export type Outside =
  /** It is moved to the nearest one inside. */
  | "moved"
  /** What is read there is NaN, what is written there is lost: it is taken not to happen where something is read. */
  | "dropped";

export const outsideOf = (use: Application): Outside =>
  use.params.has("mode") && use.params.text("mode") === "CLIP" ? "moved" : "dropped";

export const iota = (use: Application, size: Dim): Node => use.apply("Iota", [], { size, dtype: "int64" });

const moving: ReadonlySet<OpName> = new Set(["Reshape", "Broadcast", "Transpose", "Slice", "Cast"]);

/** What integers are that were only moved around. */
export function unmoved(node: Node): Node {
  let source = node;
  while (moving.has(source.op)) source = at(source.inputs, 0);
  return source;
}

/** Whether these are the data's own integers. They are taken to be in range. */
export const isGiven = (node: Node): boolean => unmoved(node).op === "Input";

/** How many reshapes and casts stand around a place at most. */
const around = 8;

/** i of "i + n where i < 0, else i", by which JAX counts negative places from the end, as `Take` does by itself. */
export function unwrapped(use: Application, place: Node, size: Dim, depth = 0): Node {
  if (place.op === "Reshape" || place.op === "Broadcast" || place.op === "Cast") {
    const from = at(place.inputs, 0);
    const inner = depth < around ? unwrapped(use, from, size, depth + 1) : from;
    return inner === from ? place : rebuild(use.build, place, [inner]);
  }
  if (place.op !== "Where") return place;
  const [condition, wrapped, own] = [at(place.inputs, 0), at(place.inputs, 1), at(place.inputs, 2)];
  const isNegative =
    condition.op === "Less" && condition.inputs[0] === own && isInteger(use, condition.inputs[1], 0);
  const isWrapped =
    wrapped.op === "Add" && wrapped.inputs[0] === own && isInteger(use, wrapped.inputs[1], size);
  return isNegative && isWrapped ? own : place;
}

/** What is repeated or laid out in another shape. */
export function sourceOf(node: Node): Node {
  let source = node;
  while (source.op === "Broadcast" || source.op === "Reshape") source = at(source.inputs, 0);
  return source;
}

function isInteger(use: Application, node: Node | undefined, value: Dim): boolean {
  const known = node && use.integers(sourceOf(node));
  return known !== undefined && known.length > 0 && known.every((dim) => equalDims(dim, value));
}

const atLeast = (a: Dim, b: Dim): boolean => {
  const sign = equalDims(a, b) ? 0 : signOf(subtractDims(a, b));
  return sign !== undefined && sign >= 0;
};

/** Whether all places are from 0 to `last`, whatever the data are. */
export const isWithin = (use: Application, place: Node, last: Dim): boolean =>
  use.integers(place)?.every((dim) => atLeast(dim, 0) && atLeast(last, dim)) === true;

/** A known start moved into 0 … last; `undefined` where that depends on sizes. */
export function between(start: Dim, last: Dim): Dim | undefined {
  if (!atLeast(start, 0)) return atLeast(0, start) ? 0 : undefined;
  return atLeast(last, start) ? start : atLeast(start, last) ? last : undefined;
}

/** Places moved into 0 … last, where they may be outside. */
export function moved(use: Application, place: Node, last: Dim): Node {
  if (isWithin(use, place, last) || isGiven(place)) return place;
  const { dtype } = place.type;
  return use.min(use.max(place, use.constant(0, dtype)), use.size(last, dtype));
}

/** Places of single elements for a look-up in a table of that many rows. */
export function rowPlaces(use: Application, place: Node, size: Dim, outside: Outside): Node {
  const plain = unwrapped(use, place, size);
  return outside === "dropped" || isGiven(plain) ? plain : moved(use, place, subtractDims(size, 1));
}

/** Rows of one axis at places [k]. */
export function taken(use: Application, x: Node, axis: number, places: Node): Node {
  const rank = x.type.shape.length;
  const toFront = [axis, ...range(rank).filter((i) => i !== axis)];
  const rows = use.apply("Take", [use.transpose(x, toFront), places], {});
  return use.transpose(
    rows,
    range(rank).map((i) => toFront.indexOf(i)),
  );
}

/** x[start : start + size] along one axis, with a start that is moved so that the slice fits. */
export function sliceAt(use: Application, x: Node, axis: number, start: Node, size: Dim): Node {
  const own = at(x.type.shape, axis);
  if (equalDims(own, size)) return x;
  const last = subtractDims(own, size);
  const known = use.integer(start);
  const fitting = known === undefined ? undefined : between(known, last);
  if (fitting !== undefined) return cut(use, x, axis, fitting, addDims(fitting, size));
  if (size === 1) return taken(use, x, axis, use.reshape(rowPlaces(use, start, own, "moved"), [1]));
  const from = moved(use, start, last);
  return taken(use, x, axis, use.add(use.reshape(from, [1]), iota(use, size)));
}
