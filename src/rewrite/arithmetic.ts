/** @file Rules of arithmetic: what compilers take apart, put together again. */
import { at, only } from "../base/assert.ts";
import { equal, isInteger, rational } from "../base/rational.ts";
import type { Node } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import {
  as,
  bothOrders,
  constantValue,
  firstOf,
  isCount,
  isNumber,
  isSameType,
  type Make,
  peel,
  type Rule,
} from "./rule.ts";

export const arithmeticRules: readonly Rule[] = [
  {
    name: "double-negation",
    algebra: "−(−a) → a",
    apply: (node) => as(as(node, "Neg")?.inputs[0], "Neg")?.inputs[0],
  },
  {
    name: "neutral",
    algebra: "a + 0, a − 0, a · 1, a / 1, p and true → a; where this keeps shape and dtype of a",
    apply: (node) => {
      const [a, b] = node.inputs;
      const neutral = neutralOf(node);
      if (a === undefined || b === undefined || neutral === undefined) return undefined;
      const rest = isNumber(b, neutral) ? a : commutes(node) && isNumber(a, neutral) ? b : undefined;
      return rest && isSameType(rest, node) ? rest : undefined;
    },
  },
  {
    name: "same-choice",
    algebra: "where(p, a, a) → a, in the shape of both",
    apply: (node, make) => {
      const [, a, b] = as(node, "Where")?.inputs ?? [];
      return a !== undefined && a === b ? make("Broadcast", [a], { shape: node.type.shape }) : undefined;
    },
  },
  {
    name: "sum-of-zeros",
    algebra: "Σ 0 → 0",
    apply: (node, make) => {
      const zero = as(as(node, "Sum")?.inputs[0], "Broadcast")?.inputs[0];
      return zero !== undefined && isNumber(zero, 0)
        ? make("Broadcast", [zero], { shape: node.type.shape })
        : undefined;
    },
  },
  {
    name: "double-not",
    algebra: "not not p → p",
    apply: (node) => as(as(node, "Not")?.inputs[0], "Not")?.inputs[0],
  },
  {
    name: "add-negative",
    algebra: "a + (−b) → a − b",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([a, b]) => {
        const positive = peel(b, "Neg", make);
        return positive && make("Sub", [a, positive], {});
      }),
  },
  {
    name: "add-negative-product",
    algebra: "a + (−b) · c → a − b · c",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([a, product]) => {
        const positive = as(product, "Mul") && negated(product, make);
        return positive && make("Sub", [a, positive], {});
      }),
  },
  {
    name: "subtract-negative",
    algebra: "a − (−b) → a + b",
    apply: (node, make) => {
      const difference = as(node, "Sub");
      const positive = difference && peel(at(difference.inputs, 1), "Neg", make);
      return difference && positive && make("Add", [at(difference.inputs, 0), positive], {});
    },
  },
  {
    name: "subtract-negative-product",
    algebra: "a − (−b) · c → a + b · c",
    apply: (node, make) => {
      const [a, product] = as(node, "Sub")?.inputs ?? [];
      const positive = as(product, "Mul") && negated(product as Node, make);
      return a && positive && make("Add", [a, positive], {});
    },
  },
  {
    name: "sign-outside",
    algebra: "Σ −a → −Σ a, likewise the mean",
    apply: (node, make) => {
      const reduction = as<"Sum" | "Mean">(node, node.op === "Mean" ? "Mean" : "Sum");
      const a = as(reduction?.inputs[0], "Neg");
      return reduction && a && make("Neg", [make(reduction.op, a.inputs, reduction.attrs)], {});
    },
  },
  {
    name: "reciprocal",
    algebra: "1 / a → a⁻¹",
    apply: (node, make) => {
      const quotient = as(node, "Div");
      const [one, a] = quotient?.inputs ?? [];
      return a !== undefined && isNumber(one, 1) ? make("Reciprocal", [a], {}) : undefined;
    },
  },
  {
    name: "multiply-reciprocal",
    algebra: "a · b⁻¹ → a / b",
    apply: (node, make) =>
      as(node, "Mul") &&
      firstOf(bothOrders(node), ([a, b]) => {
        const divisor = peel(b, "Reciprocal", make);
        return divisor && make("Div", [a, divisor], {});
      }),
  },
  {
    name: "square",
    algebra: "a · a → a², a^2 → a²",
    apply: (node, make) => {
      const [a, b] = node.inputs;
      const isProduct = node.op === "Mul" && a === b;
      const isPower = node.op === "Power" && equal(node.attrs.exponent, rational(2));
      return a !== undefined && (isProduct || isPower) ? make("Square", [a], {}) : undefined;
    },
  },
  {
    name: "root",
    algebra: "a^(1/2) → √a, a^(−1/2) → (√a)⁻¹, a^(−1) → a⁻¹",
    apply: (node, make) => {
      const power = as(node, "Power");
      if (power === undefined) return undefined;
      const [a, { exponent }] = [only(power.inputs), power.attrs];
      if (equal(exponent, rational(1, 2))) return make("Sqrt", [a], {});
      if (equal(exponent, rational(-1, 2))) return make("Reciprocal", [make("Sqrt", [a], {})], {});
      return equal(exponent, rational(-1)) ? make("Reciprocal", [a], {}) : undefined;
    },
  },
  {
    name: "log-exp",
    algebra: "log(e^a) → a",
    apply: (node) => as(as(node, "Log")?.inputs[0], "Exp")?.inputs[0],
  },
  {
    name: "log-reciprocal",
    algebra: "log(a⁻¹) → −log(a)",
    apply: (node, make) => {
      const reciprocal = as(as(node, "Log")?.inputs[0], "Reciprocal");
      return reciprocal && make("Neg", [make("Log", reciprocal.inputs, {})], {});
    },
  },
  {
    name: "mean",
    algebra: "Σa / n → mean(a), and Σa · (1/n); n is the number of summed elements",
    apply: (node, make) => {
      const [total, count] = sumAndDivisor(node, make);
      const sum = as(total, "Sum");
      if (sum === undefined || count === undefined) return undefined;
      const [a, { axes }] = [only(sum.inputs), sum.attrs];
      return isCount(count, a.type.shape, axes) ? make("Mean", [a], { axes }) : undefined;
    },
  },
];

/** b · c of (−b) · c. */
const negated = (product: Node, make: Make): Node | undefined =>
  firstOf([0, 1], (place) => {
    const positive = peel(at(product.inputs, place), "Neg", make);
    return positive && make("Mul", product.inputs.with(place, positive), {});
  });

const commutes = (node: Node): boolean => definitionOf(node.op).commutative === true;

/** The number that changes nothing as the second operand. */
function neutralOf(node: Node): 0 | 1 | undefined {
  if (node.op === "Add" || node.op === "Sub") return 0;
  return node.op === "Mul" || node.op === "Div" || node.op === "And" ? 1 : undefined;
}

/** A sum and what divides it; of a factor 1/n the n. */
function sumAndDivisor(node: Node, make: Parameters<Rule["apply"]>[1]): readonly (Node | undefined)[] {
  if (node.op === "Div") return node.inputs;
  if (node.op !== "Mul") return [];
  const found = firstOf(bothOrders(node), ([sum, factor]) => {
    const value = as(sum, "Sum") && constantValue(factor);
    if (value === undefined || value.numerator !== 1n || isInteger(value)) return undefined;
    const { dtype } = factor.type;
    return [sum, make("Constant", [], { value: rational(value.denominator), dtype })];
  });
  return found ?? [];
}
