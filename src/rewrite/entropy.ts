/** @file Rules for cross-entropies: a minus sign in front of log-probabilities of labels, be it outside of their mean. */
import { at, only } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import { indexForm } from "./index-forms.ts";
import { as, bothOrders, constantValue, firstOf, isNumber, type Make, type Rule, repeated } from "./rule.ts";

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
    const entropy = make("CrossEntropy", [own.logits, own.label], { axis: own.axis });
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

interface LogProbability {
  readonly logits: Node;
  readonly label: Node;
  readonly axis: number;
  /** Axes that are summed too, once that of the logarithms is gone. */
  readonly others: readonly number[];
}

/** What Σ_i where(k == i, log_softmax_i(a), 0) is made of. */
function logarithmsOf(node: Node): LogProbability | undefined {
  const sum = as(node, "Sum");
  const [condition, chosen, nothing] = as(sum?.inputs[0], "Where")?.inputs ?? [];
  const [equality, logarithms] = [as(condition, "Equal"), as(chosen, "LogSoftmax")];
  const axis = logarithms?.attrs.axis;
  if (sum === undefined || equality === undefined || logarithms === undefined || axis === undefined)
    return undefined;
  const { shape } = logarithms.type;
  const others = sum.attrs.axes.flatMap((own) => (own === axis ? [] : [own > axis ? own - 1 : own]));
  const isAlong = sum.attrs.axes.includes(axis);
  const keepsShape = only<Node>(sum.inputs).type.shape.length === shape.length;
  if (!isAlong || !keepsShape || !isNumber(nothing, 0)) return undefined;
  return firstOf(bothOrders(equality), ([marked, places]) => {
    const label = isIndex(places, shape.length - axis) ? repeated(marked, shape, [axis]) : undefined;
    const isOfIntegers = label !== undefined && !isReal(label.type.dtype);
    return isOfIntegers ? { logits: at(logarithms.inputs, 0), label, axis, others } : undefined;
  });
}

/** Whether integers are the index along an axis, which is counted from the last. */
function isIndex(node: Node, fromLast: number): boolean {
  const form = indexForm(node);
  return form?.offset === 0 && form.multiples.size === 1 && form.multiples.get(fromLast) === 1;
}
