/** @file Matrix products. Every one is a two-operand contraction. */
import { at, range, zip } from "../../base/assert.ts";
import { equal, one, type Rational } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import { contraction } from "../common/contraction.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { Contradiction } from "./contradiction.ts";

/** Contraction with one label for each axis; labels are any strings, renamed to a, b, … in order of first appearance. */
export function contract(c: Call, x: Node, y: Node, labels: readonly (readonly string[])[]): Node {
  const product = contraction(c, x, y, labels);
  if (product === undefined) throw new NotCovered("a product of more than 26 axes");
  return product;
}

/** x yᵀ over the last axes: x [..., k], weight [m, k]. */
function linearProduct(c: Call, x: Node, weight: Node): Node {
  const outer = range(x.type.shape.length - 1).map((axis) => `outer${axis}`);
  if (weight.type.shape.length === 1) return contract(c, x, weight, [[...outer, "k"], ["k"], outer]);
  return contract(c, x, weight, [
    [...outer, "k"],
    ["m", "k"],
    [...outer, "m"],
  ]);
}

const linear: Lower = (c) => {
  const product = linearProduct(c, c.tensor("input"), c.tensor("weight"));
  const bias = c.optionalTensor("bias");
  return bias === undefined ? product : c.add(product, bias);
};

/** Drops leading axes of size 1, which broadcast against the other operand's. */
function withoutStretched(c: Call, x: Node, labels: readonly string[], core: number): [Node, string[]] {
  const { shape } = x.type;
  const kept = range(shape.length).filter((axis) => axis >= shape.length - core || shape[axis] !== 1);
  const reduced =
    kept.length === shape.length
      ? x
      : c.reshape(
          x,
          kept.map((axis) => at(shape, axis)),
        );
  return [reduced, kept.map((axis) => at(labels, axis))];
}

/** NumPy's @: the last two axes multiply, those before broadcast. */
function matmul(c: Call, x: Node, y: Node): Node {
  const [rankX, rankY] = [x.type.shape.length, y.type.shape.length];
  if (rankX === 0 || rankY === 0)
    throw new Contradiction(c.target, "a scalar operand", "tensors of rank 1 or more");
  const coreX = rankX === 1 ? ["k"] : ["n", "k"];
  const coreY = rankY === 1 ? ["k"] : ["k", "m"];
  // Leading axes are labelled from the last, so that broadcasting aligns them.
  const leading = (rank: number): string[] =>
    range(Math.max(0, rank - 2)).map((axis) => `batch${rank - 2 - axis}`);
  const [left, labelsX] = withoutStretched(c, x, [...leading(rankX), ...coreX], coreX.length);
  const [right, labelsY] = withoutStretched(c, y, [...leading(rankY), ...coreY], coreY.length);
  const longer = leading(Math.max(rankX, rankY));
  const kept = longer.filter((label) => labelsX.includes(label) || labelsY.includes(label));
  const core = [...(rankX === 1 ? [] : ["n"]), ...(rankY === 1 ? [] : ["m"])];
  const product = contract(c, left, right, [labelsX, labelsY, [...kept, ...core]]);
  return kept.length === longer.length ? product : c.reshape(product, c.result.shape);
}

const product =
  (first: string, second: string): Lower =>
  (c) =>
    matmul(c, c.tensor(first), c.tensor(second));

const scaled = (c: Call, factor: Rational, x: Node): Node =>
  equal(factor, one) ? x : c.mul(c.constant(factor, x.type.dtype), x);

/** beta · self + alpha · (first second). */
const addProduct =
  (first: string, second: string): Lower =>
  (c) => {
    const added = scaled(c, c.number("beta", one), c.tensor("self"));
    const multiplied = scaled(c, c.number("alpha", one), matmul(c, c.tensor(first), c.tensor(second)));
    return c.add(multiplied, added);
  };

/** Sums the axes of one operand that nothing else names. */
function summedAlone(
  c: Call,
  x: Node,
  labels: readonly string[],
  needed: ReadonlySet<string>,
): [Node, string[]] {
  const axes = range(labels.length).filter((axis) => !needed.has(at(labels, axis)));
  if (axes.length === 0) return [x, [...labels]];
  return [c.apply("Sum", [x], { axes }), labels.filter((label) => needed.has(label))];
}

/** Letters of each operand and of the result; throws NotCovered for an ellipsis or a repeated letter. */
function parseEinsum(equation: string, count: number): { operands: string[][]; out: string[] } {
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const operands = left.split(",").map((part) => [...part]);
  const all = operands.flat();
  const implicit = [...new Set(all)]
    .filter((letter) => all.filter((l) => l === letter).length === 1)
    .toSorted();
  const out = right === undefined ? implicit : [...right];
  const unique = (letters: readonly string[]): boolean => new Set(letters).size === letters.length;
  if (!/^[A-Za-z,]*$/.test(left) || ![...operands, out].every(unique) || operands.length !== count) {
    throw new NotCovered(`einsum "${equation}"`);
  }
  return { operands, out };
}

/** Contracts from left to right, keeping the letters that the result or a later operand needs. */
const einsum: Lower = (c) => {
  const tensors = c.tensors("tensors");
  const { operands, out } = parseEinsum(c.text("equation"), tensors.length);
  const terms = zip(tensors, operands).map(([node, labels]) => {
    if (node.type.shape.length !== labels.length) throw new NotCovered("einsum of another rank");
    return { node, labels };
  });
  const [first, ...rest] = terms;
  if (first === undefined) throw new NotCovered("einsum of nothing");
  let { node, labels } = first;
  for (const [index, term] of rest.entries()) {
    const later = new Set([...out, ...rest.slice(index + 1).flatMap((other) => other.labels)]);
    const [x, xLabels] = summedAlone(c, node, labels, new Set([...later, ...term.labels]));
    const [y, yLabels] = summedAlone(c, term.node, term.labels, new Set([...later, ...labels]));
    const last = index === rest.length - 1;
    labels = last ? out : [...new Set([...xLabels, ...yLabels])].filter((label) => later.has(label));
    node = contract(c, x, y, [xLabels, yLabels, labels]);
  }
  const [summed, kept] = summedAlone(c, node, labels, new Set(out));
  const permutation = out.map((label) => kept.indexOf(label));
  const sorted = permutation.every((axis, i) => axis === i);
  return sorted ? summed : c.apply("Transpose", [summed], { permutation });
};

export const linearAlgebra: Rows = {
  "aten.linear.default": linear,
  "aten.matmul.default": product("self", "other"),
  "aten.mm.default": product("self", "mat2"),
  "aten.bmm.default": product("self", "mat2"),
  "aten.mv.default": product("self", "vec"),
  "aten.dot.default": product("self", "tensor"),
  "aten.outer.default": (c) => contract(c, c.tensor("self"), c.tensor("vec2"), [["n"], ["m"], ["n", "m"]]),
  "aten.addmm.default": addProduct("mat1", "mat2"),
  "aten.baddbmm.default": addProduct("batch1", "batch2"),
  "aten.einsum.default": einsum,
};
