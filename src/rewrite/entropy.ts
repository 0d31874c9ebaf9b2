/** @file Rules for cross-entropies: a minus sign in front of log-probabilities of labels, be it outside of their mean. */
import { at, only } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { type TakenAlong, takenAlong } from "./places.ts";
import { as, bothOrders, constantValue, firstOf, type Make, type Rule } from "./rule.ts";

export const entropyRules: readonly Rule[] = [
  {
    name: "cross-entropy",
    algebra:
      "−Σ_i where(k == i, log_softmax_i(a), 0) → cross_entropy_i(a, k) for integers k, also where the sign is outside of a mean, a sum, a multiple or a fraction",
    apply: (node, make) => {
      const negated = as(node, "Neg");
      return negated && entropyIn(only<Node>(negated.inputs), make);
    },
  },
  {
    name: "subtract-log-probability",
    algebra: "b − mean(Σ_i where(k == i, log_softmax_i(a), 0)) → b + mean(cross_entropy_i(a, k))",
    apply: (node, make) => {
      const [b, mean] = as(node, "Sub")?.inputs ?? [];
      // The difference of two log-probabilities is the logarithm of a ratio.
      if (b === undefined || mean === undefined || logarithmsOf(mean)?.others.length === 0) return undefined;
      const entropy = entropyIn(mean, make);
      return entropy && make("Add", [b, entropy], {});
    },
  },
];

/** The value with the opposite sign, where it is a cross-entropy then: of the value itself, or of what it is a mean or a multiple of. */
function entropyIn(node: Node, make: Make): Node | undefined {
  const own = logarithmsOf(node);
  if (own !== undefined) {
    const logits = only<Node>(own.x.inputs);
    const entropy = make("CrossEntropy", [logits, own.places], { axis: own.axis });
    return own.others.length === 0 ? entropy : make("Sum", [entropy], { axes: own.others });
  }
  const within = (inner: Node): Node | undefined => {
    const entropy = entropyIn(inner, make);
    const inputs = node.inputs.map((input) => (input === inner ? entropy : input));
    return entropy && make<OpName>(node.op, inputs as Node[], node.attrs);
  };
  if (node.op === "Mean" || node.op === "Sum") return within(only<Node>(node.inputs));
  if (node.op === "Div") return constantValue(node.inputs[1]) && within(at(node.inputs, 0));
  if (node.op !== "Mul") return undefined;
  return firstOf(bothOrders(node), ([factor, inner]) => constantValue(factor) && within(inner));
}

/** The log-probability of a label, perhaps summed along other axes too. */
function logarithmsOf(node: Node): TakenAlong | undefined {
  const single = as(node, "TakeAlong");
  const [x, places] = single?.inputs ?? [];
  const taken = single && x && places ? { x, places, ...single.attrs, others: [] } : takenAlong(node);
  return as(taken?.x, "LogSoftmax")?.attrs.axis === taken?.axis ? taken : undefined;
}
