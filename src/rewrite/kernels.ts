/** @file Rules for weights that a program keeps with an axis for the heads: products with matrices, as in papers. */
import { at } from "../base/assert.ts";
import { symbol } from "../base/layout.ts";
import { elementCount, equalDims, equalShapes } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { headsFirst } from "../ops/heads.ts";
import { canonicalEquation, matrixNotation, parseContraction } from "../ops/reduction.ts";
import { as, bothOrders, firstOf, type Make, type Rule } from "./rule.ts";

export const kernelRules: readonly Rule[] = [
  {
    name: "kernel-of-heads",
    algebra: "Σ_d x[…, d] W[d, h, k] → x reshape(W, [d, h k]) with its last axis in heads, for a parameter W",
    apply: (node, make) => {
      const product = as(node, "Contract");
      const [x, kernel] = product?.inputs ?? [];
      if (product === undefined || x === undefined || as(kernel, "Parameter")?.type.shape.length !== 3)
        return undefined;
      const { left, right, out, summed } = parseContraction(product.attrs.equation);
      const rows = left.slice(0, -1);
      const [inner, ...heads] = right;
      const isProjection = summed.length === 1 && left.at(-1) === inner;
      if (kernel === undefined || !isProjection || heads.some((letter) => left.includes(letter)))
        return undefined;
      const { shape } = kernel.type;
      const flat = times(
        x,
        make("Reshape", [kernel], { shape: [at(shape, 0), elementCount(shape.slice(1))] }),
        make,
      );
      const apart = make("Reshape", [flat], { shape: [...x.type.shape.slice(0, -1), ...shape.slice(1)] });
      const permutation = out.map((letter) => [...rows, ...heads].indexOf(letter));
      return isOrder(permutation) ? apart : make("Transpose", [apart], { permutation });
    },
  },
  {
    name: "kernel-of-merged-heads",
    algebra:
      "Σ_{h,k} z[…, t, h, k] W[h, k, d] → z with h k as its last axis times reshape(W, [h k, d]), for a parameter W",
    apply: (node, make) => {
      const product = as(node, "Contract");
      const [z, kernel] = product?.inputs ?? [];
      if (product === undefined || z === undefined || as(kernel, "Parameter")?.type.shape.length !== 3)
        return undefined;
      const { left, right, out, summed } = parseContraction(product.attrs.equation);
      const [heads, size, width] = right;
      const rows = left.filter((letter) => letter !== heads && letter !== size);
      const isNatural =
        summed.length === 2 && rows.length === left.length - 2 && out.join() === [...rows, width].join();
      if (kernel === undefined || !isNatural || left.at(-1) !== size) return undefined;
      const { shape } = kernel.type;
      const matrix = make("Reshape", [kernel], { shape: [elementCount(shape.slice(0, 2)), at(shape, 2)] });
      if (left.at(-3) === heads) return times(make("MergeHeads", [z], {}), matrix, make);
      if (left.at(-2) !== heads) return undefined;
      const sizes = [...z.type.shape.slice(0, -2), elementCount(z.type.shape.slice(-2))];
      return times(make("Reshape", [z], { shape: sizes }), matrix, make);
    },
  },
  {
    name: "bias-of-heads",
    algebra:
      "reshape(a, […, h, k]) + b → reshape(a + reshape(b, [h k]), […, h, k]), for a parameter b : [h, k]",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([apart, bias]) => {
        const rows = ofHeads(apart);
        const { shape } = bias.type;
        const isBias = as(bias, "Parameter") !== undefined && shape.length === 2;
        if (rows === undefined || !isBias || !equalShapes(apart.type.shape.slice(-2), shape))
          return undefined;
        const sum = make("Add", [rows, make("Reshape", [bias], { shape: [elementCount(shape)] })], {});
        return make("Reshape", [sum], { shape: node.type.shape });
      }),
  },
  {
    name: "heads-in-front",
    algebra:
      "Σ a[…, t, h, k] b[…, h, …] over heads h that both have → the same of a split into heads, and with h in front of t in the result",
    apply: (node, make) => {
      const product = as(node, "Contract");
      if (product === undefined) return undefined;
      const { left, right, out } = parseContraction(product.attrs.equation);
      return firstOf([0, 1], (place) => {
        const operand = at(product.inputs, place);
        const rows = ofHeads(operand);
        const own = place === 0 ? left : right;
        const heads = own.at(-2);
        const isShared =
          heads !== undefined && [left, right, out].every((letters) => letters.includes(heads));
        const count = operand.type.shape.at(-2);
        if (rows === undefined || !isShared || own.length < 4 || typeof count !== "number") return undefined;
        const split = make("SplitHeads", [rows], { heads: count });
        const turned = swapped(own);
        const letters = place === 0 ? [turned, right] : [left, turned];
        const inputs = product.inputs.with(place, split);
        // What is weighed has its heads where its values had them.
        const isBehind = out.at(-2) === heads && out.length > 2;
        const result = isBehind ? swapped(out) : out;
        const equation = canonicalEquation(
          `${letters.map((one) => one.join("")).join(",")}->${result.join("")}`,
        );
        const made = make("Contract", inputs, { equation });
        const permutation = swapped([...out.keys()]);
        return isBehind ? make("Transpose", [made], { permutation }) : made;
      });
    },
  },
  {
    name: "factors-exchanged",
    algebra: "Σ a b → Σ b a, where that is a matrix product and the other is none",
    apply: (node, make) => {
      const product = as(node, "Contract");
      if (product === undefined) return undefined;
      const { left, right, out } = parseContraction(product.attrs.equation);
      const equation = canonicalEquation(`${right.join("")},${left.join("")}->${out.join("")}`);
      if (isMatrixProduct(product.attrs.equation) || !isMatrixProduct(equation)) return undefined;
      return make("Contract", [...product.inputs].reverse(), { equation });
    },
  },
];

const isMatrixProduct = (equation: string): boolean =>
  matrixNotation(equation, symbol("x"), symbol("y")) !== undefined;

const isOrder = (permutation: readonly number[]): boolean => permutation.every((axis, i) => axis === i);

/** The third and the second from the last change places. */
const swapped = <T>(items: readonly T[]): T[] => headsFirst(items.length).map((place) => at(items, place));

/** Rows times a matrix. */
function times(rows: Node, matrix: Node, make: Make): Node {
  const letters = "abcdefghijkl".slice(0, rows.type.shape.length);
  return make("Contract", [rows, matrix], {
    equation: canonicalEquation(`${letters},${letters.at(-1)}m->${letters.slice(0, -1)}m`),
  });
}

/** What a reshape that only splits the last axis in two was made of. */
function ofHeads(node: Node): Node | undefined {
  const source = as(node, "Reshape")?.inputs[0];
  const { shape } = node.type;
  if (source === undefined || shape.length < 3 || shape.at(-2) === 1) return undefined;
  const own = source.type.shape;
  const isSplit =
    equalShapes(own.slice(0, -1), shape.slice(0, -2)) &&
    equalDims(own.at(-1) ?? 0, elementCount(shape.slice(-2)));
  return isSplit ? source : undefined;
}
