/** @file Rules that find activation functions in their formulas. */
import { at } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { as, bothOrders, constantValue, firstOf, isNumber, type Rule } from "./rule.ts";

export const activationRules: readonly Rule[] = [
  {
    name: "relu",
    algebra: "max(a, 0) → relu(a), and a where a > 0 and 0 elsewhere; only of reals",
    apply: (node, make) => {
      const largest = as(node, "Maximum");
      const ofMaximum = largest && firstOf(bothOrders(largest), ([a, b]) => (isNumber(b, 0) ? a : undefined));
      const choice = choiceBySign(node);
      const a = ofMaximum ?? (choice && isNumber(choice.negative, 0) ? choice.a : undefined);
      return a && isReal(a.type.dtype) ? make("Relu", [a], {}) : undefined;
    },
  },
  {
    name: "leaky-relu",
    algebra: "a where a > 0 and s · a elsewhere → leaky_relu(a, s)",
    apply: (node, make) => {
      const choice = choiceBySign(node);
      const scaled = as(choice?.negative, "Mul");
      return (
        choice &&
        scaled &&
        firstOf(bothOrders(scaled), ([a, factor]) => {
          const slope = constantValue(factor);
          return a === choice.a && slope ? make("LeakyRelu", [a], { slope }) : undefined;
        })
      );
    },
  },
  {
    name: "elu",
    algebra: "a where a > 0 and e^a − 1 elsewhere → elu(a)",
    apply: (node, make) => {
      const choice = choiceBySign(node);
      const difference = as(choice?.negative, "Sub");
      const [power, one] = difference?.inputs ?? [];
      const fits = choice !== undefined && as(power, "Exp")?.inputs[0] === choice.a && isNumber(one, 1);
      return fits ? make("Elu", [choice.a], {}) : undefined;
    },
  },
  {
    name: "softplus",
    algebra: "log(1 + e^a) → softplus(a)",
    apply: (node, make) => {
      const sum = as(as(node, "Log")?.inputs[0], "Add");
      return (
        sum &&
        firstOf(bothOrders(sum), ([power, one]) => {
          const a = as(power, "Exp")?.inputs[0];
          return a !== undefined && isNumber(one, 1) ? make("Softplus", [a], {}) : undefined;
        })
      );
    },
  },
  {
    name: "sigmoid",
    algebra: "(1 + e^(−a))⁻¹ → sigmoid(a)",
    apply: (node, make) => {
      const sum = as(as(node, "Reciprocal")?.inputs[0], "Add");
      return (
        sum &&
        firstOf(bothOrders(sum), ([one, power]) => {
          const a = as(as(power, "Exp")?.inputs[0], "Neg")?.inputs[0];
          return a !== undefined && isNumber(one, 1) ? make("Sigmoid", [a], {}) : undefined;
        })
      );
    },
  },
  {
    name: "silu",
    algebra: "a · sigmoid(a) → silu(a)",
    apply: (node, make) =>
      as(node, "Mul") &&
      firstOf(bothOrders(node), ([a, gate]) =>
        as(gate, "Sigmoid")?.inputs[0] === a ? make("Silu", [a], {}) : undefined,
      ),
  },
];

interface Choice {
  readonly a: Node;
  /** The value where a is negative; elsewhere it is a itself. */
  readonly negative: Node;
}

/** What a node chooses by the sign of a, if it is a where a is positive. At 0 all of these functions are continuous. */
function choiceBySign(node: Node): Choice | undefined {
  const choice = as(node, "Where");
  if (choice === undefined) return undefined;
  const [condition, yes, no] = [at(choice.inputs, 0), at(choice.inputs, 1), at(choice.inputs, 2)];
  const isNegated = condition.op === "Not";
  const comparison = as(isNegated ? condition.inputs[0] : condition, "Less");
  const [left, right] = comparison?.inputs ?? [];
  const isNegative = isNumber(right, 0);
  const a = isNegative ? left : isNumber(left, 0) ? right : undefined;
  const [negative, positive] = isNegative === isNegated ? [no, yes] : [yes, no];
  const fits = a !== undefined && positive === a && equalShapes(a.type.shape, node.type.shape);
  return fits ? { a, negative } : undefined;
}
