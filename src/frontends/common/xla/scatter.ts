/** @file Primitives that write at computed places. */
import { at, range } from "../../../base/assert.ts";
import { addDims, type Dim, elementCount, equalDims, subtractDims } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { contraction } from "../contraction.ts";
import { numbersAlong } from "../order.ts";
import { type Application, NotCovered, type Rule, type Rules } from "./application.ts";
import { placesOf } from "./indexing.ts";
import {
  between,
  iota,
  isGiven,
  isWithin,
  moved,
  type Outside,
  outsideOf,
  sliceAt,
  taken,
  unwrapped,
} from "./places.ts";
import { cut } from "./structure.ts";

/** What becomes of an element that something is written to. */
type Combine = (use: Application, old: Node, written: Node) => Node;
const replace: Combine = (_, __, written) => written;

/** x with a block written over its own elements from the starts on; what lies outside may be lost. */
function written(
  use: Application,
  x: Node,
  block: Node,
  starts: readonly Node[],
  outside: Outside,
  combine: Combine,
): Node {
  const axis = range(starts.length).find((i) => !equalDims(at(x.type.shape, i), at(block.type.shape, i)));
  if (axis === undefined) return combine(use, x, block);
  const [own, size] = [at(x.type.shape, axis), at(block.type.shape, axis)];
  const last = subtractDims(own, size);
  const start = at(starts, axis);
  const known = use.integer(start);
  const fitting = known === undefined ? undefined : between(known, last);
  const isLost = fitting !== undefined && outside === "dropped" && !equalDims(fitting, known ?? 0);
  if (isLost) return x;
  // The block filled up to the whole of this axis, before it is laid into x.
  const slab = written(use, sliceAt(use, x, axis, start, size), block, starts, outside, combine);
  if (fitting !== undefined) {
    const after = addDims(fitting, size);
    const parts = [cut(use, x, axis, 0, fitting), slab, cut(use, x, axis, after, own)];
    return use.concat(
      parts.filter((part) => at(part.type.shape, axis) !== 0),
      axis,
    );
  }
  if (outside === "dropped" && size !== 1) throw new NotCovered("a block that may lie outside");
  return laidInto(use, x, slab, axis, outside === "moved" ? moved(use, start, last) : start);
}

/** A slab's elements from a start on, those of x elsewhere. */
function laidInto(use: Application, x: Node, slab: Node, axis: number, start: Node): Node {
  const [own, size] = [at(x.type.shape, axis), at(slab.type.shape, axis)];
  const rank = x.type.shape.length;
  const along = (node: Node): Node => use.reshape(node, [own, ...new Array<Dim>(rank - axis - 1).fill(1)]);
  const offset = use.sub(iota(use, own), use.reshape(start, []));
  const zero = use.constant(0, "int64");
  if (size === 1) return use.where(along(use.equal(offset, zero)), slab, x);
  const isInside = use.and(use.not(use.less(offset, zero)), use.less(offset, use.size(size, "int64")));
  const source = use.min(use.max(offset, zero), use.size(subtractDims(size, 1), "int64"));
  return use.where(along(isInside), taken(use, slab, axis, source), x);
}

const dynamicUpdateSlice: Rule = (use) => {
  const [x, block, ...starts] = use.all as readonly [Node, Node, ...Node[]];
  return written(use, x, block, starts, "moved", replace);
};

const scattered =
  (combine: Combine, manyOf: "replaced" | "added" | "subtracted" | "not covered"): Rule =>
  (use) => {
    const numbers = use.params.record("dimension_numbers");
    if (numbers.ints("operand_batching_dims").length > 0) throw new NotCovered("writing row by row");
    const [x, indices, updates] = [use.x, use.y, use.operand(2)];
    const indexed = numbers.ints("scatter_dims_to_operand_dims");
    const inserted = numbers.ints("inserted_window_dims");
    const window = numbers.ints("update_window_dims");
    const rank = x.type.shape.length;
    const windowAxes = range(rank).filter((axis) => !inserted.includes(axis));
    const sizes = range(rank).map((axis): Dim => {
      const place = windowAxes.indexOf(axis);
      return place < 0 ? 1 : at(updates.type.shape, at(window, place));
    });
    if (indices.type.shape.length === 1) {
      const zero = use.constant(0, "int64");
      const starts = range(rank).map((axis) =>
        indexed.includes(axis) ? placesOf(use, indices, indexed.indexOf(axis)) : zero,
      );
      return written(use, x, use.reshape(updates, sizes), starts, outsideOf(use), combine);
    }
    if (manyOf === "not covered") throw new NotCovered("writing at several places");
    const places = range(updates.type.shape.length).filter((axis) => !window.includes(axis));
    const rows = use.transpose(updates, [...places, ...window]);
    const shape = [...indices.type.shape.slice(0, -1), ...sizes];
    return writtenRows(use, x, use.reshape(rows, shape), indexed, sizes, manyOf);
  };

