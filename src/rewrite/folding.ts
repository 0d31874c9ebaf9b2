/**
 * @file Rules that gather the parameters around a product: a normalisation with kept averages behind a convolution becomes a
 * convolution with other weights and a bias, as programs fold it. No part of raising: the equations of a paper are not folded.
 */
import { at, only } from "../base/assert.ts";
import { one } from "../base/rational.ts";
import { type Dim, equalShapes } from "../ir/dim.ts";
import { type Graph, type Node, nodeText } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { parseContraction } from "../ops/reduction.ts";
import { isElementwise } from "../ops/table.ts";
import { isParameterLike, isStored } from "../ops/traits.ts";
import { simplified } from "./raise.ts";
import { rearrangementRules } from "./rearrangement.ts";
import { as, bothOrders, firstOf, type Make, type Rule } from "./rule.ts";

const scalingRules: readonly Rule[] = [
  {
    name: "divided-by-parameters",
    algebra: "a / s → a · (1 / s), where a depends on the input and s on parameters alone",
    apply: (node, make) => {
      const [a, s] = as(node, "Div")?.inputs ?? [];
      if (a === undefined || s === undefined || !isWith(node, a, s)) return undefined;
      const unit = make("Constant", [], { value: one, dtype: s.type.dtype });
      return make("Mul", [a, make("Div", [unit, s], {})], {});
    },
  },
  {
    name: "scaled-and-subtracted",
    algebra: "a − b · s → a + b · (−s), where b depends on the input and s on parameters alone",
    apply: (node, make) => {
      const [a, product] = as(node, "Sub")?.inputs ?? [];
      if (a === undefined || as(product, "Mul") === undefined) return undefined;
      return firstOf(bothOrders(product as Node), ([b, s]) =>
        isStored(b) || !isParameterLike(s)
          ? undefined
          : make("Add", [a, make("Mul", [b, make("Neg", [s], {})], {})], {}),
      );
    },
  },
  {
    name: "scaled-sum",
    algebra: "(a ± b) · s → a · s ± b · s, where a depends on the input, b and s on parameters alone",
    apply: (node, make) =>
      scaled(node, (sum, s) => {
        const parts = shifted(sum);
        if (parts === undefined) return undefined;
        const [a, b, op] = parts;
        return make(op, [make("Mul", [a, s], {}), make("Mul", [b, s], {})], {});
      }),
  },
  {
    name: "scaled-twice",
    algebra: "(a · s) · t → a · (s · t), where s and t depend on parameters alone",
    apply: (node, make) => {
      if (as(node, "Mul") === undefined) return undefined;
      // Of parameters alone the first factor is left where it is, or there would be no end.
      const orders = isStored(node) ? bothOrders(node).slice(0, 1) : bothOrders(node);
      return firstOf(orders, ([inner, t]) => {
        if (as(inner, "Mul") === undefined || !isParameterLike(t)) return undefined;
        return firstOf(bothOrders(inner), ([a, s]) =>
          isParameterLike(s) && equalShapes(a.type.shape, node.type.shape)
            ? make("Mul", [a, make("Mul", [s, t], {})], {})
            : undefined,
        );
      });
    },
  },
  {
    name: "scaled-transpose",
    algebra: "transpose(a) · s → transpose(a · s'), where a depends on the input, s on parameters alone",
    apply: (node, make) =>
      scaled(node, (moved, s) => {
        const transpose = as(moved, "Transpose");
        if (transpose === undefined) return undefined;
        const { permutation } = transpose.attrs;
        const missing = permutation.length - s.type.shape.length;
        const ones = Array.from({ length: missing }, (): Dim => 1);
        const whole = make("Reshape", [s], { shape: [...ones, ...s.type.shape] });
        const back = permutation.map((_, axis) => permutation.indexOf(axis));
        const factor = make("Transpose", [whole], { permutation: back });
        return make("Transpose", [make("Mul", [only(transpose.inputs), factor], {})], { permutation });
      }),
  },
  {
    name: "scaled-product",
    algebra:
      "(a w) · s → a (w · s), where w and s depend on parameters alone and s varies along an axis of w",
    apply: (node, make) =>
      scaled(node, (product, s) => {
        const own = lettersOf(product);
        const place = product.inputs.findIndex(isParameterLike);
        const w = own && product.inputs[place];
        const along = w && alongAxisOf(w, at(own.operands, place), s, own.out, make);
        if (w === undefined || along === undefined) return undefined;
        return make<OpName>(
          product.op,
          product.inputs.with(place, make("Mul", [w, along], {})),
          product.attrs,
        );
      }),
  },
];

