/** @file Diagonals, and tensors of which a part is replaced. */
import { at, range } from "../../base/assert.ts";
import { addDims, type Dim, equalShapes } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { numbersAlong, spread } from "../common/order.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { vector } from "./operators-index.ts";
import { sliceEnd } from "./operators-structure.ts";

const rankOf = (x: Node): number => x.type.shape.length;
const sizeAt = (x: Node, axis: number): Dim => at(x.type.shape, axis);

function known(size: Dim): number {
  if (typeof size !== "number") throw new NotCovered("a symbolic size");
  return size;
}

// Diagonals

interface Diagonal {
  readonly first: number;
  readonly second: number;
  readonly offset: number;
}
const diagonalOf = (c: Call, rank: number, usual: readonly [number, number]): Diagonal => ({
  first: c.axis("dim1", rank, usual[0]),
  second: c.axis("dim2", rank, usual[1]),
  offset: c.int(c.has("diagonal") ? "diagonal" : "offset", 0),
});
/** Whether column − row is the offset, over the last two axes. */
function onDiagonal(c: Call, rows: Dim, columns: Dim, offset: number): Node {
  const row = numbersAlong(c, rows, 0, 2);
  return c.equal(
    offset === 0 ? row : c.add(row, c.constant(offset, "int64")),
    numbersAlong(c, columns, 1, 2),
  );
}

/** The elements of a diagonal, along a new last axis. */
function diagonal(c: Call, x: Node, { first, second, offset }: Diagonal, count: Dim): Node {
  const others = range(rankOf(x)).filter((axis) => axis !== first && axis !== second);
  const matrices = c.transpose(x, [...others, first, second]);
  const [row, column] = [Math.max(-offset, 0), Math.max(offset, 0)];
  const rank = rankOf(matrices);
  const cut = c.slice(
    c.slice(matrices, rank - 2, row, addDims(row, count)),
    rank - 1,
    column,
    addDims(column, count),
  );
  if (count === 0) return c.apply("Sum", [cut], { axes: [rank - 2] });
  const kept = c.where(onDiagonal(c, count, count, 0), cut, c.constant(0, x.type.dtype));
  const total = c.apply("Sum", [kept], { axes: [rank - 1] });
  return x.type.dtype === "bool" ? c.truth(total) : total;
}
const diagonalAxes: Lower = (c) => {
  const x = c.optionalTensor("self") ?? c.tensor("A");
  return diagonal(
    c,
    x,
    diagonalOf(c, rankOf(x), c.has("A") ? [-2, -1] : [0, 1]),
    at(c.result.shape, c.result.shape.length - 1),
  );
};

/** Vectors of the last axis as diagonals of matrices, in two axes of the result. */
function embedded(c: Call, x: Node, { first, second, offset }: Diagonal, rank: number): Node {
  const size = addDims(sizeAt(x, rankOf(x) - 1), Math.abs(offset));
  const zero = c.constant(0, x.type.dtype);
  const before = Math.max(offset, 0);
  const wide =
    offset === 0
      ? x
      : c.apply("Pad", [x, zero], {
          axis: rankOf(x) - 1,
          before,
          after: Math.abs(offset) - before,
          interior: 0,
        });
  const matrices = c.where(onDiagonal(c, size, size, offset), spread(c, wide, rankOf(x) - 1), zero);
  const others = range(rank).filter((axis) => axis !== first && axis !== second);
  const order = [...others, first, second];
  return c.transpose(
    matrices,
    range(rank).map((axis) => order.indexOf(axis)),
  );
}
const diagonalMatrices: Lower = (c) => {
  const [x, rank] = [c.tensor("self"), c.result.shape.length];
  return embedded(c, vector(c, x), diagonalOf(c, rank, [-2, -1]), rank);
};
const diag: Lower = (c) => {
  const [x, offset] = [c.tensor("self"), c.int("diagonal", 0)];
  const axes = { first: 0, second: 1, offset };
  return rankOf(x) === 1 ? embedded(c, x, axes, 2) : diagonal(c, x, axes, at(c.result.shape, 0));
};
const trace: Lower = (c) => {
  const x = c.tensor("self");
  const [rows, columns] = [known(sizeAt(x, 0)), known(sizeAt(x, 1))];
  const kept = c.where(onDiagonal(c, rows, columns, 0), x, c.constant(0, x.type.dtype));
  return c.apply("Sum", [kept], { axes: [0, 1] });
};
/** Rows and columns of the elements on one side of a diagonal. */
const triangle =
  (isLower: boolean): Lower =>
  (c) => {
    const [rows, columns, offset] = [c.int("row"), c.int("col"), c.int("offset", 0)];
    const pairs = range(rows).flatMap((row) =>
      range(columns)
        .filter((column) => (isLower ? column - row <= offset : column - row >= offset))
        .map((column) => [row, column] as const),
    );
    const listed = [...pairs.map(([row]) => row), ...pairs.map(([, column]) => column)];
    return c.list(listed, c.result.shape, c.result.dtype);
  };

