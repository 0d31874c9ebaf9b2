/** @file Operations of keras.ops that multiply, move, cut and join tensors. */
import { at, range } from "../../../base/assert.ts";
import { addDims, type Dim, elementCount, multiplyDims, subtractDims } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { isReal } from "../../../ir/type.ts";
import { reversed } from "../padding.ts";
import { type Layer, type Lower, type Rows, tensorsOf } from "./layer.ts";
import { operand } from "./operations.ts";
import { repeated } from "./padding.ts";
import { Malformed, NotCovered } from "./problem.ts";
import { completed } from "./reshaping.ts";
import { type Cut, isList, isNode, type Value } from "./values.ts";

const transpose: Lower = (c) => {
  const x = c.input;
  const rank = x.type.shape.length;
  const axes = c.config.has("axes")
    ? c.config.ints("axes").map((axis) => c.config.wrapped("axes", axis, rank))
    : undefined;
  return c.transpose(x, axes ?? range(rank).toReversed());
};
const swapaxes: Lower = (c) => {
  const x = c.input;
  const rank = x.type.shape.length;
  const [first, second] = [c.config.axis("axis1", rank), c.config.axis("axis2", rank)];
  return c.transpose(
    x,
    range(rank).map((axis) => (axis === first ? second : axis === second ? first : axis)),
  );
};
const moveaxis: Lower = (c) => {
  const x = c.input;
  const rank = x.type.shape.length;
  const list = (name: string): number[] => {
    const value = c.config.get(name);
    return (typeof value === "number" ? [c.config.int(name)] : c.config.ints(name)).map((axis) =>
      c.config.wrapped(name, axis, rank),
    );
  };
  const [source, destination] = [list("source"), list("destination")];
  const order = range(rank).filter((axis) => !source.includes(axis));
  const placed = destination.map((place, i) => [place, at(source, i)] as const).toSorted(([a], [b]) => a - b);
  for (const [place, axis] of placed) order.splice(place, 0, axis);
  return c.transpose(x, order);
};

/** A shape in the options; −1 and null are what is left. */
function shapeOption(c: Layer, name: string): Dim[] {
  const value = c.config.get(name);
  if (!Array.isArray(value)) throw c.config.misses(name, "a list of sizes");
  return value.map((size: unknown) => {
    if (size === null) return -1;
    if (typeof size === "number" && Number.isSafeInteger(size)) return size;
    throw new NotCovered("a shape that is computed");
  });
}
const reshape: Lower = (c) => {
  const x = c.input;
  const target = shapeOption(c, "newshape");
  // A −1 in front of the sizes of the rest stands for the batch, whatever symbols that holds.
  return c.reshape(x, completed(c.name, elementCount(x.type.shape), target));
};
const flat: Lower = (c) => c.reshape(c.input, [elementCount(c.input.type.shape)]);

const expandDims: Lower = (c) => {
  const x = c.input;
  const value = c.config.get("axis");
  const list = typeof value === "number" ? [value] : c.config.ints("axis");
  const rank = x.type.shape.length + list.length;
  const axes = list.map((axis) => c.config.wrapped("axis", axis, rank)).toSorted((a, b) => a - b);
  return axes.reduce((node, axis) => c.withAxis(node, axis), x);
};
const squeeze: Lower = (c) => {
  const x = c.input;
  const { shape } = x.type;
  const units = range(shape.length).filter((axis) => shape[axis] === 1);
  const axes = c.config.axes("axis", shape.length, units);
  return c.reshape(
    x,
    shape.filter((_, axis) => !axes.includes(axis)),
  );
};