/** What is scaled twice is scaled by one value, wherever its parts come from. */
const movingRules: readonly Rule[] = [
  ...rearrangementRules,
  {
    name: "transposed-alike",
    algebra:
      "f(transpose(a, p), transpose(b, p)) → transpose(f(a, b), p) for elementwise f of parameters alone",
    apply: (node, make) => {
      const [first] = node.inputs;
      const transpose = isElementwise(node) && isStored(node) ? as(first, "Transpose") : undefined;
      const permutation = transpose?.attrs.permutation;
      if (permutation === undefined) return undefined;
      const sources = node.inputs.flatMap((input) => {
        const own = as(input, "Transpose");
        return own !== undefined && own.attrs.permutation.join() === permutation.join() ? own.inputs : [];
      });
      if (sources.length < node.inputs.length) return undefined;
      return make("Transpose", [make<OpName>(node.op, sources, node.attrs)], { permutation });
    },
  },
];

const shiftedTwice: Rule = {
  name: "shifted-twice",
  algebra: "(a ± b) ± c → a ± (b ± c), where a depends on the input, b and c on parameters alone",
  apply: (node, make) => {
    const [sum, c, outer] = shifted(node) ?? [];
    const [a, b, inner] = (sum && shifted(sum)) ?? [];
    if (a === undefined || b === undefined || c === undefined) return undefined;
    if (inner === outer) return make(inner ?? "Add", [a, make("Add", [b, c], {})], {});
    return make("Add", [a, inner === "Add" ? make("Sub", [b, c], {}) : make("Sub", [c, b], {})], {});
  },
};

/** Whether a value that depends on the input has the node's shape, and the other operand depends on parameters alone. */
const isWith = (node: Node, a: Node, stored: Node): boolean =>
  !isStored(a) && isParameterLike(stored) && equalShapes(a.type.shape, node.type.shape);

/** Of a value times parameters. */
const scaled = (node: Node, rewrite: (a: Node, s: Node) => Node | undefined): Node | undefined =>
  as(node, "Mul") && firstOf(bothOrders(node), ([a, s]) => (isWith(node, a, s) ? rewrite(a, s) : undefined));

/** The value and the parameters of a sum or difference of the two. */
function shifted(node: Node): readonly [a: Node, b: Node, op: "Add" | "Sub"] | undefined {
  const op = as(node, "Add") === undefined ? "Sub" : "Add";
  if (as(node, op) === undefined) return undefined;
  const orders = op === "Add" ? bothOrders(node) : bothOrders(node).slice(0, 1);
  const found = orders.find(([a, b]) => isWith(node, a, b));
  return found && [found[0], found[1], op];
}

interface Letters {
  readonly operands: readonly (readonly string[])[];
  readonly out: readonly string[];
}

/** Names of the axes of a product's result and of its operands; those with one name run along each other. */
function lettersOf(node: Node): Letters | undefined {
  const contraction = as(node, "Contract");
  if (contraction !== undefined) {
    const { left, right, out } = parseContraction(contraction.attrs.equation);
    return { operands: [left, right], out };
  }
  const convolution = as(node, "Convolution");
  if (convolution === undefined) return undefined;
  const filters = node.type.shape.length - convolution.attrs.strides.length - 1;
  const out = node.type.shape.map((_, axis) => (axis === filters ? "filters" : `out ${axis}`));
  const [x, w] = convolution.inputs.map(({ type }, place) => type.shape.map((_, axis) => `${place} ${axis}`));
  return { operands: [x ?? [], ["filters", ...(w ?? []).slice(1)]], out };
}

/**
 * Composites that the rules see through or that no parameter is an operand of: they may stay whole where a graph is lowered to
 * be folded.
 */
export const staysWhole = (node: Node): boolean =>
  as(node, "Convolution") !== undefined || !node.inputs.some(isParameterLike);

/** A value that varies along one axis of a product at most, laid along that axis of a factor. */
function alongAxisOf(
  factor: Node,
  letters: readonly string[],
  value: Node,
  out: readonly string[],
  make: Make,
): Node | undefined {
  const { shape } = value.type;
  const varying = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  const [axis] = varying;
  if (axis === undefined) return make("Reshape", [value], { shape: factor.type.shape.map((): Dim => 1) });
  const own = letters.indexOf(at(out, axis + out.length - shape.length));
  if (varying.length > 1 || own < 0) return undefined;
  const laid = factor.type.shape.map((_, i): Dim => (i === own ? at(shape, axis) : 1));
  return make("Reshape", [value], { shape: laid });
}

/** A graph in primitives, or one whose composites `staysWhole` left, with its parameters gathered around its products; `undefined` where none scales a product. */
export function fold(graph: Graph): Graph | undefined {
  const [plain, scaled] = [
    simplified(graph, movingRules),
    simplified(graph, [...movingRules, ...scalingRules]),
  ];
  const isSame = (node: Node, place: number): boolean => nodeText(node) === nodeText(at(scaled.nodes, place));
  const hasNone = plain.nodes.length === scaled.nodes.length && plain.nodes.every(isSame);
  return hasNone ? undefined : simplified(graph, [...movingRules, ...scalingRules, shiftedTwice]);
}
