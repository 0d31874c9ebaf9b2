/** @file Operations that move, cut, join and make tensors. */
import { at, range } from "../../../base/assert.ts";
import { addDims, type Dim, elementCount, equalDims, multiplyDims, subtractDims } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { isReal } from "../../../ir/type.ts";
import { Malformed, NotCovered } from "../../common/keras/problem.ts";
import { completed } from "../../common/keras/reshaping.ts";
import { reversed } from "../../common/padding.ts";
import type { Lower, Operation, Rows } from "./operation.ts";

/** Lists of tensors go through, too. */
const same: Lower = (o) => o.values(0, 1);

const reshape: Lower = (o) => {
  const x = o.tensor(0);
  return o.reshape(x, completed(o.name, elementCount(x.type.shape), o.dims(1)));
};
const expandDims: Lower = (o) => {
  const x = o.tensor(0);
  const axis = o.axis(o.int(1), x.type.shape.length + 1);
  return o.reshape(x, x.type.shape.toSpliced(axis, 0, 1));
};
const squeeze: Lower = (o) => {
  const x = o.tensor(0);
  const { shape } = x.type;
  const given = [...o.integers("squeeze_dims"), ...o.integers("axis")].map((axis) =>
    o.axis(axis, shape.length),
  );
  const axes = given.length > 0 ? given : range(shape.length).filter((axis) => shape[axis] === 1);
  return o.reshape(
    x,
    shape.filter((_, axis) => !axes.includes(axis)),
  );
};

/** The sizes of a tensor as integers of the graph. */
const shapeOf: Lower = (o) => vector(o, o.tensor(0).type.shape);
function vector(o: Operation, dims: readonly Dim[]): Node {
  if (dims.length === 0) throw new NotCovered("the shape of a number");
  return o.concat(
    dims.map((dim) => o.reshape(o.size(dim, "int32"), [1])),
    0,
  );
}

const joined =
  (axisFirst: boolean): Lower =>
  (o) => {
    const last = o.count - 1;
    const parts = axisFirst ? o.tensors(1) : o.tensors(0, last);
    const axis = o.axis(o.int(axisFirst ? 0 : last), at(parts, 0).type.shape.length);
    return o.concat(parts, axis);
  };
const pack: Lower = (o) => {
  const parts = o.tensors();
  const axis = o.axis(o.integer("axis", 0), at(parts, 0).type.shape.length + 1);
  return o.concat(
    parts.map((part) => o.reshape(part, part.type.shape.toSpliced(axis, 0, 1))),
    axis,
  );
};
const unpack: Lower = (o) => {
  const x = o.tensor(0);
  const axis = o.axis(o.integer("axis", 0), x.type.shape.length);
  const count = fixed(at(x.type.shape, axis));
  const shape = x.type.shape.toSpliced(axis, 1);
  return range(count).map((index) => o.reshape(cut(o, x, axis, index, index + 1), shape));
};
function fixed(size: Dim): number {
  if (typeof size === "number" && size <= 4096) return size;
  throw new NotCovered("a number of parts that is a symbol or large");
}
const cut = (o: Operation, x: Node, axis: number, start: Dim, stop: Dim): Node =>
  start === 0 && equalDims(stop, at(x.type.shape, axis)) ? x : o.slice(x, axis, start, stop);

function parts(o: Operation, x: Node, axis: number, sizes: readonly Dim[]): Node[] {
  let start: Dim = 0;
  return sizes.map((size) => {
    const stop = addDims(start, size);
    const part = cut(o, x, axis, start, stop);
    start = stop;
    return part;
  });
}
const split: Lower = (o) => {
  const x = o.tensor(1);
  const axis = o.axis(o.int(0), x.type.shape.length);
  const [size, count] = [fixed(at(x.type.shape, axis)), o.integer("num_split", 1)];
  if (!(count >= 1) || size % count !== 0)
    throw new Malformed(o.name, `${count} parts of ${size}`, "equal parts");
  return parts(
    o,
    x,
    axis,
    range(count).map(() => size / count),
  );
};
const splitV: Lower = (o) => {
  const x = o.tensor(0);
  const axis = o.axis(o.int(2), x.type.shape.length);
  return parts(o, x, axis, completedParts(o, at(x.type.shape, axis), o.dims(1)));
};
function completedParts(o: Operation, size: Dim, sizes: readonly Dim[]): Dim[] {
  const known = sizes.filter((part) => part !== -1).reduce(addDims, 0);
  if (sizes.length - sizes.filter((part) => part !== -1).length > 1)
    throw new Malformed(o.name, "two open sizes", "one");
  return sizes.map((part) => (part === -1 ? subtractDims(size, known) : part));
}

const slice: Lower = (o) => {
  const x = o.tensor(0);
  const [begin, size] = [o.dims(1), o.dims(2)];
  return x.type.shape.reduce<Node>((node, whole, axis) => {
    const [start, length] = [at(begin, axis), at(size, axis)];
    return cut(o, node, axis, start, length === -1 ? whole : addDims(start, length));
  }, x);
};

