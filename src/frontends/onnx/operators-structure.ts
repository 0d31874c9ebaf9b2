/** @file ONNX operators that move numbers: shapes, axes, slices, joins, repetition. */
import { at, range, zip } from "../../base/assert.ts";
import {
  addDims,
  type Dim,
  elementCount,
  equalDims,
  exactQuotient,
  multiplyDims,
  type Shape,
  shapeText,
} from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { reversed } from "../common/padding.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { Contradiction, NotCovered } from "./contradiction.ts";

const rankOf = (x: Node): number => x.type.shape.length;
const list = (c: Call, dims: readonly Dim[]): Node =>
  dims.length === 0
    ? c.stretch(c.constant(0, "int64"), [0])
    : c.concat(
        dims.map((dim) => c.reshape(c.size(dim, "int64"), [1])),
        0,
      );

const shape: Lower = (c) => {
  const dims = c.input(0).type.shape;
  const clipped = (name: string, byDefault: number): number => {
    const given = c.int(name, byDefault);
    return Math.min(Math.max(given < 0 ? given + dims.length : given, 0), dims.length);
  };
  return list(c, dims.slice(clipped("start", 0), clipped("end", dims.length)));
};

/** 0 keeps the size of the operand there, and −1 is what is left. */
const reshape: Lower = (c) => {
  const x = c.input(0);
  const wanted = c.has("shape") ? (c.ints("shape") ?? []) : c.dims(c.input(1), "the shape");
  const kept = wanted.map((dim, axis) =>
    dim === 0 && !c.flag("allowzero") ? (x.type.shape[axis] ?? 0) : dim,
  );
  return c.reshape(x, inferred(x.type.shape, kept));
};
function inferred(from: Shape, to: readonly Dim[]): Shape {
  if (!to.includes(-1)) return to;
  const others = to.filter((dim) => dim !== -1);
  const left = quotientOf(from, others);
  if (left === undefined)
    throw new NotCovered(
      `a size that is left over of ${shapeText(from)} beside ${shapeText(others)} divides in no known way`,
    );
  return to.map((dim) => (dim === -1 ? left : dim));
}
/** The product of some sizes over that of others, with the sizes that both have left out. */
function quotientOf(from: readonly Dim[], others: readonly Dim[]): Dim | undefined {
  const [above, below] = [[...from], [...others]];
  for (const dim of others) {
    const found = above.findIndex((own) => equalDims(own, dim));
    if (found < 0) continue;
    above.splice(found, 1);
    below.splice(below.indexOf(dim), 1);
  }
  const divisor = elementCount(below);
  return divisor === 0 ? 0 : exactQuotient(elementCount(above), divisor);
}

const flatten: Lower = (c) => {
  const x = c.input(0);
  const given = c.int("axis", 1);
  const axis = given < 0 ? given + rankOf(x) : given;
  const dims = x.type.shape;
  return c.reshape(x, [elementCount(dims.slice(0, axis)), elementCount(dims.slice(axis))]);
};

const squeeze: Lower = (c) => {
  const x = c.input(0);
  const given = c.axesOf("axes", 1);
  const dims = x.type.shape;
  const axes =
    given === undefined ? range(dims.length).filter((axis) => dims[axis] === 1) : c.axes(given, dims.length);
  if (axes.some((axis) => dims[axis] !== 1))
    throw new Contradiction(`axes ${axes.join(", ")}`, "axes of size 1");
  return c.reshape(
    x,
    dims.filter((_, axis) => !axes.includes(axis)),
  );
};
const unsqueeze: Lower = (c) => {
  const x = c.input(0);
  const given = c.axesOf("axes", 1) ?? [];
  const axes = c.axes(given, rankOf(x) + given.length);
  const dims = x.type.shape.values();
  return c.reshape(
    x,
    range(rankOf(x) + axes.length).map((axis): Dim => (axes.includes(axis) ? 1 : (dims.next().value ?? 1))),
  );
};

const transpose: Lower = (c) => {
  const x = c.input(0);
  return c.transpose(x, c.ints("perm") ?? range(rankOf(x)).toReversed());
};

const concat: Lower = (c) => {
  const parts = c.tensors();
  return c.concat(parts, c.axis("axis", rankOf(at(parts, 0))));
};

