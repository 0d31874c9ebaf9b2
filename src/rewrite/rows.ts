/** @file Products of rows that a program joins for them and takes apart again behind: written as the products that they are. */
import { at, only } from "../base/assert.ts";
import { type Answering, deeply } from "../base/deeply.ts";
import { elementCount, equalDims, equalShapes } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { canonicalEquation } from "../ops/reduction.ts";
import { isElementwise } from "../ops/table.ts";
import { normalisedAxes } from "../ops/traits.ts";
import { as, type Make, type Rule } from "./rule.ts";

export const rowRules: readonly Rule[] = [
  {
    name: "reduction-of-all",
    algebra: "Σ, mean and max of all elements of reshape(a) → of all elements of a",
    apply: (node, make) => {
      const reduction = as(node, "Sum") ?? as(node, "Mean") ?? as(node, "Max");
      const laid = as(reduction?.inputs[0], "Reshape");
      if (reduction === undefined || laid === undefined || node.type.shape.length > 0) return undefined;
      const a = only<Node>(laid.inputs);
      const axes = a.type.shape.map((_, axis) => axis);
      return axes.length > 0 ? make(reduction.op, [a], { axes }) : undefined;
    },
  },
  {
    name: "rows-apart",
    algebra:
      "reshape(f(reshape(a, [b t, n])), [b, t, m]) → f(a), where f is made of products with matrices and of elementwise functions",
    apply: (node, make) => {
      const inner = as(node, "Reshape")?.inputs[0];
      const apart = inner && deeply((part: Node) => unjoined(part, make))(inner);
      return apart !== undefined && equalShapes(apart.type.shape, node.type.shape) ? apart : undefined;
    },
  },
  {
    name: "turned-layer",
    algebra:
      "transpose(f(transpose(a)), p) → f(a), where f is made of products with matrices, of elementwise functions and of normalisations along the last axis, p puts the axes back in their order, and the last one stays; likewise where a is split into heads by both",
    apply: (node, make) => {
      const turned = as(node, "Transpose");
      if (turned === undefined) return undefined;
      const { permutation } = turned.attrs;
      const last = permutation.length - 1;
      const isInFront = permutation[last] === last && permutation.some((axis, i) => axis !== i);
      if (!isInFront) return undefined;
      const whole = only<Node>(turned.inputs);
      return deeply((part: Node) => inOrder(part, permutation, make, part !== whole))(whole);
    },
  },
];

/** The node with its axes in another order, where that takes a transposition away; `isInside` says that it is an operand. */
function* inOrder(
  node: Node,
  permutation: readonly number[],
  make: Make,
  isInside: boolean,
): Answering<Node, Node | undefined> {
  // NumPy stretches an operand of fewer axes.
  if (node.type.shape.length !== permutation.length) return undefined;
  const turned = as(node, "Transpose");
  if (turned !== undefined) {
    const isBack = permutation.every((axis, i) => at(turned.attrs.permutation, axis) === i);
    return isBack ? only(turned.inputs) : undefined;
  }
  if (node.op === "Reshape") {
    const made = isInside ? make("Transpose", [node], { permutation }) : undefined;
    return made?.op === "SplitHeads" ? made : undefined;
  }
  const product = as(node, "Contract");
  if (product !== undefined)
    return yield* productInOrder(product.inputs, product.attrs.equation, permutation, make);
  const isOfLast = normalisedAxes(node)?.join() === String(permutation.length - 1);
  if (!isElementwise(node) && !isOfLast) return undefined;
  const operands: (Node | undefined)[] = [];
  for (const input of node.inputs) operands.push(input.type.shape.length < 2 ? input : yield input);
  const known = operands.filter((operand) => operand !== undefined);
  const isTurned = known.some((operand, i) => operand !== node.inputs[i]);
  return isTurned && known.length === operands.length ? make<OpName>(node.op, known, node.attrs) : undefined;
}

/** Rows times a matrix, with the rows in another order. */
function* productInOrder(
  [rows, matrix]: readonly Node[],
  equation: string,
  permutation: readonly number[],
  make: Make,
): Answering<Node, Node | undefined> {
  if (rows === undefined || matrix === undefined) return undefined;
  if (isOfMatrix(equation)) {
    const inner = yield rows;
    return inner && make("Contract", [inner, matrix], { equation });
  }
  const [operands = "", out = ""] = equation.split("->");
  const letters = permutation.map((axis) => at(out, axis)).join("");
  const turned = canonicalEquation(`${operands}->${letters}`);
  return isOfMatrix(turned) ? make("Contract", [rows, matrix], { equation: turned }) : undefined;
}

/** Whether rows are multiplied with one matrix, and stay in their order. */
const isOfMatrix = (equation: string): boolean => /^(\w*)(\w),(?:\2(\w)|(\w)\2)->\1(?:\3\4)$/.test(equation);

/** What a reshape that joins all axes but the last was made of. */
function ofRows(node: Node): Node | undefined {
  const source = as(node, "Reshape")?.inputs[0];
  if (source === undefined || node.type.shape.length !== 2 || source.type.shape.length < 3) return undefined;
  const isJoined =
    equalDims(elementCount(source.type.shape.slice(0, -1)), at(node.type.shape, 0)) &&
    equalDims(at(source.type.shape, source.type.shape.length - 1), at(node.type.shape, 1));
  return isJoined ? source : undefined;
}

/** The same of rows that are not joined; `undefined` where the operators need more than one row at a time. */
function* unjoined(node: Node, make: Make): Answering<Node, Node | undefined> {
  const source = ofRows(node);
  if (source !== undefined) return source;
  const [rows, matrix] = node.inputs;
  const product = as(node, "Contract");
  if (product !== undefined && rows !== undefined && matrix !== undefined) {
    const apart = yield rows;
    if (apart === undefined) return undefined;
    const equation = equationFor(product.attrs.equation, apart.type.shape.length);
    return equation === undefined ? undefined : make("Contract", [apart, matrix], { equation });
  }
  if (!isElementwise(node)) return undefined;
  const operands: (Node | undefined)[] = [];
  for (const input of node.inputs) operands.push(input.type.shape.length < 2 ? input : yield input);
  const known = operands.filter((operand) => operand !== undefined);
  return known.length < operands.length ? undefined : make<OpName>(node.op, known, node.attrs);
}

/** "ab,bc->ac" for rows with further axes in front. */
function equationFor(equation: string, rank: number): string | undefined {
  const right = /^ab,(bc|cb)->ac$/.exec(equation)?.[1];
  const front = "defghijklmnop".slice(0, rank - 2);
  return right === undefined ? undefined : canonicalEquation(`${front}ab,${right}->${front}ac`);
}
