/** @file Primitives that read at computed places. */
import { at, range, zip } from "../../../base/assert.ts";
import { type Dim, elementCount, equalDims, subtractDims } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { type Application, NotCovered, type Rule, type Rules } from "./application.ts";
import { iota, isGiven, moved, type Outside, outsideOf, rowPlaces, sliceAt, unwrapped } from "./places.ts";
import { cut } from "./structure.ts";

const dynamicSlice: Rule = (use) => {
  const [x, ...starts] = use.all as readonly [Node, ...Node[]];
  const sizes = use.params.dims("slice_sizes");
  return zip(starts, sizes).reduce((node, [start, size], axis) => sliceAt(use, node, axis, start, size), x);
};

/** An axis of the operand that indices name, and which of them do. */
interface Indexed {
  readonly axis: number;
  readonly index: number;
}

/** What is looked up, and where. */
interface LookUp {
  readonly x: Node;
  /** [places…, indices]. */
  readonly indices: Node;
  readonly indexed: readonly Indexed[];
  /** Axes along which the operand and the indices go together, of each. */
  readonly batch: readonly (readonly [operand: number, indices: number])[];
  /** Of the window of one place, along each axis of the operand. */
  readonly sizes: readonly Dim[];
  readonly outside: Outside;
}

/** One index of every place, [places…]. */
export function placesOf(use: Application, indices: Node, index: number): Node {
  const { shape } = indices.type;
  const last = shape.length - 1;
  const isJoined =
    indices.op === "Concat" &&
    indices.attrs.axis === last &&
    indices.inputs.every(({ type }) => type.shape[last] === 1);
  const own = isJoined ? at(indices.inputs, index) : cut(use, indices, last, index, index + 1);
  return use.reshape(own, shape.slice(0, -1));
}

const gather: Rule = (use) => {
  const numbers = use.params.record("dimension_numbers");
  const [x, indices] = [use.x, use.y];
  const sizes = use.params.dims("slice_sizes");
  const batch = zip(numbers.ints("operand_batching_dims"), numbers.ints("start_indices_batching_dims"));
  const collapsed = [...numbers.ints("collapsed_slice_dims"), ...batch.map(([operand]) => operand)];
  // The place of a window that is a whole axis is its start.
  const indexed = numbers
    .ints("start_index_map")
    .map((axis, index) => ({ axis, index }))
    .filter(({ axis }) => !equalDims(at(sizes, axis), at(x.type.shape, axis)));
  const lookUp = { x, indices, indexed, batch, sizes, outside: outsideOf(use) };
  const found = batch.length > 0 ? pickedTogether(use, lookUp) : lookedUp(use, lookUp);
  // [places…, windows…], and then the windows' axes where the result has them.
  const count = indices.type.shape.length - 1;
  const windows = range(sizes.length).filter((axis) => !collapsed.includes(axis));
  const shape = [...indices.type.shape.slice(0, count), ...windows.map((axis): Dim => at(sizes, axis))];
  const offsets = numbers.ints("offset_dims");
  const places = range(shape.length).filter((axis) => !offsets.includes(axis));
  const order = range(shape.length).map((axis) =>
    offsets.includes(axis) ? count + offsets.indexOf(axis) : places.indexOf(axis),
  );
  return use.transpose(use.reshape(found, shape), order);
};

/** [places…, the windows along all axes in their order]: one look-up in the table of all indexed axes together. */
function lookedUp(use: Application, lookUp: LookUp): Node {
  const { x, indices, indexed, sizes } = lookUp;
  const { shape } = x.type;
  const count = indices.type.shape.length - 1;
  if (count === 0) {
    const slice = (node: Node, { axis, index }: Indexed): Node =>
      sliceAt(use, node, axis, placesOf(use, indices, index), at(sizes, axis));
    return indexed.reduce(slice, x);
  }
  const sorted = indexed.toSorted((a, b) => a.axis - b.axis);
  const inOrder = sorted.map(({ axis }) => axis);
  const others = range(shape.length).filter((axis) => !inOrder.includes(axis));
  if (!others.every((axis) => equalDims(at(sizes, axis), at(shape, axis))) || inOrder.length === 0)
    throw new NotCovered("look-ups of parts of rows");
  const lengths = inOrder.map((axis): Dim => at(shape, axis));
  const rest = others.map((axis): Dim => at(shape, axis));
  const ordered = use.transpose(x, [...inOrder, ...others]);
  const table = inOrder.length === 1 ? ordered : use.reshape(ordered, [elementCount(lengths), ...rest]);
  // [places…, the windows of the indexed axes…]; windows of one element have no axes.
  const isRow = inOrder.every((axis) => at(sizes, axis) === 1);
  const index = sorted
    .map((own) => windowPlaces(use, lookUp, own, inOrder, isRow))
    .reduce((sum, places, i) => use.add(use.mul(sum, use.size(at(lengths, i), places.type.dtype)), places));
  const rows = use.apply("Take", [table, index], {});
  if (isRow) return rows;
  const axes = [...inOrder, ...others];
  const windows = range(shape.length).map((axis) => count + axes.indexOf(axis));
  return use.transpose(rows, [...range(count), ...windows]);
}