/** x[begin:end:strides] with masks for what is left out, axes that disappear, and new ones. */
const stridedSlice: Lower = (o) => {
  const [begin, end, strides] = [o.dims(1), o.dims(2), o.ints(3)];
  const has = (name: string, index: number): boolean => ((o.integer(name, 0) >> index) & 1) === 1;
  if (begin.length > 31) throw new NotCovered("a slice of many axes");
  const given = o.tensor(0);
  const isNew = (index: number): boolean => has("new_axis_mask", index);
  const isEllipsis = (index: number): boolean => has("ellipsis_mask", index);
  const named = range(begin.length).filter((index) => !isNew(index) && !isEllipsis(index)).length;
  let [x, axis] = [given, 0];
  for (const index of range(begin.length)) {
    if (isEllipsis(index)) axis += given.type.shape.length - named;
    else if (isNew(index)) x = o.reshape(x, x.type.shape.toSpliced(axis++, 0, 1));
    else {
      const size = at(x.type.shape, axis);
      const place = (dim: Dim): Dim => (typeof dim === "number" && dim < 0 ? addDims(size, dim) : dim);
      const step = at(strides, index);
      if (has("shrink_axis_mask", index)) {
        const start = place(at(begin, index));
        x = o.reshape(cut(o, x, axis, start, addDims(start, 1)), x.type.shape.toSpliced(axis, 1));
        continue;
      }
      if (step < 1) throw new NotCovered("a slice that runs backwards");
      const start = has("begin_mask", index) ? 0 : bounded(place(at(begin, index)), size);
      const stop = has("end_mask", index) ? size : bounded(place(at(end, index)), size);
      if (step > 1) x = o.apply("Slice", [x], { axis, start, stop, step });
      else x = cut(o, x, axis, start, stop);
      axis++;
    }
  }
  return x;
};
function bounded(place: Dim, size: Dim): Dim {
  if (typeof place === "number" && typeof size === "number") return Math.min(Math.max(place, 0), size);
  if (equalDims(place, size) || place === 0) return place;
  throw new NotCovered("a slice that may reach beyond an axis of symbolic size");
}

const gather: Lower = (o) => {
  const [table, indices] = [o.tensor(0), o.tensor(1)];
  if (isReal(indices.type.dtype)) throw new NotCovered("indices that are no integers");
  if (o.integer("batch_dims", 0) !== 0) throw new NotCovered("gathering in batches");
  const axis = o.count > 2 ? o.axis(o.int(2), table.type.shape.length) : 0;
  const rank = table.type.shape.length;
  const front = o.transpose(table, [axis, ...range(rank).filter((i) => i !== axis)]);
  const taken = o.apply("Take", [front, indices], {});
  if (axis === 0) return taken;
  // [indices…, before…, after…] with the indices' axes moved behind those before.
  const count = indices.type.shape.length;
  const before = range(axis).map((i) => i + count);
  return o.transpose(taken, [
    ...before,
    ...range(count),
    ...range(rank - 1 - axis).map((i) => i + count + axis),
  ]);
};

const tile: Lower = (o) =>
  o.ints(1).reduce<Node>((x, times, axis) => {
    if (times === 1) return x;
    const { shape } = x.type;
    const wide = o.stretch(o.reshape(x, shape.toSpliced(axis, 0, 1)), shape.toSpliced(axis, 0, times));
    return o.reshape(wide, shape.with(axis, multiplyDims(at(shape, axis), times)));
  }, o.tensor(0));

const pad: Lower = (o) => {
  const x = o.tensor(0);
  const widths = o.ints(1);
  const fill = o.count > 2 ? o.tensor(2) : o.like(0, x);
  return x.type.shape.reduce<Node>((node, _, axis) => {
    const [before, after] = [at(widths, 2 * axis), at(widths, 2 * axis + 1)];
    return before + after === 0 ? node : o.apply("Pad", [node, fill], { axis, before, after, interior: 0 });
  }, x);
};

const counted: Lower = (o) => {
  const [start, limit, step] = [at(o.dims(0), 0), at(o.dims(1), 0), o.int(2)];
  if (step !== 1) throw new NotCovered("a range with another step");
  const numbers = o.apply("Iota", [], { size: subtractDims(limit, start), dtype: "int32" });
  return start === 0 ? numbers : o.add(numbers, o.size(start, "int32"));
};

const oneHot: Lower = (o) => {
  const x = o.tensor(0);
  if (o.integer("axis", -1) !== -1) throw new NotCovered("one_hot along another axis");
  const classes = o.apply("Iota", [], { size: at(o.dims(1), 0), dtype: x.type.dtype });
  const isHot = o.equal(o.reshape(x, [...x.type.shape, 1]), classes);
  return o.where(isHot, o.tensor(2), o.tensor(3));
};

export const structure: Rows = {
  Identity: same,
  IdentityN: (o) => o.values(),
  Snapshot: same,
  PreventGradient: same,
  CheckNumerics: same,
  StopGradient: (o) => o.apply("StopGradient", [o.tensor(0)], {}),
  Reshape: reshape,
  ExpandDims: expandDims,
  Squeeze: squeeze,
  Shape: shapeOf,
  Rank: (o) => o.constant(o.tensor(0).type.shape.length, "int32"),
  Size: (o) => o.size(elementCount(o.tensor(0).type.shape), "int32"),
  Transpose: (o) => o.transpose(o.tensor(0), o.ints(1)),
  ConcatV2: joined(false),
  Concat: joined(true),
  Pack: pack,
  Unpack: unpack,
  Split: split,
  SplitV: splitV,
  Slice: slice,
  StridedSlice: stridedSlice,
  GatherV2: gather,
  Gather: gather,
  ReverseV2: (o) =>
    o.axes(1, o.tensor(0).type.shape.length).reduce((x, axis) => reversed(o, x, axis), o.tensor(0)),
  Tile: tile,
  Pad: pad,
  PadV2: pad,
  Fill: (o) => o.stretch(o.tensor(1), o.dims(0)),
  BroadcastTo: (o) => o.stretch(o.tensor(0), o.dims(1)),
  ZerosLike: (o) => o.stretch(o.like(0, o.tensor(0)), o.tensor(0).type.shape),
  OnesLike: (o) => o.stretch(o.like(1, o.tensor(0)), o.tensor(0).type.shape),
  Range: counted,
  OneHot: oneHot,
};
