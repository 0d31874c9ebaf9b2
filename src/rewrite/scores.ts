/** @file Rules about what attention does to its scores: how they are scaled, and what hides some of them. */
import { at, only } from "../base/assert.ts";
import { equal, invert, multiply, one, type Rational, rational } from "../base/rational.ts";
import { equalDims, equalShapes, type Shape } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { parseContraction } from "../ops/reduction.ts";
import { definitionOf } from "../ops/table.ts";
import { isStored } from "../ops/traits.ts";
import { conditionForms, type IndexForm } from "./index-forms.ts";
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
    name: "masks-apart",
    algebra:
      "where(p and q, s, −∞) → where(p, where(q, s, −∞), −∞), where p alone says which keys a query sees by their places",
    apply: (node, make) => {
      const [condition, scores, hidden] = as(node, "Where")?.inputs ?? [];
      const isLaid = condition?.op === "Reshape" || condition?.op === "Broadcast";
      const both = as(isLaid ? condition.inputs[0] : condition, "And");
      if (both === undefined || scores === undefined || hidden === undefined) return undefined;
      if (!isNegativeInfinity(hidden) || !equalShapes(scores.type.shape, node.type.shape)) return undefined;
      return firstOf(bothOrders(both), (parts) => {
        const [p, q] = parts.map((part) => (isLaid ? beside(condition, part, make) : part));
        if (p === undefined || q === undefined) return undefined;
        if (!isOfPlaces(conditionForms(p)) || conditionForms(q) !== undefined) return undefined;
        return make("Where", [p, make("Where", [q, scores, hidden], {}), hidden], {});
      });
    },
  },
  {
    name: "causal",
    algebra:
      "where(j ≤ i, s, −∞) → causal(s), where i and j are the indices of the last two axes, which are of one size; where i < j + w too, causal(s, window = w)",
    apply: (node, make) => {
      const { scores, forms } = hiddenBy(node);
      const [queries, keys] = scores.type.shape.slice(-2);
      const isSquare = queries !== undefined && keys !== undefined && equalDims(queries, keys);
      const windows = forms.flatMap((form) => windowOf(form) ?? []);
      const isCausal = isSquare && forms.length > windows.length && scores !== node;
      if (!isCausal || !equalShapes(scores.type.shape, node.type.shape)) return undefined;
      if (node.op === "Causal" && node.inputs[0] === scores) return undefined;
      return make("Causal", [scores], windows.length === 0 ? {} : { window: Math.min(...windows) });
    },
  },
  {
    name: "hide",
    algebra:
      "where(p, −∞, s) → hide(s, p) for booleans p of shape [B, keys] and s [B, …, keys], and where(p, s, −∞) → hide(s, not p)",
    apply: (node, make) => {
      const [condition, yes, no] = as(node, "Where")?.inputs ?? [];
      const negation = as(condition, "Not");
      const laidOut = as(negation?.inputs[0] ?? condition, "Reshape");
      const marked = laidOut?.inputs[0];
      if (laidOut === undefined || marked === undefined || yes === undefined || no === undefined)
        return undefined;
      const isShown = isNegativeInfinity(no);
      const scores = isShown ? yes : no;
      const { shape } = scores.type;
      const keys = shape.length - 1;
      const laid = shape.map((size, axis) => (axis === 0 || axis === keys ? size : 1));
      const fits =
        keys > 1 &&
        isShown !== isNegativeInfinity(yes) &&
        equalShapes(laidOut.type.shape, laid) &&
        equalShapes(marked.type.shape, [at(shape, 0), at(shape, keys)]);
      const isHidden = isShown === (negation !== undefined);
      return fits ? make("Hide", [scores, isHidden ? marked : negated(marked, make)], {}) : undefined;
    },
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

/** A part of a joined mask beside scores: as it is where NumPy stretches it, or in the shape that the mask was given. */
function beside(mask: Node, part: Node, make: Make): Node | undefined {
  const { length } = part.type.shape;
  const [masked] = mask.inputs;
  const last = (node: Node): Shape => node.type.shape.slice(node.type.shape.length - length);
  const isShorter = masked !== undefined && length < masked.type.shape.length;
  return isShorter && equalShapes(last(mask), last(masked)) ? part : laidAs(mask, part, make);
}

/** Scores, and what holds of the places where they are not −∞, as far as a mask says no more than which keys a query sees. */
function hiddenBy(node: Node): { readonly scores: Node; readonly forms: readonly IndexForm[] } {
  const plain = { scores: node, forms: [] };
  const causal = as(node, "Causal");
  const [condition, shown, hidden] = as(node, "Where")?.inputs ?? [];
  const own =
    causal === undefined ? condition && conditionForms(condition) : causalForms(causal.attrs.window);
  const inner = causal === undefined ? shown : at(causal.inputs, 0);
  if (own === undefined || inner === undefined || !isOfPlaces(own)) return plain;
  if (hidden !== undefined && !isNegativeInfinity(hidden)) return plain;
  if (!equalShapes(inner.type.shape, node.type.shape)) return plain;
  const { scores, forms } = hiddenBy(inner);
  return { scores, forms: [...own, ...forms] };
}

const [queryAxis, keyAxis] = [2, 1];

const form = (offset: number, queries: number): IndexForm => ({
  offset,
  multiples: new Map([
    [queryAxis, queries],
    [keyAxis, -queries],
  ]),
});

const causalForms = (window: number | undefined): readonly IndexForm[] =>
  window === undefined ? [form(0, 1)] : [form(0, 1), form(window - 1, -1)];

const isOf = ({ multiples }: IndexForm, queries: number): boolean =>
  multiples.size === 2 && multiples.get(queryAxis) === queries && multiples.get(keyAxis) === -queries;

/** Whether a form says that the index of the last axis is at most that of the axis before. */
const isNoLater = (own: IndexForm): boolean => own.offset === 0 && isOf(own, 1);

/** Whether forms say no more than that keys are not behind a query, or near it. */
const isOfPlaces = (forms: readonly IndexForm[] | undefined): boolean =>
  forms?.every((own) => isNoLater(own) || windowOf(own) !== undefined) === true;

/** How many keys up to its own each query sees, where a form says that. */
const windowOf = (own: IndexForm): number | undefined =>
  isOf(own, -1) && own.offset >= 0 ? own.offset + 1 : undefined;

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
