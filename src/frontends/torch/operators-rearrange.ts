/** @file ATen operators that split, join and turn: rolls, stacks, grids, copies. */
import { at, range, zip } from "../../base/assert.ts";
import { addDims, type Dim, elementCount, type Shape, subtractDims } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { reversed } from "../common/padding.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { vector } from "./operators-index.ts";
import { structure } from "./operators-structure.ts";

const rankOf = (x: Node): number => x.type.shape.length;
const sizeAt = (x: Node, axis: number): Dim => at(x.type.shape, axis);

function known(size: Dim): number {
  if (typeof size !== "number") throw new NotCovered("a symbolic size");
  return size;
}

// Order along axes

/** Elements that leave one end of an axis come in at the other. */
function rolled(c: Call, x: Node, axis: number, shift: number): Node {
  const size = known(sizeAt(x, axis));
  const start = size === 0 ? 0 : (((size - shift) % size) + size) % size;
  return start === 0 ? x : c.concat([c.slice(x, axis, start, size), c.slice(x, axis, 0, start)], axis);
}
const roll: Lower = (c) => {
  const x = c.tensor("self");
  const shifts = c.ints("shifts");
  if (c.has("dims") && c.ints("dims").length > 0) {
    const axes = c.ints("dims").map((axis) => (axis < 0 ? axis + rankOf(x) : axis));
    return zip(shifts, axes).reduce((node, [shift, axis]) => rolled(c, node, axis, shift), x);
  }
  const flat = c.reshape(x, [elementCount(x.type.shape)]);
  return c.reshape(rolled(c, flat, 0, at(shifts, 0)), x.type.shape);
};
const flip =
  (axis: number): Lower =>
  (c) =>
    reversed(c, c.tensor("self"), axis);

/** A quarter turn in the plane of two axes, k times. */
const turned: Lower = (c) => {
  const x = c.tensor("self");
  const [first = 0, second = 1] = c.has("dims") ? c.axisList("dims", rankOf(x)) : [];
  const quarters = ((c.int("k", 1) % 4) + 4) % 4;
  const order = range(rankOf(x)).with(first, second).with(second, first);
  if (quarters === 0) return x;
  if (quarters === 2) return reversed(c, reversed(c, x, first), second);
  return quarters === 1
    ? c.transpose(reversed(c, x, second), order)
    : reversed(c, c.transpose(x, order), second);
};

const moved: Lower = (c) => {
  const x = c.tensor("self");
  const [from, to] = [c.axisList("source", rankOf(x)), c.axisList("destination", rankOf(x))];
  const rest = range(rankOf(x)).filter((axis) => !from.includes(axis));
  const order = range(rankOf(x)).map((axis) => {
    const place = to.indexOf(axis);
    return place >= 0 ? at(from, place) : (rest.shift() ?? 0);
  });
  return c.transpose(x, order);
};
const lastTwo: Lower = (c) => {
  const rank = rankOf(c.tensor("self"));
  return c.transpose(c.tensor("self"), rank < 2 ? range(rank) : [...range(rank - 2), rank - 1, rank - 2]);
};

// Pieces and joins

/** Pieces as long as the file declares them. */
const pieces =
  (axisOf: (x: Node) => number): Lower =>
  (c) => {
    const x = c.tensor("self");
    const axis = axisOf(x);
    let start: Dim = 0;
    return c.declared.map(({ shape }) => {
      const stop = addDims(start, at(shape, axis));
      const piece = c.slice(x, axis, start, stop);
      start = stop;
      return piece;
    });
  };
const piecesAlong: Lower = (c) => pieces((x) => c.axis("dim", rankOf(x), 0))(c);
const first = (x: Node): number => (rankOf(x) === 1 ? 0 : 1);

/** Tensors with at least as many axes as a kind of stack needs, joined along one of them. */
const stack =
  (lift: (shape: Shape) => Shape, axis: (shape: Shape) => number): Lower =>
  (c) => {
    const parts = c.tensors("tensors").map((part) => c.reshape(part, lift(part.type.shape)));
    return c.concat(parts, axis(at(parts, 0).type.shape));
  };
const atLeast =
  (rank: number) =>
  (shape: Shape): Shape => {
    if (shape.length >= rank) return shape;
    if (rank === 1) return [1];
    const row: Shape = shape.length === 0 ? [1, 1] : shape.length === 1 ? [1, ...shape] : shape;
    return rank === 2 ? row : [...row, 1];
  };
const lifted =
  (rank: number): Lower =>
  (c) => {
    const list = c.has("tensors") ? c.tensors("tensors") : [c.tensor("self")];
    return list.map((x) => c.reshape(x, atLeast(rank)(x.type.shape)));
  };
/** Vectors as columns. */
const asColumn = (shape: Shape): Shape =>
  shape.length === 0 ? [1, 1] : shape.length === 1 ? [...shape, 1] : shape;

