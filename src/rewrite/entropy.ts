/** @file Rules for cross-entropies: a minus sign in front of log-probabilities of labels, be it outside of their mean. */
import { at, only } from "../base/assert.ts";
import { type Dim, equalDims, equalShapes } from "../ir/dim.ts";
import type { Node, NodeOf } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { type TakenAlong, takenAlong } from "./places.ts";
import { as, bothOrders, constantValue, firstOf, type Make, type Rule, reshaped } from "./rule.ts";

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
      if (b === undefined || mean === undefined || logarithmsOf(mean, make)?.others.length === 0)
        return undefined;
      const entropy = entropyIn(mean, make);
      return entropy && make("Add", [b, entropy], {});
    },
  },
  {
    name: "cross-entropy-of-rows",
    algebra: "cross_entropy(a, k) of logits and labels that are laid in rows → that of each, laid so",
    apply: (node, make) => {
      const entropy = as(node, "CrossEntropy");
      const [logits, label] = (entropy?.inputs ?? []).map((input) => as(input, "Reshape")?.inputs[0]);
      if (entropy === undefined || logits === undefined || label === undefined) return undefined;
      const [rank, axis] = [entropy.inputs[0]?.type.shape.length, logits.type.shape.length - 1];
      const isLast =
        entropy.attrs.axis + 1 === rank && equalDims(at(logits.type.shape, axis), classesOf(entropy));
      if (!isLast || !equalShapes(label.type.shape, logits.type.shape.slice(0, -1))) return undefined;
      return reshaped(make("CrossEntropy", [logits, label], { axis }), node.type.shape, make);
    },
  },
];

/** The number of classes. */
const classesOf = ({ inputs, attrs }: NodeOf<"CrossEntropy">): Dim =>
  at(at<Node>(inputs, 0).type.shape, attrs.axis);

/** The value with the opposite sign, where it is a cross-entropy then: of the value itself, or of what it is a mean or a multiple of. */
function entropyIn(node: Node, make: Make): Node | undefined {
  const own = logarithmsOf(node, make);
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
function logarithmsOf(node: Node, make: Make): TakenAlong | undefined {
  const single = as(node, "TakeAlong");
  const [x, places] = single?.inputs ?? [];
  const taken = single && x && places ? { x, places, ...single.attrs, others: [] } : takenAlong(node, make);
  return as(taken?.x, "LogSoftmax")?.attrs.axis === taken?.axis ? taken : undefined;
}