const listOf = (c: Layer): Node[] => {
  const list = tensorsOf(c.args[0] ?? c.named.get("xs") ?? c.named.get("x"));
  if (list.length === 0) throw new Malformed(c.name, "no tensors", "a list of tensors");
  return list;
};
const concatenate: Lower = (c) => {
  const parts = listOf(c);
  return c.concat(parts, c.config.axis("axis", at(parts, 0).type.shape.length, 0));
};
const stack: Lower = (c) => {
  const parts = listOf(c);
  const axis = c.config.axis("axis", at(parts, 0).type.shape.length + 1, 0);
  return c.concat(
    parts.map((part) => c.withAxis(part, axis)),
    axis,
  );
};
const split: Lower = (c) => {
  const x = c.input;
  const axis = c.config.axis("axis", x.type.shape.length, 0);
  const size = at(x.type.shape, axis);
  if (typeof size !== "number") throw new NotCovered("a split of an axis of symbolic size");
  const given = c.config.get("indices_or_sections");
  const ends =
    typeof given === "number" ? equalParts(c, size, given) : [...c.config.ints("indices_or_sections"), size];
  return ends.map((stop, index) => c.slice(x, axis, index === 0 ? 0 : at(ends, index - 1), stop));
};
function equalParts(c: Layer, size: number, count: number): number[] {
  if (!(count >= 1) || size % count !== 0)
    throw new Malformed(c.name, `${count} parts of ${size}`, "equal parts");
  return range(count).map((part) => ((part + 1) * size) / count);
}

const broadcastTo: Lower = (c) => {
  const x = c.input;
  const shape = shapeOption(c, "shape");
  const missing = shape.length - x.type.shape.length;
  return c.stretch(
    x,
    shape.map((size, axis) => (size === -1 ? (x.type.shape[axis - missing] ?? 1) : size)),
  );
};
const repeat: Lower = (c) => {
  const x = c.input;
  return repeated(c, x, c.config.axis("axis", x.type.shape.length), c.config.size("repeats"));
};
const flip: Lower = (c) => {
  const x = c.input;
  const rank = x.type.shape.length;
  return c.config.axes("axis", rank, range(rank)).reduce((node, axis) => reversed(c, node, axis), x);
};
const take: Lower = (c) => {
  const x = c.input;
  const indices = c.argument(1, "indices");
  const axis = c.config.axis("axis", x.type.shape.length);
  if (typeof indices === "number") return picked(c, x, axis, indices);
  const node = operand(c, 1, "indices", undefined);
  if (isReal(node.type.dtype) || node.type.shape.length !== 1)
    throw new NotCovered("take with indices of this kind");
  return c.taken(x, node, axis);
};

/** One element of an axis, which disappears; negative numbers count from the end. */
function picked(c: Layer, x: Node, axis: number, index: number): Node {
  const size = at(x.type.shape, axis);
  const start = index < 0 ? addDims(size, index) : index;
  return c.without(c.slice(x, axis, start, addDims(start, 1)), axis);
}

/** x[key]: integers, slices, an ellipsis and new axes. */
const getItem: Lower = (c) => {
  const key = c.argument(1, "key");
  const raw = key === undefined ? [null] : isList(key) ? key : [key];
  const used = raw.filter((item) => item !== null && !isEllipsis(item)).length;
  let x = c.input;
  const missing = x.type.shape.length - used;
  if (missing < 0)
    throw new Malformed(c.name, `${used} indices of ${x.type.shape.length} axes`, "one for each axis");
  let axis = 0;
  for (const item of raw) {
    if (item === null) x = c.withAxis(x, axis++);
    else if (isEllipsis(item)) axis += missing;
    else if (typeof item === "number") x = picked(c, x, axis, item);
    else if (typeof item === "object" && !isNode(item) && "start" in item) x = cut(c, x, axis++, item);
    else throw new NotCovered("an index that is computed");
  }
  return x;
};
const isEllipsis = (item: Value): boolean =>
  typeof item === "object" && item !== null && "kind" in item && item.kind === "ellipsis";

