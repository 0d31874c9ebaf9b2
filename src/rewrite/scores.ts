/** @file Rules about what attention does to its scores: how they are scaled, and what hides some of them. */
import { at, only } from "../base/assert.ts";
import { equal, invert, multiply, one, type Rational, rational } from "../base/rational.ts";
import { equalDims, equalShapes } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { parseContraction } from "../ops/reduction.ts";
import { definitionOf } from "../ops/table.ts";
import { isStored } from "../ops/traits.ts";
import { conditionForm } from "./index-forms.ts";
import { as, bothOrders, constantValue, firstOf, isNumber, type Make, type Rule } from "./rule.ts";

export const scoreRules: readonly Rule[] = [
  {
    name: "masked-by-sum",
    algebra:
      "a + where(p, −∞, b) → where(not p, a + b, −∞), and a + where(p, b, −∞) → where(p, a + b, −∞), where b does not depend on data",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([a, mask]) => {
        const isLaid = mask.op === "Reshape" || mask.op === "Broadcast";
        const choice = as(isLaid ? mask.inputs[0] : mask, "Where");
        const parts = choice?.inputs.map((part) => (isLaid ? laidAs(mask, part, make) : part));
        const [p, yes, no] = parts ?? [];
        if (p === undefined || yes === undefined || no === undefined) return undefined;
        const isOther = isNegativeInfinity(no);
        if (isOther === isNegativeInfinity(yes) || !isStored(isOther ? yes : no)) return undefined;
        const [seen, b, hidden] = isOther ? [p, yes, no] : [negated(p, make), no, yes];
        const sum = isNumber(b, 0) ? a : make("Add", [a, b], {});
        const made = make("Where", [seen, sum, hidden], {});
        return equalShapes(made.type.shape, node.type.shape) ? made : undefined;
      }),
  },
  {
    name: "masked-elsewhere",
    algebra:
      "where(p, −∞, a) → where(not p, a, −∞), where p is a negation or compares, so that not p is no longer than p",
    apply: (node, make) => {
      const [p, hidden, a] = as(node, "Where")?.inputs ?? [];
      if (p === undefined || hidden === undefined || a === undefined || !isNegativeInfinity(hidden))
        return undefined;
      return p.op === "Not" || p.op === "Less" ? make("Where", [negated(p, make), a, hidden], {}) : undefined;
    },
  },
  {
    name: "causal",
    algebra:
      "where(j ≤ i, s, −∞) → causal(s), where i and j are the indices of the last two axes, which are of one size",
    apply: (node, make) => {
      const [condition, scores, hidden] = as(node, "Where")?.inputs ?? [];
      if (condition === undefined || scores === undefined || hidden === undefined) return undefined;
      const [queries, keys] = scores.type.shape.slice(-2);
      const isSquare = queries !== undefined && keys !== undefined && equalDims(queries, keys);
      if (!isSquare || !isNegativeInfinity(hidden) || !seesNoLater(condition)) return undefined;
      return equalShapes(scores.type.shape, node.type.shape) ? make("Causal", [scores], {}) : undefined;
    },
  },
  {
    name: "causal-twice",
    algebra: "causal(causal(s)) → causal(s)",
    apply: (node) => as(as(node, "Causal")?.inputs[0], "Causal"),
  },
  {
    name: "scaled-scores",
    algebra: "(c a) (d b) e → a b / √n, where c d e = 1/√n and n is the number of products that are summed",
    apply: (node, make) => {
      const [scores, outer] = node.op === "Contract" ? [node, one] : scaled(node);
      const product = as(scores, "Contract");
      if (product === undefined || (product !== node && outer === undefined)) return undefined;
      const [left, right] = product.inputs.map((input) => unscaled(input, make));
      const size = summedSize(product);
      if (left === undefined || right === undefined || size === undefined) return undefined;
      const square = [left.square, right.square].reduce(multiply, outer ?? one);
      if (!equal(multiply(square, rational(size)), one) || isRootDivision(node, size)) return undefined;
      const plain = make("Contract", [left.node, right.node], product.attrs);
      const count = make("Constant", [], { value: rational(size), dtype: node.type.dtype });
      return make("Div", [plain, make("Sqrt", [count], {})], {});
    },
  },
];

