/** @file Rules about conditions that hold everywhere or nowhere, such as whether positions that are one apart are one apart. */
import { at, only, range } from "../base/assert.ts";
import { rational } from "../base/rational.ts";
import type { Shape } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { Dtype } from "../ir/type.ts";
import { difference, type IndexForm, indexForm } from "./index-forms.ts";
import { as, bothOrders, constantValue, firstOf, type Make, type Rule, reshaped } from "./rule.ts";

export const truthRules: readonly Rule[] = [
  {
    name: "certain-comparison",
    algebra:
      "a < b, a == b → true or false, for integers of positions that differ by a number, or by multiples of indices of one sign",
    apply: (node, make) => {
      const [a, b] = node.inputs;
      if (a === undefined || b === undefined || (node.op !== "Less" && node.op !== "Equal")) return undefined;
      const form = difference(b, a, 0);
      const truth = form && (node.op === "Less" ? isPositive(form) : isZero(form));
      return truth === undefined ? undefined : everywhere(truth, node, make);
    },
  },
  {
    name: "comparison-of-positions",
    algebra:
      "a < b, a == b of integers of positions that are repeated along an axis → the comparison, repeated along it",
    apply: (node, make) => {
      if (node.op !== "Less" && node.op !== "Equal") return undefined;
      const forms = node.inputs.map(indexForm);
      const [a, b] = forms;
      if (a === undefined || b === undefined) return undefined;
      const { shape } = node.type;
      const counted = new Set([...a.multiples.keys(), ...b.multiples.keys()]);
      if (shape.every((size, axis) => size === 1 || counted.has(shape.length - axis))) return undefined;
      const operands = [a, b].map((form) => positions(form, shape, "int64", make));
      const plain = make<"Less" | "Equal">(node.op, operands, {});
      return make("Broadcast", [plain], { shape });
    },
  },
  {
    name: "certain-logic",
    algebra: "not true → false, not false → true, p and false → false, p and true → p, in the shape of both",
    apply: (node, make) => {
      if (node.op === "Not") {
        const own = truthOf(at<Node>(node.inputs, 0));
        return own === undefined ? undefined : everywhere(!own, node, make);
      }
      if (node.op !== "And") return undefined;
      return firstOf(bothOrders(node), ([certain, other]) => {
        const own = truthOf(certain);
        if (own === undefined) return undefined;
        return own ? make("Broadcast", [other], { shape: node.type.shape }) : everywhere(false, node, make);
      });
    },
  },
  {
    name: "certain-choice",
    algebra: "where(true, a, b) → a, and where(false, a, b) → b, in the shape of all",
    apply: (node, make) => {
      const choice = as(node, "Where");
      const truth = choice && truthOf(at(choice.inputs, 0));
      if (choice === undefined || truth === undefined) return undefined;
      const chosen = at(choice.inputs, truth ? 1 : 2);
      return chosen.type.dtype === node.type.dtype
        ? make("Broadcast", [chosen], { shape: node.type.shape })
        : undefined;
    },
  },
  {
    name: "cumulated-number",
    algebra: "Σ_j c over those j ≤ i → c i + c, and a sum of products with 0 → 0, for integers of positions",
    apply: (node, make) => {
      const form = node.op === "Contract" ? indexForm(node) : undefined;
      if (form === undefined) return undefined;
      const counted = positions(form, node.type.shape, node.type.dtype, make);
      return make("Broadcast", [counted], { shape: node.type.shape });
    },
  },
];

/** The numbers of a form, in a shape without leading axes along which nothing is counted. */
function positions({ offset, multiples }: IndexForm, shape: Shape, dtype: Dtype, make: Make): Node {
  const number = (value: number): Node => make("Constant", [], { value: rational(value), dtype });
  const terms = [...multiples].map(([place, multiple]) => {
    const size = at(shape, shape.length - place);
    const index = make("Cast", [make("Iota", [], { size, dtype: "int64" })], { dtype });
    const laid = reshaped(index, [size, ...range(place - 1).map(() => 1)], make);
    return multiple === 1 ? laid : make("Mul", [laid, number(multiple)], {});
  });
  if (terms.length > 0 && offset === 0) return terms.reduce((sum, term) => make("Add", [sum, term], {}));
  return terms.reduceRight((sum, term) => make("Add", [term, sum], {}), number(offset));
}

/** Whether a form is above 0 everywhere, or nowhere, whatever the sizes are. */
function isPositive({ offset, multiples }: IndexForm): boolean | undefined {
  const signs = [...multiples.values()].map(Math.sign);
  if (offset > 0 && signs.every((sign) => sign > 0)) return true;
  return offset <= 0 && signs.every((sign) => sign < 0) ? false : undefined;
}

const isZero = ({ offset, multiples }: IndexForm): boolean | undefined => {
  const signs = [offset, ...multiples.values()].map(Math.sign);
  if (multiples.size === 0) return offset === 0;
  return offset !== 0 && new Set(signs).size === 1 ? false : undefined;
};

const everywhere = (truth: boolean, node: Node, make: Make): Node =>
  make("Broadcast", [make("Constant", [], { value: rational(truth ? 1 : 0), dtype: "bool" })], {
    shape: node.type.shape,
  });

/** Whether a condition is true everywhere, or false everywhere. */
function truthOf(node: Node): boolean | undefined {
  const value = constantValue(node.op === "Broadcast" ? only<Node>(node.inputs) : node);
  return value && value.numerator !== 0n;
}
