/** @file ATen operators that move numbers: shapes, slices, joins, look-ups, dtypes. */
import { at, range, zip } from "../../base/assert.ts";
import {
  addDims,
  type Dim,
  divideUp,
  elementCount,
  equalDims,
  equalShapes,
  multiplyDims,
  subtractDims,
} from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";

/** The file declares every result's shape, so a change of shape alone needs no argument. */
const reshaped: Lower = (c) => {
  const x = c.tensor("self");
  return equalShapes(x.type.shape, c.result.shape) ? x : c.reshape(x, c.result.shape);
};

/** Summed over the axes that broadcasting would have made. */
const summedTo: Lower = (c) => {
  const x = c.tensor("self");
  const lead = x.type.shape.length - c.result.shape.length;
  const axes = range(x.type.shape.length).filter(
    (axis) => axis < lead || (at(c.result.shape, axis - lead) === 1 && at(x.type.shape, axis) !== 1),
  );
  return axes.length === 0 ? x : c.reshape(c.apply("Sum", [x], { axes }), c.result.shape);
};

const identity: Lower = (c) => c.tensor("self");

const stretched: Lower = (c) => c.stretch(c.tensor("self"), c.result.shape);

/** `view` to another dtype reinterprets bits, and is another overload. */
function cast(c: Call, x: Node): Node {
  const { dtype } = c.result;
  if (x.type.dtype === dtype) return x;
  if (dtype === "bool") {
    const zero = c.constant(0, x.type.dtype);
    return c.apply("Not", [c.apply("Equal", [x, zero], {})], {});
  }
  return c.apply("Cast", [x], { dtype });
}
const converted: Lower = (c) => cast(c, c.tensor("self"));

function transposed(c: Call, x: Node, permutation: readonly number[]): Node {
  return permutation.every((axis, i) => axis === i) ? x : c.apply("Transpose", [x], { permutation });
}
function swapped(c: Call, x: Node, first: number, second: number): Node {
  const order = range(x.type.shape.length).map((axis) =>
    axis === first ? second : axis === second ? first : axis,
  );
  return transposed(c, x, order);
}
const transpose: Lower = (c) => {
  const x = c.tensor("self");
  const rank = x.type.shape.length;
  return swapped(c, x, c.axis("dim0", rank), c.axis("dim1", rank));
};
const reversed: Lower = (c) => {
  const x = c.tensor("self");
  return transposed(c, x, range(x.type.shape.length).toReversed());
};
const permute: Lower = (c) => {
  const x = c.tensor("self");
  return transposed(c, x, c.axisList("dims", x.type.shape.length));
};

/** x[..., start:stop:step, ...] along one axis; the whole axis is x itself. */
function slice(c: Call, x: Node, axis: number, start: Dim, stop: Dim, step = 1): Node {
  const size = at(x.type.shape, axis);
  if (start === 0 && step === 1 && equalDims(stop, size)) return x;
  return c.apply("Slice", [x], { axis, start, stop, step });
}

/** One end of a slice, where negative numbers count from the end; `size` for what lies beyond it. */
export function sliceEnd(end: Dim, size: Dim): Dim {
  if (typeof end !== "number") return end;
  if (end >= Number.MAX_SAFE_INTEGER) return size;
  const counted = end < 0 ? addDims(size, end) : end;
  return typeof counted === "number" && typeof size === "number"
    ? Math.min(Math.max(counted, 0), size)
    : counted;
}
const sliced: Lower = (c) => {
  const x = c.tensor("self");
  const axis = c.axis("dim", x.type.shape.length, 0);
  const size = at(x.type.shape, axis);
  const start = c.has("start") ? sliceEnd(c.dim("start"), size) : 0;
  const stop = c.has("end") ? sliceEnd(c.dim("end"), size) : size;
  const ordered = typeof start === "number" && typeof stop === "number" && stop < start ? start : stop;
  const step = c.int("step", 1);
  // Where a symbolic end was cut off at the size, or the size at it, the file declares another length.
  const length = divideUp(subtractDims(ordered, start), step);
  if (length === undefined || !equalDims(length, at(c.result.shape, axis)))
    throw new NotCovered("a slice whose end may lie beyond the axis");
  return slice(c, x, axis, start, ordered, step);
};
const narrow: Lower = (c) => {
  const x = c.tensor("self");
  const axis = c.axis("dim", x.type.shape.length);
  const start = sliceEnd(c.dim("start"), at(x.type.shape, axis));
  return slice(c, x, axis, start, addDims(start, c.dim("length")));
};
const selected: Lower = (c) => {
  const x = c.tensor("self");
  const axis = c.axis("dim", x.type.shape.length);
  const start = sliceEnd(c.dim("index"), at(x.type.shape, axis));
  return c.reshape(slice(c, x, axis, start, addDims(start, 1)), c.result.shape);
};

/** Pieces along an axis, as long as the file declares them. */
const pieces: Lower = (c) => {
  const x = c.tensor("self");
  const axis = c.axis("dim", x.type.shape.length, 0);
  let start: Dim = 0;
  return c.declared.map((type) => {
    const stop = addDims(start, at(type.shape, axis));
    const piece = slice(c, x, axis, start, stop);
    start = stop;
    return piece;
  });
};
const unbound: Lower = (c) => {
  const x = c.tensor("self");
  const axis = c.axis("dim", x.type.shape.length, 0);
  return c.declared.map((type, index) =>
    c.reshape(c.apply("Slice", [x], { axis, start: index, stop: index + 1, step: 1 }), type.shape),
  );
};