/** A part of a mask in the shape that the mask was given; `undefined` where a stretched part of it would be left out. */
function laidAs(mask: Node, part: Node, make: Make): Node | undefined {
  const [masked] = mask.inputs;
  if (part.type.shape.length === 0) return part;
  if (masked === undefined || !equalShapes(masked.type.shape, part.type.shape)) return undefined;
  return make<OpName>(mask.op, [part], mask.attrs);
}

/** Whether a condition is that the index of the last axis is at most that of the axis before. */
function seesNoLater(condition: Node): boolean {
  const form = conditionForm(condition);
  return (
    form?.offset === 0 &&
    form.multiples.size === 2 &&
    form.multiples.get(queryAxis) === 1 &&
    form.multiples.get(keyAxis) === -1
  );
}
const [queryAxis, keyAxis] = [2, 1];

const isNegativeInfinity = (node: Node): boolean =>
  as(node, "NamedConstant")?.attrs.name === "negative infinity";

const negated = (p: Node, make: Make): Node => as(p, "Not")?.inputs[0] ?? make("Not", [p], {});

/** The one size that a contraction sums over. */
function summedSize(product: Node): number | undefined {
  if (product.op !== "Contract") return undefined;
  const { left, summed } = parseContraction(product.attrs.equation);
  const [letter, ...more] = summed;
  if (letter === undefined || more.length > 0) return undefined;
  const size = at(product.inputs, 0).type.shape[left.indexOf(letter)];
  return typeof size === "number" && size > 1 ? size : undefined;
}

/** Whether a node is a product over √n with operands that are not scaled. */
function isRootDivision(node: Node, size: number): boolean {
  const [product, divisor] = as(node, "Div")?.inputs ?? [];
  return (
    isNumber(as(divisor, "Sqrt")?.inputs[0], size) &&
    (product?.inputs ?? []).every((input) => unscaledSource(input) === undefined)
  );
}

/** The square of a positive number: of r, √r, 1/r or 1/√r. */
function squareOf(node: Node | undefined): Rational | undefined {
  if (node === undefined || node.type.shape.length > 0) return undefined;
  const own = constantValue(node);
  if (own !== undefined) return own.numerator > 0n ? multiply(own, own) : undefined;
  const root = constantValue(as(node, "Sqrt")?.inputs[0]);
  if (root !== undefined) return root.numerator > 0n ? root : undefined;
  const inverse = squareOf(as(node, "Reciprocal")?.inputs[0]);
  return inverse && invert(inverse);
}

/** What a node is times a positive number, and the square of this number. */
function scaled(node: Node): readonly [value: Node | undefined, square: Rational | undefined] {
  const [a, b] = node.inputs;
  if (node.op === "Mul" && a !== undefined && b !== undefined) {
    const found = bothOrders(node).find(([, factor]) => squareOf(factor) !== undefined);
    return found === undefined ? [undefined, undefined] : [found[0], squareOf(found[1])];
  }
  const divisor = node.op === "Div" ? squareOf(b) : undefined;
  return divisor === undefined ? [undefined, undefined] : [a, invert(divisor)];
}

/** The node that a factor is taken out of, behind what only rearranges it. */
function unscaledSource(node: Node): Node | undefined {
  if (scaled(node)[1] !== undefined) return node;
  const [inner] = node.inputs;
  const isRearranged = definitionOf(node.op).rearranges === true && node.inputs.length === 1;
  return isRearranged && inner !== undefined ? unscaledSource(inner) : undefined;
}

/** A value without the number that it is multiplied with, here or before it was rearranged. */
function unscaled(node: Node, make: Make): { readonly node: Node; readonly square: Rational } {
  if (unscaledSource(node) === undefined) return { node, square: one };
  const [value, square] = scaled(node);
  if (value !== undefined && square !== undefined) return { node: value, square };
  const inner = unscaled(only<Node>(node.inputs), make);
  return { node: make<OpName>(node.op, [inner.node], node.attrs), square: inner.square };
}