/** x [n…, rest…] with rows [places…, n… of size 1, rest…] written at the places that the indices name. */
function writtenRows(
  use: Application,
  x: Node,
  updates: Node,
  indexed: readonly number[],
  sizes: readonly Dim[],
  manyOf: "replaced" | "added" | "subtracted",
): Node {
  const { shape } = x.type;
  const indices = use.y;
  const others = range(shape.length).filter((axis) => !indexed.includes(axis));
  const isWhole = (axis: number): boolean => equalDims(at(sizes, axis), at(shape, axis));
  if (!indexed.every((axis) => at(sizes, axis) === 1) || !others.every(isWhole))
    throw new NotCovered("writing parts of rows");
  const count = indices.type.shape.length - 1;
  const k = elementCount(indices.type.shape.slice(0, count));
  const lengths = indexed.map((axis): Dim => at(shape, axis));
  const rest = others.map((axis): Dim => at(shape, axis));
  const order = [...indexed, ...others];
  const n = elementCount(lengths);
  const table = use.reshape(use.transpose(x, order), [n, ...rest]);
  const moved = use.transpose(updates, [...range(count), ...order.map((axis) => count + axis)]);
  const rows = use.reshape(moved, [k, ...rest]);
  const place = use.reshape(rowNumbers(use, indexed, lengths), [k]);
  const result =
    manyOf === "replaced"
      ? replacedRows(use, table, rows, place, n)
      : use[manyOf === "added" ? "add" : "sub"](table, collectedRows(use, rows, place, n));
  const back = range(shape.length).map((axis) => order.indexOf(axis));
  return use.transpose(use.reshape(result, [...lengths, ...rest]), back);
}

/** The number of a row in the table of all indexed axes together. */
function rowNumbers(use: Application, indexed: readonly number[], lengths: readonly Dim[]): Node {
  const outside = outsideOf(use);
  const places = indexed.map((_, k) => {
    const [place, length] = [placesOf(use, use.y, k), at(lengths, k)];
    const last = subtractDims(length, 1);
    if (outside === "moved") return moved(use, place, last);
    const isSafe =
      indexed.length === 1 || isWithin(use, place, last) || isGiven(unwrapped(use, place, length));
    if (!isSafe) throw new NotCovered("places that may lie outside");
    return place;
  });
  return places.reduce((sum, place, k) =>
    use.add(use.mul(sum, use.size(at(lengths, k), place.type.dtype)), place),
  );
}

/** Which of n rows each place names, [n, k]. */
const namedRows = (use: Application, place: Node, n: Dim): Node =>
  use.equal(numbersAlong(use, n, 0, 2), place);

function collectedRows(use: Application, rows: Node, place: Node, n: Dim): Node {
  const isNamed = use.cast(namedRows(use, place, n), rows.type.dtype);
  const rest = range(rows.type.shape.length - 1).map((axis) => `rest${axis}`);
  const total = contraction(use, isNamed, rows, [
    ["n", "k"],
    ["k", ...rest],
    ["n", ...rest],
  ]);
  if (total === undefined) throw new NotCovered("a tensor of more than 24 axes");
  return total;
}

/** Rows at different places: of several at one place JAX does not say which stays. */
function replacedRows(use: Application, table: Node, rows: Node, place: Node, n: Dim): Node {
  const known = use.integers(place)?.map(String);
  const isDistinct = known !== undefined && new Set(known).size === known.length;
  if (!isDistinct && !use.params.flag("unique_indices"))
    throw new NotCovered("writing at places that may be one");
  const count = use.apply("Sum", [use.cast(namedRows(use, place, n), "int64")], { axes: [1] });
  const isFree = use.equal(count, use.constant(0, "int64"));
  const along = use.reshape(isFree, [n, ...table.type.shape.slice(1).map((): Dim => 1)]);
  return use.where(along, table, collectedRows(use, rows, place, n));
}

export const scatters: Rules = {
  dynamic_update_slice: dynamicUpdateSlice,
  scatter: scattered(replace, "replaced"),
  "scatter-add": scattered((use, old, own) => use.add(old, own), "added"),
  "scatter-sub": scattered((use, old, own) => use.sub(old, own), "subtracted"),
  "scatter-mul": scattered((use, old, own) => use.mul(old, own), "not covered"),
  "scatter-min": scattered((use, old, own) => use.min(old, own), "not covered"),
  "scatter-max": scattered((use, old, own) => use.max(old, own), "not covered"),
};