/** In parts of given sizes, or of equal ones, of which the last may be smaller. */
function parts(c: Call, x: Node, axis: number): number[] | readonly Dim[] {
  const given = c.optional(1);
  if (given !== undefined) return c.dims(given, "the sizes of the parts");
  if (c.has("split")) return c.ints("split") ?? [];
  const size = at(x.type.shape, axis);
  const count = c.int("num_outputs", c.outputs.length);
  if (typeof size !== "number") {
    const each = exactQuotient(size, count);
    if (each === undefined) throw new NotCovered("parts of a size that is not fixed");
    return range(count).map(() => each);
  }
  const each = Math.ceil(size / count);
  return range(count).map((i) => Math.max(Math.min(each, size - i * each), 0));
}
const split: Lower = (c) => {
  const x = c.input(0);
  const axis = c.axis("axis", rankOf(x), 0);
  let start: Dim = 0;
  return parts(c, x, axis).map((size) => {
    const from = start;
    start = addDims(start, size);
    return c.slice(x, axis, from, start);
  });
};

/** Starts and stops count from the end where they are negative, and end where the axis ends. */
const slice: Lower = (c) => {
  const x = c.input(0);
  const operand = (name: string, index: number): readonly Dim[] | undefined => {
    const node = c.optional(index);
    return node === undefined ? c.ints(name) : c.dims(node, `the ${name} of a slice`);
  };
  const [starts, ends] = [operand("starts", 1) ?? [], operand("ends", 2) ?? []];
  const axes = operand("axes", 3)?.map((axis) => c.wrapped(c.concrete(axis, "an axis"), rankOf(x)));
  const steps = operand("steps", 4)?.map((step) => c.concrete(step, "a step"));
  return zip(starts, ends).reduce(
    (node, [start, end], i) => sliced(c, node, axes?.[i] ?? i, start, end, steps?.[i] ?? 1),
    x,
  );
};
function sliced(c: Call, x: Node, axis: number, start: Dim, end: Dim, step: number): Node {
  const size = at(x.type.shape, axis);
  if (step === 0) throw new Contradiction("a step of 0", "another one");
  if (step < 0) {
    const [length, from, to] = [size, start, end].map((dim) =>
      c.concrete(dim, "a slice that runs backwards"),
    ) as [number, number, number];
    const bound = (place: number): number =>
      Math.min(Math.max(place < 0 ? place + length : place, -1), length - 1);
    // An end before the first element is written as a number below −size.
    const last = to < -length ? -1 : bound(to);
    return sliced(c, reversed(c, x, axis), axis, length - 1 - bound(from), length - 1 - last, -step);
  }
  const place = (dim: Dim): Dim => {
    if (typeof dim === "number" && dim < 0)
      return typeof size === "number" ? Math.max(dim + size, 0) : addDims(size, dim);
    if (typeof dim === "number" && typeof size === "number") return Math.min(dim, size);
    // Exporters write an open end as the largest integer.
    return typeof dim === "number" && dim >= 2 ** 31 - 1 ? size : dim;
  };
  const [first, last] = [place(start), place(end)];
  if (first === 0 && equalDims(last, size) && step === 1) return x;
  const stop = typeof first === "number" && typeof last === "number" ? Math.max(first, last) : last;
  return c.apply("Slice", [x], { axis, start: first, stop, step });
}

const expand: Lower = (c) => {
  const x = c.input(0);
  const wanted = c.dims(c.input(1), "the shape");
  const rank = Math.max(wanted.length, rankOf(x));
  const aligned = (dims: readonly Dim[], axis: number): Dim => dims[axis - rank + dims.length] ?? 1;
  const dims = range(rank).map((axis) => {
    const [own, other] = [aligned(x.type.shape, axis), aligned(wanted, axis)];
    return other === 1 ? own : other;
  });
  return c.stretch(x, dims);
};

const tile: Lower = (c) => {
  const x = c.input(0);
  const repeats = c.dims(c.input(1), "the number of repetitions");
  return repeats.reduce<Node>((node, count, axis) => {
    if (count === 1) return node;
    const dims = node.type.shape;
    const inserted = c.reshape(node, dims.toSpliced(axis, 0, 1));
    const wide = c.stretch(inserted, dims.toSpliced(axis, 0, count));
    return c.reshape(wide, dims.with(axis, multiplyDims(at(dims, axis), count)));
  }, x);
};

const constantOfShape: Lower = (c) => {
  const dims = c.dims(c.input(0), "the shape");
  const value = c.has("value") ? c.tensor("value") : c.constant(0, "float32");
  return c.stretch(c.reshape(value, []), dims);
};