const joined: Lower = (c) => {
  const parts = c.tensors("tensors");
  const axis = c.axis("dim", c.result.shape.length, 0);
  // Legacy: torch.cat skips tensors of shape [0].
  const kept = parts.filter(({ type }) => !(type.shape.length === 1 && type.shape[0] === 0));
  return c.apply("Concat", kept.length === 0 ? parts : kept, { axis });
};
const stacked: Lower = (c) => {
  const axis = c.axis("dim", c.result.shape.length, 0);
  const shape = c.result.shape.map((size, i) => (i === axis ? 1 : size));
  return c.apply(
    "Concat",
    c.tensors("tensors").map((part) => c.reshape(part, shape)),
    { axis },
  );
};

/** x laid out r times along each axis: [a] → [1, a] → [r, a] → [r a]. */
const repeated: Lower = (c) => {
  const x = c.tensor("self");
  const repeats = c.dims("repeats");
  const shape = [...new Array<Dim>(repeats.length - x.type.shape.length).fill(1), ...x.type.shape];
  const pairs = zip(repeats, shape);
  const spread = c.reshape(
    x,
    pairs.flatMap(([, size]): Dim[] => [1, size]),
  );
  const laid = c.apply("Broadcast", [spread], { shape: pairs.flatMap((pair) => [...pair]) });
  return c.reshape(laid, c.result.shape);
};

/** Each element along an axis r times in a row: [.., n, ..] → [.., n, 1, ..] → [.., n, r, ..] → [.., n r, ..]. */
export function repeatedEach(c: Call, x: Node, axis: number, repeats: number): Node {
  const [before, after] = [x.type.shape.slice(0, axis + 1), x.type.shape.slice(axis + 1)];
  const laid = c.stretch(c.reshape(x, [...before, 1, ...after]), [...before, repeats, ...after]);
  const size = multiplyDims(at(x.type.shape, axis), repeats);
  return c.reshape(laid, [...x.type.shape.slice(0, axis), size, ...after]);
}
const repeatedInARow: Lower = (c) => {
  const x = c.tensor("self");
  return c.has("dim")
    ? repeatedEach(c, x, c.axis("dim", x.type.shape.length), c.int("repeats"))
    : repeatedEach(c, c.reshape(x, [elementCount(x.type.shape)]), 0, c.int("repeats"));
};

/** x yᵀ of vectors. */
const outer: Lower = (c) => {
  const [x, y] = [c.tensor("self"), c.tensor("vec2")];
  return c.mul(c.reshape(x, [...x.type.shape, 1]), y);
};

const take = (c: Call, table: Node, indices: Node): Node => c.apply("Take", [table, indices], {});
const embedding: Lower = (c) => {
  if (c.int("padding_idx", -1) >= 0)
    c.note("an embedding's padding_idx affects gradients only, and is not shown");
  return take(c, c.tensor("weight"), c.tensor("indices"));
};
const indexSelected: Lower = (c) => {
  const [own, index] = [c.tensor("self"), c.tensor("index")];
  const x = own.type.shape.length === 0 ? c.reshape(own, [1]) : own;
  const axis = c.axis("dim", x.type.shape.length);
  return swapped(c, take(c, swapped(c, x, 0, axis), index), 0, axis);
};
/** Integers have no gradient to stop. */
const detached: Lower = (c) => {
  const x = c.tensor("self");
  return isReal(x.type.dtype) ? c.apply("StopGradient", [x], {}) : x;
};

const each = (lower: Lower, ...names: readonly string[]): Rows =>
  Object.fromEntries(names.map((name) => [`aten.${name}`, lower]));

export const structure: Rows = {
  ...each(reshaped, "view.default", "reshape.default", "_unsafe_view.default", "flatten.using_ints"),
  ...each(reshaped, "unflatten.int", "squeeze.default", "squeeze.dim", "squeeze.dims", "unsqueeze.default"),
  ...each(reshaped, "view_as.default", "reshape_as.default", "ravel.default"),
  ...each(identity, "contiguous.default", "clone.default", "alias.default", "lift_fresh_copy.default"),
  ...each(
    identity,
    "positive.default",
    "conj_physical.default",
    "resolve_conj.default",
    "resolve_neg.default",
    "real.default",
    "conj.default",
  ),
  ...each(
    converted,
    "to.dtype",
    "to.dtype_layout",
    "to.device",
    "to.other",
    "_to_copy.default",
    "type_as.default",
  ),
  ...each(stretched, "expand.default", "expand_as.default", "broadcast_to.default"),
  "aten.sum_to_size.default": summedTo,
  "aten.detach.default": detached,
  // Written only for tensors that the code has just made from numbers, which need no gradient.
  "aten.detach_.default": identity,
  ...each(sliced, "slice.Tensor"),
  ...each(pieces, "split.Tensor", "split.sizes", "split_with_sizes.default", "chunk.default"),
  "aten.embedding.default": embedding,
  "aten.broadcast_tensors.default": (c) =>
    zip(c.tensors("tensors"), c.declared).map(([x, { shape }]) => c.stretch(x, shape)),
  "aten.t.default": reversed,
  "aten.numpy_T.default": reversed,
  ...each(transpose, "transpose.int", "swapdims.default"),
  "aten.swapaxes.default": (c) => {
    const x = c.tensor("self");
    const rank = x.type.shape.length;
    return swapped(c, x, c.axis("axis0", rank), c.axis("axis1", rank));
  },
  "aten.permute.default": permute,
  "aten.narrow.default": narrow,
  "aten.select.int": selected,
  "aten.unbind.int": unbound,
  "aten.cat.default": joined,
  "aten.stack.default": stacked,
  "aten.repeat.default": repeated,
  "aten.repeat_interleave.self_int": repeatedInARow,
  "aten.outer.default": outer,
  "aten.index_select.default": indexSelected,
};