// Parts that are replaced

/** x with another part from a place on along an axis. */
export function withPart(c: Call, x: Node, part: Node, axis: number, start: Dim): Node {
  const [stop, size] = [addDims(start, sizeAt(part, axis)), sizeAt(x, axis)];
  const isEmpty = (from: Dim, to: Dim): boolean => equalShapes([from], [to]);
  return c.concat(
    [
      ...(isEmpty(start, 0) ? [] : [c.slice(x, axis, 0, start)]),
      part,
      ...(isEmpty(stop, size) ? [] : [c.slice(x, axis, stop, size)]),
    ],
    axis,
  );
}

/** x with other elements at every step-th place of an axis. */
export function withSteps(
  c: Call,
  x: Node,
  part: Node,
  axis: number,
  [start, step]: readonly [number, number],
): Node {
  const size = known(sizeAt(x, axis));
  const count = known(sizeAt(part, axis));
  const after = size - start - (count === 0 ? 0 : (count - 1) * step + 1);
  const filled = (node: Node, fill: Node): Node =>
    c.apply("Pad", [node, fill], { axis, before: start, after, interior: step - 1 });
  const isPart = filled(
    c.stretch(c.equal(c.constant(0, "int64"), c.constant(0, "int64")), part.type.shape),
    no(c),
  );
  return c.where(isPart, filled(part, c.constant(0, part.type.dtype)), x);
}
const no = (c: Call): Node => c.equal(c.constant(0, "int64"), c.constant(1, "int64"));

const sliceReplaced: Lower = (c) => {
  const [x, part] = [c.tensor("self"), c.tensor("src")];
  const axis = c.axis("dim", rankOf(x), 0);
  const start = c.has("start") ? sliceEnd(c.dim("start"), sizeAt(x, axis)) : 0;
  const step = c.int("step", 1);
  const own = c.cast(part, x.type.dtype);
  return step === 1 ? withPart(c, x, own, axis, start) : withSteps(c, x, own, axis, [known(start), step]);
};
const selectionReplaced: Lower = (c) => {
  const [x, part] = [c.tensor("self"), c.tensor("src")];
  const axis = c.axis("dim", rankOf(x));
  const row = c.reshape(part, x.type.shape.with(axis, 1));
  return withPart(c, x, c.cast(row, x.type.dtype), axis, sliceEnd(c.dim("index"), sizeAt(x, axis)));
};
const diagonalReplaced: Lower = (c) => {
  const [x, part] = [c.tensor("self"), c.tensor("src")];
  const { first, second, offset } = diagonalOf(c, rankOf(x), [0, 1]);
  const [rows, columns] = [sizeAt(x, first), sizeAt(x, second)];
  const others = range(rankOf(x)).filter((axis) => axis !== first && axis !== second);
  const order = [...others, first, second];
  const matrices = c.transpose(x, order);
  const isOn = onDiagonal(c, rows, columns, offset);
  // Row r of the diagonal's vector lies in row r + max(−offset, 0) of the matrix.
  const before = Math.max(-offset, 0);
  const after = known(rows) - before - known(sizeAt(part, rankOf(part) - 1));
  const zero = c.constant(0, part.type.dtype);
  const column = c.apply("Pad", [part, zero], { axis: rankOf(part) - 1, before, after, interior: 0 });
  const changed = c.where(isOn, spread(c, column, rankOf(part)), matrices);
  return c.transpose(
    changed,
    range(rankOf(x)).map((axis) => order.indexOf(axis)),
  );
};

/** The same number everywhere, whatever was there. */
const fill: Lower = (c) => c.stretch(c.operand("value", c.constant(0, c.result.dtype)), c.result.shape);
const copy: Lower = (c) => c.stretch(c.cast(c.tensor("src"), c.result.dtype), c.result.shape);

const each = (lower: Lower, ...names: readonly string[]): Rows =>
  Object.fromEntries(names.map((name) => [`aten.${name}`, lower]));

export const parts: Rows = {
  ...each(diagonalAxes, "diagonal.default", "diagonal_copy.default", "linalg_diagonal.default"),
  "aten.diag_embed.default": diagonalMatrices,
  "aten.diag.default": diag,
  "aten.trace.default": trace,
  "aten.tril_indices.default": triangle(true),
  "aten.triu_indices.default": triangle(false),
  "aten.slice_scatter.default": sliceReplaced,
  "aten.select_scatter.default": selectionReplaced,
  "aten.diagonal_scatter.default": diagonalReplaced,
  ...each(fill, "fill.Scalar", "fill.Tensor"),
  "aten.copy.default": copy,
  "aten.zero.default": (c) => c.stretch(c.constant(0, c.result.dtype), c.result.shape),
};
