/**
 * @file Rules that gather the parameters around a product: a normalisation with kept averages behind a convolution becomes a
 * convolution with other weights and a bias, as programs fold it. No part of raising: the equations of a paper are not folded.
 */
import { at } from "../base/assert.ts";
import { one } from "../base/rational.ts";
import { type Dim, equalShapes } from "../ir/dim.ts";
import { type Graph, type Node, nodeText } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { parseContraction } from "../ops/reduction.ts";
import { isParameterLike, isStored } from "../ops/traits.ts";
import { raise } from "./raise.ts";
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
    name: "scaled-product",
    algebra:
      "(a w) · s → a (w · s), where w and s depend on parameters alone and s varies along an axis of w",
    apply: (node, make) =>
      scaled(node, (product, s) => {
        const contraction = as(product, "Contract");
        if (contraction === undefined) return undefined;
        const { left, right, out } = parseContraction(contraction.attrs.equation);
        const place = contraction.inputs.findIndex(isParameterLike);
        const w = contraction.inputs[place];
        const along = w && alongAxisOf(w, place === 0 ? left : right, s, out, make);
        if (w === undefined || along === undefined) return undefined;
        const inputs = contraction.inputs.with(place, make("Mul", [w, along], {}));
        return make<OpName>("Contract", inputs, contraction.attrs);
      }),
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

/** A graph in primitives with its parameters gathered around its products; `undefined` where none scales a product. */
export function fold(graph: Graph): Graph | undefined {
  const [plain, scaled] = [raise(graph, []), raise(graph, scalingRules)];
  const isSame = (node: Node, place: number): boolean => nodeText(node) === nodeText(at(scaled.nodes, place));
  const hasNone = plain.nodes.length === scaled.nodes.length && plain.nodes.every(isSame);
  return hasNone ? undefined : raise(graph, [...scalingRules, shiftedTwice]);
}