/** Each tensor spread along an axis of its own; `indexing="xy"` exchanges the first two. */
const grids: Lower = (c) => {
  const parts = c.tensors("tensors").map((part) => vector(c, part));
  const isExchanged = c.text("indexing", "ij") === "xy" && parts.length > 1;
  return zip(parts, c.declared).map(([part, { shape }], i) => {
    const axis = isExchanged && i < 2 ? 1 - i : i;
    const own = range(parts.length).map((j) => (j === axis ? sizeAt(part, 0) : 1));
    return c.stretch(c.reshape(part, own), shape);
  });
};
const combinations: Lower = (c) => {
  const parts = c.tensors("tensors").map((part) => vector(c, part));
  if (parts.length === 1) return at(parts, 0);
  const shape = parts.map((part) => sizeAt(part, 0));
  const columns = parts.map((part, i) => {
    const own = range(parts.length).map((j) => (j === i ? sizeAt(part, 0) : 1));
    return c.reshape(c.stretch(c.reshape(part, own), shape), [elementCount(shape), 1]);
  });
  return c.concat(columns, 1);
};

/** Matrices along the diagonal, zero elsewhere. */
const blocks: Lower = (c) => {
  const width = at(c.result.shape, 1);
  let before: Dim = 0;
  const rows = c.tensors("tensors").map((part) => {
    const matrix = c.reshape(part, atLeast(2)(part.type.shape));
    const own = sizeAt(matrix, 1);
    const start = before;
    before = addDims(before, own);
    const zeros = (size: Dim): Node[] =>
      size === 0 ? [] : [c.stretch(c.constant(0, c.result.dtype), [sizeAt(matrix, 0), size])];
    return c.concat(
      [...zeros(start), c.cast(matrix, c.result.dtype), ...zeros(subtractDims(width, before))],
      1,
    );
  });
  return c.concat(rows, 0);
};

const repeatedTiles: Lower = (c) => {
  const x = c.tensor("self");
  const given = c.dims("dims");
  const rank = Math.max(given.length, rankOf(x));
  const repeats = [...range(rank - given.length).map((): Dim => 1), ...given];
  const shape = [...range(rank - rankOf(x)).map((): Dim => 1), ...x.type.shape];
  const pairs = zip(repeats, shape);
  const laid = c.stretch(
    c.reshape(
      x,
      pairs.flatMap(([, size]): Dim[] => [1, size]),
    ),
    pairs.flatMap((pair) => [...pair]),
  );
  return c.reshape(laid, c.result.shape);
};

const each = (lower: Lower, ...names: readonly string[]): Rows =>
  Object.fromEntries(names.map((name) => [`aten.${name}`, lower]));

/** Operators that give a copy of what another one gives a view of. */
const copies: Rows = Object.fromEntries(
  (
    "alias.default view.default permute.default expand.default transpose.int t.default squeeze.default squeeze.dim " +
    "squeeze.dims unsqueeze.default unbind.int narrow.default select.int slice.Tensor split.Tensor " +
    "split_with_sizes.default detach.default"
  )
    .split(" ")
    .flatMap((name) => {
      const lower = structure[`aten.${name}`];
      return lower === undefined ? [] : [[`aten.${name.replace(".", "_copy.")}`, lower]];
    }),
);

export const rearrangement: Rows = {
  ...copies,
  "aten.roll.default": roll,
  "aten.fliplr.default": flip(1),
  "aten.flipud.default": flip(0),
  "aten.rot90.default": turned,
  ...each(moved, "movedim.int", "movedim.intlist", "moveaxis.int", "moveaxis.intlist"),
  ...each(lastTwo, "mT.default", "mH.default", "matrix_H.default", "adjoint.default"),
  ...each(
    piecesAlong,
    "tensor_split.sections",
    "tensor_split.indices",
    "unsafe_split.Tensor",
    "unsafe_chunk.default",
  ),
  ...each(piecesAlong, "unsafe_split_with_sizes.default"),
  ...each(pieces(first), "hsplit.int", "hsplit.array"),
  ...each(
    pieces(() => 0),
    "vsplit.int",
    "vsplit.array",
  ),
  ...each(
    pieces(() => 2),
    "dsplit.int",
    "dsplit.array",
  ),
  "aten.hstack.default": stack(atLeast(1), (shape) => (shape.length === 1 ? 0 : 1)),
  "aten.vstack.default": stack(atLeast(2), () => 0),
  "aten.dstack.default": stack(atLeast(3), () => 2),
  "aten.column_stack.default": stack(asColumn, () => 1),
  ...each(lifted(1), "atleast_1d.default", "atleast_1d.Sequence"),
  ...each(lifted(2), "atleast_2d.default", "atleast_2d.Sequence"),
  ...each(lifted(3), "atleast_3d.default", "atleast_3d.Sequence"),
  ...each(grids, "meshgrid.default", "meshgrid.indexing"),
  "aten.cartesian_prod.default": combinations,
  "aten.block_diag.default": blocks,
  "aten.tile.default": repeatedTiles,
};