function cut(c: Layer, x: Node, axis: number, { start, stop, step }: Cut): Node {
  const size = at(x.type.shape, axis);
  const integer = (value: Value, usual: number): number => {
    if (value === null) return usual;
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    throw new NotCovered("a slice whose end is computed");
  };
  const stride = integer(step, 1);
  if (stride === -1 && start === null && stop === null) return reversed(c, x, axis);
  if (stride < 1) throw new NotCovered("a slice that runs backwards");
  const end = (value: number): Dim => {
    if (typeof size !== "number") return value < 0 ? addDims(size, value) : value;
    return Math.min(Math.max(value < 0 ? size + value : value, 0), size);
  };
  const from = end(integer(start, 0));
  const to = stop === null ? size : end(integer(stop, 0));
  if (typeof size !== "number" && typeof stop === "number" && stop > 0)
    throw new NotCovered("a slice that may reach beyond an axis of symbolic size");
  const length = subtractDims(to, from);
  const bounded = typeof length === "number" && length < 0 ? from : to;
  return c.apply("Slice", [x], { axis, start: from, stop: bounded, step: stride });
}

const oneHot: Lower = (c) => {
  const x = c.input;
  if (isReal(x.type.dtype)) throw new NotCovered("one_hot of numbers that are no integers");
  if (c.config.int("axis", -1) !== -1) throw new NotCovered("one_hot along another axis");
  const classes = c.apply("Iota", [], { size: c.config.size("num_classes"), dtype: x.type.dtype });
  return c.cast(c.equal(c.withAxis(x, x.type.shape.length), classes), "float32");
};

/** Ones on and below a diagonal, as a factor; the rest is 0. */
const triangle =
  (isLower: boolean): Lower =>
  (c) => {
    const x = c.input;
    const [rows = 1, columns = 1] = x.type.shape.slice(-2);
    const k = c.constant(c.config.int("k", 0), "int64");
    const row = c.add(c.withAxis(c.apply("Iota", [], { size: rows, dtype: "int64" }), 1), k);
    const column = c.apply("Iota", [], { size: columns, dtype: "int64" });
    const isKept = c.not(isLower ? c.less(row, column) : c.less(column, row));
    return c.where(isKept, x, c.integer(0, x));
  };

/** Patches that lie side by side, each with its numbers on the last axis: rows, columns, channels. */
const extractPatches: Lower = (c) => {
  const [height, width] = c.config.perAxis("size", 2);
  const strides = c.config.perAxis("strides", 2);
  const [batch, rows, columns, channels] = c.input.type.shape;
  const isPlain =
    c.config.text("padding", "valid") === "valid" &&
    c.config.perAxis("dilation_rate", 2, 1).every((rate) => rate === 1) &&
    c.config.text("data_format", "channels_last") === "channels_last" &&
    strides[0] === height &&
    strides[1] === width;
  if (!isPlain || batch === undefined || channels === undefined)
    throw new NotCovered("patches that overlap, are padded, or have their channels first");
  if (typeof rows !== "number" || typeof columns !== "number" || height === undefined || width === undefined)
    throw new NotCovered("patches of images of open sizes");
  const [down, across] = [Math.floor(rows / height), Math.floor(columns / width)];
  const cut = c.slice(c.slice(c.input, 1, 0, down * height), 2, 0, across * width);
  const grid = c.transpose(
    c.reshape(cut, [batch, down, height, across, width, channels]),
    [0, 1, 3, 2, 4, 5],
  );
  return c.reshape(grid, [batch, down, across, multiplyDims(height * width, channels)]);
};

export const structureOperations: Rows = {
  ExtractPatches: extractPatches,
  Transpose: transpose,
  Swapaxes: swapaxes,
  Moveaxis: moveaxis,
  Reshape: reshape,
  Ravel: flat,
  ExpandDims: expandDims,
  Squeeze: squeeze,
  Concatenate: concatenate,
  Stack: stack,
  Split: split,
  BroadcastTo: broadcastTo,
  Repeat: repeat,
  Flip: flip,
  Take: take,
  GetItem: getItem,
  OneHot: oneHot,
  Tril: triangle(true),
  Triu: triangle(false),
};
