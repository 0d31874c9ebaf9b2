/** @file Operations of keras.ops that multiply tensors. */
import { at, range } from "../../../base/assert.ts";
import type { Dim } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { einsum } from "../einsum.ts";
import { type Layer, type Lower, type Rows, tensorsOf } from "./layer.ts";
import { operand } from "./operations.ts";
import { Malformed, NotCovered } from "./problem.ts";

const joined = (labels: readonly string[]): string => labels.join(" ");

/** NumPy's @: the last two axes multiply, those before broadcast. */
function matmul(c: Layer, x: Node, y: Node): Node {
  const [rankX, rankY] = [x.type.shape.length, y.type.shape.length];
  if (rankX === 0 || rankY === 0)
    throw new Malformed(c.name, "a product of a scalar", "tensors of rank 1 or more");
  const [coreX, coreY] = [rankX === 1 ? ["k"] : ["n", "k"], rankY === 1 ? ["k"] : ["k", "m"]];
  const leading = (rank: number): string[] =>
    range(Math.max(0, rank - 2)).map((axis) => `b${rank - 2 - axis}`);
  const [left, leftLabels] = withoutUnits(c, x, [...leading(rankX), ...coreX], coreX.length);
  const [right, rightLabels] = withoutUnits(c, y, [...leading(rankY), ...coreY], coreY.length);
  const longer = leading(Math.max(rankX, rankY));
  const kept = longer.filter((label) => leftLabels.includes(label) || rightLabels.includes(label));
  const core = [...(rankX === 1 ? [] : ["n"]), ...(rankY === 1 ? [] : ["m"])];
  const product = c.contract(left, right, [
    joined(leftLabels),
    joined(rightLabels),
    joined([...kept, ...core]),
  ]);
  if (kept.length === longer.length) return product;
  // Axes of size 1 on both sides come back.
  const sizes = new Map(kept.map((label, axis) => [label, at(product.type.shape, axis)]));
  const lead = longer.map((label): Dim => sizes.get(label) ?? 1);
  return c.reshape(product, [...lead, ...product.type.shape.slice(kept.length)]);
}
/** Drops leading axes of size 1, which broadcast against the other operand's. */
function withoutUnits(c: Layer, x: Node, labels: readonly string[], core: number): [Node, string[]] {
  const { shape } = x.type;
  const kept = range(shape.length).filter((axis) => axis >= shape.length - core || shape[axis] !== 1);
  const cut =
    kept.length === shape.length
      ? x
      : c.reshape(
          x,
          kept.map((axis) => at(shape, axis)),
        );
  return [cut, kept.map((axis) => at(labels, axis))];
}

const product: Lower = (c) => matmul(c, operand(c, 0, "x1", undefined), operand(c, 1, "x2", undefined));
/** np.dot: like @ for matrices, elsewhere the last axis of x against the last but one of y. */
const dot: Lower = (c) => {
  const [x, y] = [operand(c, 0, "x1", undefined), operand(c, 1, "x2", undefined)];
  if (y.type.shape.length > 2) throw new NotCovered("dot with a tensor of more than two axes");
  return matmul(c, x, y);
};

const einsumOf: Lower = (c) => {
  const equation = c.config.text("subscripts");
  const made = einsum(c, equation, c.args.flatMap(tensorsOf));
  if (made === undefined) throw new NotCovered(`einsum "${equation}"`);
  return made;
};

export const productOperations: Rows = { Matmul: product, Dot: dot, Einsum: einsumOf };