/** Places along one of the indexed axes: [places…] of rows, else [places…, 1…, window, 1…]. */
function windowPlaces(
  use: Application,
  { x, indices, sizes, outside }: LookUp,
  { axis, index }: Indexed,
  inOrder: readonly number[],
  isRow: boolean,
): Node {
  const [own, size] = [at(x.type.shape, axis), at(sizes, axis)];
  const given = placesOf(use, indices, index);
  // Among several axes a place is a number of rows from the start, which negative ones are not.
  const keeps = outside === "dropped" || isGiven(unwrapped(use, given, own));
  const places =
    isRow && inOrder.length === 1
      ? rowPlaces(use, given, own, outside)
      : keeps && size === 1
        ? given
        : moved(use, given, subtractDims(own, size));
  if (isRow) return places;
  const ones = inOrder.map((): Dim => 1);
  const start = use.reshape(places, [...places.type.shape, ...ones]);
  return size === 1
    ? start
    : use.add(start, use.reshape(iota(use, size), ones.with(inOrder.indexOf(axis), size)));
}

/** Windows at one place along one axis for each row of the axes that operand and indices share: take_along_axis, vmap. */
function pickedTogether(use: Application, { x, indices, indexed, batch, sizes, outside }: LookUp): Node {
  const [first, ...more] = indexed;
  const [ofOperand, ofIndices] = [batch.map(([operand]) => operand), batch.map(([, index]) => index)];
  const { shape } = x.type;
  const rest = range(shape.length).filter((axis) => axis !== first?.axis && !ofOperand.includes(axis));
  const isWhole = (axis: number): boolean => equalDims(at(sizes, axis), at(shape, axis));
  if (first === undefined || more.length > 0 || at(sizes, first.axis) !== 1 || !rest.every(isWhole))
    throw new NotCovered("look-ups of this form");
  const own = at(shape, first.axis);
  const given = placesOf(use, indices, first.index);
  const places = outside === "moved" ? moved(use, given, subtractDims(own, 1)) : given;
  // [batch…, places…] of the places, [batch…, n, rest…] of the table.
  const count = places.type.shape.length;
  const order = [...ofIndices, ...range(count).filter((i) => !ofIndices.includes(i))];
  const ordered = use.transpose(places, order);
  const table = use.transpose(x, [...ofOperand, first.axis, ...rest]);
  const rows = pickedRows(use, table, ordered, batch.length);
  // [batch…, places…, rest…], with the places in their own order again.
  const back = range(count).map((i) => order.indexOf(i));
  return use.transpose(rows, [...back, ...rest.map((_, i) => count + i)]);
}

/** Of a table [batch…, n, rest…] the row at each place [batch…, places…]. */
function pickedRows(use: Application, table: Node, places: Node, batch: number): Node {
  const shared = table.type.shape.slice(0, batch);
  const [n = 1, ...rest] = table.type.shape.slice(batch);
  const own = places.type.shape.slice(batch);
  const ones = rest.map((): Dim => 1);
  const flat = use.reshape(places, [...shared, elementCount(own), 1]);
  const isNamed = use.equal(flat, iota(use, n));
  const spread = use.reshape(isNamed, [...shared, elementCount(own), n, ...ones]);
  const rows = use.reshape(table, [...shared, 1, n, ...rest]);
  const zero = use.constant(0, table.type.dtype);
  const found = use.apply("Sum", [use.where(spread, rows, zero)], { axes: [batch + 1] });
  return use.reshape(found, [...shared, ...own, ...rest]);
}

export const indexing: Rules = { gather, dynamic_slice: dynamicSlice };