const constant: Lower = (c) => {
  if (c.has("value")) return c.tensor("value");
  if (c.has("value_int")) return c.constant(c.int("value_int"), "int64");
  if (c.has("value_float")) return c.constant(c.float("value_float"), "float32");
  const ints = c.ints("value_ints");
  if (ints !== undefined) return c.list(ints, [ints.length], "int64");
  const floats = c.floats("value_floats");
  if (floats === undefined) throw new NotCovered("a constant of another kind");
  const numbers = floats.map((value) => c.reshape(c.constant(value, "float32"), [1]));
  return numbers.length === 0 ? c.stretch(c.constant(0, "float32"), [0]) : c.concat(numbers, 0);
};

/** start, start + step, … below the limit. */
const rangeOf: Lower = (c) => {
  const [start, limit, step] = [c.input(0), c.input(1), c.input(2)];
  const { dtype } = start.type;
  const whole = isReal(dtype) ? "int64" : dtype;
  const count = steps(c, start, limit, step);
  const places = c.cast(c.apply("Iota", [], { size: count, dtype: whole }), dtype);
  const isNumber = (node: Node, value: number): boolean =>
    node.op === "Constant" &&
    node.attrs.value.numerator === BigInt(value) &&
    node.attrs.value.denominator === 1n;
  const scaled = isNumber(step, 1) ? places : c.mul(places, step);
  return isNumber(start, 0) ? scaled : c.add(start, scaled);
};
function steps(c: Call, start: Node, limit: Node, step: Node): Dim {
  const what = "the length of a range";
  if (isReal(start.type.dtype)) {
    const [from = 0, to = 0, by = 1] = [start, limit, step].flatMap((node) => [...c.numbers(node, what)]);
    return Math.max(Math.ceil((to - from) / by), 0);
  }
  const [from = 0, to = 0, by = 1] = [start, limit, step].flatMap((node) => [...c.dims(node, what)]);
  if (typeof from === "number" && typeof to === "number" && typeof by === "number")
    return Math.max(Math.ceil((to - from) / by), 0);
  const length = exactQuotient(addDims(to, multiplyDims(-1, from)), c.concrete(by, "a step"));
  if (length === undefined) throw new NotCovered("a range that depends on a size in no linear way");
  return length;
}

const eyeLike: Lower = (c) => {
  const x = c.input(0);
  const [rows, columns] = [at(x.type.shape, 0), at(x.type.shape, 1)];
  const numbers = (size: Dim): Node => c.apply("Iota", [], { size, dtype: "int64" });
  const shifted = c.add(c.reshape(numbers(rows), [rows, 1]), c.constant(c.int("k", 0), "int64"));
  return c.cast(c.equal(shifted, numbers(columns)), c.dtype("dtype", x.type.dtype));
};

/** The lower or upper triangle, zero elsewhere. */
const triangle: Lower = (c) => {
  const x = c.input(0);
  const [rows, columns] = [at(x.type.shape, rankOf(x) - 2), at(x.type.shape, rankOf(x) - 1)];
  const shift = c.optional(1);
  const k = shift === undefined ? c.constant(0, "int64") : c.reshape(shift, []);
  const numbers = (size: Dim): Node => c.apply("Iota", [], { size, dtype: "int64" });
  const diagonal = c.add(c.reshape(numbers(rows), [rows, 1]), k);
  const kept = c.flag("upper", true)
    ? c.not(c.less(numbers(columns), diagonal))
    : c.not(c.less(diagonal, numbers(columns)));
  return c.where(kept, x, c.constant(0, x.type.dtype));
};

/** x at places along an axis; the axes of the places stand where the axis stood. */
export function taken(c: Call, x: Node, axis: number, places: Node): Node {
  const rank = rankOf(x);
  const others = range(rank).filter((other) => other !== axis);
  const front = c.transpose(x, [axis, ...others]);
  const rows = c.apply("Take", [front, places], {});
  const inserted = range(rankOf(places));
  const rest = range(rank - 1).map((i) => i + inserted.length);
  return c.transpose(rows, [...rest.slice(0, axis), ...inserted, ...rest.slice(axis)]);
}

export const structure: Rows = {
  Shape: shape,
  Size: (c) => c.size(elementCount(c.input(0).type.shape), "int64"),
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Expand: expand,
  Tile: tile,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: rangeOf,
  EyeLike: eyeLike,
  Trilu: triangle,
};
