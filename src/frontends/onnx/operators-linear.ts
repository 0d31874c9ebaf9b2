/** @file ONNX operators that multiply matrices, and the few of linear algebra. */
import { at, range } from "../../base/assert.ts";
import { one } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import { contraction } from "../common/contraction.ts";
import { einsum } from "../common/einsum.ts";
import type { Maker } from "../common/maker.ts";
import { scaled } from "../common/powers.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { NotCovered } from "./contradiction.ts";

/** NumPy's matmul: the last axis of x with the last but one of y, and batches before them that broadcast. */
export function matmul(make: Maker, x: Node, y: Node): Node {
  const [rankX, rankY] = [x.type.shape.length, y.type.shape.length];
  const batch = (rank: number): string[] => range(Math.max(rank - 2, 0)).map((i) => `${rank - 2 - i}`);
  const [left, right] = [batch(rankX), batch(rankY)];
  const isSmall = (node: Node, label: string, labels: readonly string[]): boolean =>
    node.type.shape[labels.indexOf(label)] === 1;
  const both = left.filter((label) => right.includes(label));
  // An axis of size 1 beside a larger one only broadcasts.
  const dropped = (own: Node, labels: readonly string[], other: Node, others: readonly string[]): string[] =>
    both.filter((label) => isSmall(own, label, labels) && !isSmall(other, label, others));
  const [dropX, dropY] = [dropped(x, left, y, right), dropped(y, right, x, left)];
  const without = (node: Node, labels: readonly string[], drop: readonly string[]): Node =>
    drop.length === 0
      ? node
      : make.reshape(
          node,
          node.type.shape.filter((_, axis) => !drop.includes(labels[axis] ?? "")),
        );
  const rows = rankX > 1 ? ["rows"] : [];
  const columns = rankY > 1 ? ["columns"] : [];
  const all = (left.length >= right.length ? left : right).filter(
    (label) => left.includes(label) || right.includes(label),
  );
  const product = contraction(make, without(x, left, dropX), without(y, right, dropY), [
    [...left.filter((label) => !dropX.includes(label)), ...rows, "inner"],
    [...right.filter((label) => !dropY.includes(label)), "inner", ...columns],
    [...all, ...rows, ...columns],
  ]);
  if (product === undefined) throw new NotCovered("a product of more than 26 axes");
  return product;
}

/** α A B + β C, with A and B transposed where asked for. */
const gemm: Lower = (c) => {
  const [a, b, bias] = [c.input(0), c.input(1), c.optional(2)];
  const left = c.flag("transA") ? ["inner", "rows"] : ["rows", "inner"];
  const right = c.flag("transB") ? ["columns", "inner"] : ["inner", "columns"];
  const product = contraction(c, a, b, [left, right, ["rows", "columns"]]);
  if (product === undefined) throw new NotCovered("a product of many axes");
  const scaledProduct = scaled(c, c.float("alpha", one), product);
  const beta = c.float("beta", one);
  return bias === undefined || beta.numerator === 0n
    ? scaledProduct
    : c.add(scaledProduct, scaled(c, beta, bias));
};

const einsumOf: Lower = (c) => {
  const result = einsum(c, c.text("equation"), c.tensors());
  if (result === undefined) throw new NotCovered(`einsum "${c.text("equation")}"`);
  return result;
};

/** By the formula of Leibniz along the first row, for the small matrices that models have. */
const determinant: Lower = (c) => {
  const x = c.input(0);
  const size = c.concrete(at(x.type.shape, x.type.shape.length - 1), "a determinant");
  if (size > 5) throw new NotCovered("the determinant of a large matrix");
  return minor(c, x, range(size), range(size));
};
function minor(c: Call, x: Node, rows: readonly number[], columns: readonly number[]): Node {
  const [row, ...rest] = rows;
  const batch = x.type.shape.slice(0, -2);
  if (row === undefined) return c.stretch(c.constant(1, x.type.dtype), batch);
  const terms = columns.map((column, i) => {
    const line = c.slice(x, batch.length, row, row + 1);
    const element = c.reshape(c.slice(line, batch.length + 1, column, column + 1), batch);
    const term = c.mul(element, minor(c, x, rest, columns.toSpliced(i, 1)));
    return i % 2 === 0 ? term : c.apply("Neg", [term], {});
  });
  return terms.reduce((a, b) => c.add(a, b));
}

export const linear: Rows = {
  MatMul: (c) => matmul(c, c.input(0), c.input(1)),
  Gemm: gemm,
  Einsum: einsumOf,
  Det: determinant,
};
