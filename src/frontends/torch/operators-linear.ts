/** @file Matrix products. Every one is a two-operand contraction. */
import { at, range, zip } from "../../base/assert.ts";
import { equal, one } from "../../base/rational.ts";
import type { Dim } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { contraction } from "../common/contraction.ts";
import { Contradiction } from "../common/contradiction.ts";
import { scaled } from "../common/powers.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";

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

/** `alpha` or `beta` times x; of integers it is an integer of their dtype, which ATen demands. */
export function weighted(c: Call, name: "alpha" | "beta", x: Node): Node {
  const factor = c.number(name, one);
  if (isReal(x.type.dtype)) return scaled(c, factor, x);
  return equal(factor, one) ? x : c.mul(c.constant(factor, x.type.dtype), x);
}

/** beta · self + alpha · (first second). */
const addProduct =
  (first: string, second: string): Lower =>
  (c) => {
    const added = weighted(c, "beta", c.tensor("self"));
    const multiplied = weighted(c, "alpha", matmul(c, c.tensor(first), c.tensor(second)));
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

/** Letters of each operand and of the result, where an ellipsis stands for axes that broadcast from the last. */
function parseEinsum(equation: string, ranks: readonly number[]): { operands: string[][]; out: string[] } {
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const parts = left.split(",");
  const widths = parts.map((part, i) => at(ranks, i) - part.replace("...", "").length);
  const widest = Math.max(0, ...parts.map((part, i) => (part.includes("...") ? at(widths, i) : 0)));
  const listed = (part: string, width: number): string[] =>
    part.split(/(\.\.\.|[A-Za-z])/).flatMap((letter) => {
      if (letter !== "...") return letter === "" ? [] : [letter];
      return range(width).map((i) => `ellipsis${widest - width + i}`);
    });
  const operands = parts.map((part, i) => listed(part, at(widths, i)));
  const all = operands.flat();
  const implicit = [...new Set(all)]
    .filter((letter) => letter.startsWith("ellipsis") || all.filter((l) => l === letter).length === 1)
    .toSorted(
      (a, b) => Number(b.startsWith("ellipsis")) - Number(a.startsWith("ellipsis")) || (a < b ? -1 : 1),
    );
  const out = right === undefined ? implicit : listed(right, widest);
  const unique = (letters: readonly string[]): boolean => new Set(letters).size === letters.length;
  if (!/^[A-Za-z,.]*$/.test(left) || ![...operands, out].every(unique) || operands.length !== ranks.length) {
    throw new NotCovered(`einsum "${equation}"`);
  }
  return { operands, out };
}

/** Contracts from left to right, keeping the letters that the result or a later operand needs. */
const einsum: Lower = (c) => {
  const tensors = c.tensors("tensors");
  const ranks = tensors.map(({ type }) => type.shape.length);
  if (c.text("equation").split("->")[0]?.split(",").length !== ranks.length)
    throw new NotCovered(`einsum "${c.text("equation")}"`);
  const { operands, out } = parseEinsum(c.text("equation"), ranks);
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

/** beta · self + alpha · first second, where the batch of products is summed, or they are vectors. */
const weightedSum = (c: Call, multiplied: Node): Node =>
  c.add(weighted(c, "beta", c.tensor("self")), weighted(c, "alpha", multiplied));
const summedProducts: Lower = (c) =>
  weightedSum(
    c,
    contract(c, c.tensor("batch1"), c.tensor("batch2"), [
      ["b", "n", "k"],
      ["b", "k", "m"],
      ["n", "m"],
    ]),
  );
const outerSum: Lower = (c) =>
  weightedSum(c, contract(c, c.tensor("vec1"), c.tensor("vec2"), [["n"], ["m"], ["n", "m"]]));

/** Sums over pairs of axes, one of each operand. */
const tensorProduct: Lower = (c) => {
  const [x, y] = [c.tensor("self"), c.tensor("other")];
  const [own, others] = [
    c.axisList("dims_self", x.type.shape.length),
    c.axisList("dims_other", y.type.shape.length),
  ];
  const left = x.type.shape.map((_, axis) => (own.includes(axis) ? `sum${own.indexOf(axis)}` : `x${axis}`));
  const right = y.type.shape.map((_, axis) => {
    return others.includes(axis) ? `sum${others.indexOf(axis)}` : `y${axis}`;
  });
  return contract(c, x, y, [left, right, [...left, ...right].filter((label) => !label.startsWith("sum"))]);
};
/** Over the last axes of both. */
const inner: Lower = (c) => {
  const [x, y] = [c.tensor("self"), c.tensor("other")];
  if (x.type.shape.length === 0 || y.type.shape.length === 0) return c.mul(x, y);
  const left = range(x.type.shape.length - 1).map((axis) => `x${axis}`);
  const right = range(y.type.shape.length - 1).map((axis) => `y${axis}`);
  return contract(c, x, y, [
    [...left, "k"],
    [...right, "k"],
    [...left, ...right],
  ]);
};
/** Each element of x times all of y, as blocks. */
const kronecker: Lower = (c) => {
  const rank = c.result.shape.length;
  const [x, y] = [c.tensor("self"), c.tensor("other")].map((node) => {
    return [...range(rank - node.type.shape.length).map((): Dim => 1), ...node.type.shape];
  }) as [Dim[], Dim[]];
  const spreadX = c.reshape(
    c.tensor("self"),
    x.flatMap((size): Dim[] => [size, 1]),
  );
  const spreadY = c.reshape(
    c.tensor("other"),
    y.flatMap((size): Dim[] => [1, size]),
  );
  return c.reshape(c.mul(spreadX, spreadY), c.result.shape);
};
const alongLast: Lower = (c) => {
  const product = c.mul(c.tensor("x"), c.tensor("y"));
  return c.apply("Sum", [product], { axes: [c.axis("dim", product.type.shape.length, -1)] });
};
/** The vector that stands at right angles on two others, along an axis of three elements. */
const cross: Lower = (c) => {
  const { shape } = c.result;
  const [x, y] = ["self", "other"].map((name) => c.stretch(c.tensor(name), shape)) as [Node, Node];
  const first = c.tensor("self").type.shape.indexOf(3);
  const axis = c.has("dim")
    ? c.axis("dim", shape.length)
    : c.target.includes("linalg")
      ? shape.length - 1
      : first;
  const turned = (node: Node, by: number): Node =>
    c.concat([c.slice(node, axis, by, 3), c.slice(node, axis, 0, by)], axis);
  return c.sub(c.mul(turned(x, 1), turned(y, 2)), c.mul(turned(x, 2), turned(y, 1)));
};
const chain: Lower = (c) => {
  const [first, ...rest] = c.tensors(c.has("tensors") ? "tensors" : "matrices");
  if (first === undefined) throw new NotCovered("a product of nothing");
  return rest.reduce((node, factor) => matmul(c, node, factor), first);
};
const matrixPower: Lower = (c) => {
  const x = c.tensor("self");
  const count = c.int("n");
  if (count < 1 || count > 64) throw new NotCovered("a matrix to a power below 1 or above 64");
  return range(count - 1).reduce((node) => matmul(c, node, x), x);
};
/** x₁ᵀ W x₂ + b for each of several matrices W. */
const bilinear: Lower = (c) => {
  const [x, y, weight] = [c.tensor("input1"), c.tensor("input2"), c.tensor("weight")];
  const outer = range(x.type.shape.length - 1).map((axis) => `outer${axis}`);
  const half = contract(c, x, weight, [
    [...outer, "i"],
    ["o", "i", "j"],
    [...outer, "o", "j"],
  ]);
  const whole = contract(c, half, y, [
    [...outer, "o", "j"],
    [...outer, "j"],
    [...outer, "o"],
  ]);
  const bias = c.optionalTensor("bias");
  return bias === undefined ? whole : c.add(whole, bias);
};

export const linearAlgebra: Rows = {
  "aten.addbmm.default": summedProducts,
  "aten.addmv.default": addProduct("mat", "vec"),
  "aten.addr.default": outerSum,
  "aten.vdot.default": product("self", "other"),
  "aten.tensordot.default": tensorProduct,
  "aten.inner.default": inner,
  "aten.kron.default": kronecker,
  "aten.linalg_vecdot.default": alongLast,
  "aten.cross.default": cross,
  "aten.linalg_cross.default": cross,
  "aten.linalg_matmul.default": product("self", "other"),
  "aten.linalg_multi_dot.default": chain,
  "aten.chain_matmul.default": chain,
  "aten.linalg_matrix_power.default": matrixPower,
  "aten.matrix_power.default": matrixPower,
  "aten.bilinear.default": bilinear,
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
