/** @file Rules for what losses are made of: choices by a label, divergences, and means of what was rearranged before. */
import { at, only, range } from "../base/assert.ts";
import { zero } from "../base/rational.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { isElementwise } from "../ops/table.ts";
import { isSoftmax, positionsOf } from "../ops/traits.ts";
import { as, bothOrders, constantValue, firstOf, isCount, isNumber, type Rule } from "./rule.ts";

export const lossRules: readonly Rule[] = [
  {
    name: "softplus-of-negative",
    algebra: "softplus(a) − a → softplus(−a)",
    apply: (node, make) => {
      const difference = as(node, "Sub");
      const a = as(difference?.inputs[0], "Softplus")?.inputs[0];
      return a !== undefined && a === difference?.inputs[1]
        ? make("Softplus", [make("Neg", [a], {})], {})
        : undefined;
    },
  },
  {
    name: "never-zero",
    algebra: "where(p == 0, a, b) → b for a softmax p, in the shape of all",
    apply: (node, make) => {
      const choice = as(node, "Where");
      const equality = as(choice?.inputs[0], "Equal");
      const isPositive =
        equality && bothOrders(equality).some(([p, zero]) => isSoftmax(p) && isNumber(zero, 0));
      return choice && isPositive === true
        ? make("Broadcast", [at(choice.inputs, 2)], { shape: node.type.shape })
        : undefined;
    },
  },
  {
    name: "chosen",
    algebra: "Σ_i a_i · [k == i] → Σ_i where(k == i, a_i, 0), where [p] is 1 or 0",
    apply: (node, make) => {
      const sum = as(node, "Sum");
      const product = as(sum?.inputs[0], "Mul");
      return (
        sum &&
        product &&
        firstOf(bothOrders(product), ([a, truth]) => {
          const condition = as(truth, "Cast")?.inputs[0];
          if (condition === undefined || !asksForPlace(condition)) return undefined;
          const nothing = make("Constant", [], { value: zero, dtype: a.type.dtype });
          return make("Sum", [make("Where", [condition, a, nothing], {})], sum.attrs);
        })
      );
    },
  },
  {
    name: "mean-of-sums",
    algebra:
      "Σ a / n → mean(Σ a), where a is summed along several axes and the symbol n is the size of one of them",
    apply: (node, make) => {
      const quotient = as(node, "Div");
      const sum = as(quotient?.inputs[0], "Sum");
      if (quotient === undefined || sum === undefined || sum.attrs.axes.length < 2) return undefined;
      const [a, count] = [only<Node>(sum.inputs), at(quotient.inputs, 1)];
      const { shape } = a.type;
      if (constantValue(count) !== undefined) return undefined;
      const axis = sum.attrs.axes.find((own) => isCount(count, shape, [own]));
      if (axis === undefined) return undefined;
      const axes = sum.attrs.axes.filter((own) => own !== axis);
      const before = axes.filter((own) => own < axis).length;
      return make("Mean", [make("Sum", [a], { axes })], { axes: [axis - before] });
    },
  },
  {
    name: "unit-axis-outside",
    algebra:
      "f(reshape(a), b) → reshape(f(a, b)) for elementwise f, where reshape gives a an axis of size 1 that no other operand has",
    apply: (node, make) => {
      if (!isElementwise(node) || node.inputs.length < 2) return undefined;
      const { shape } = node.type;
      return firstOf(range(shape.length), (axis) => {
        const hasAxis = (input: Node): boolean => input.type.shape.length >= shape.length - axis;
        const [own, ...more] = node.inputs.filter(hasAxis);
        const source = as(own, "Reshape")?.inputs[0];
        if (shape[axis] !== 1 || own === undefined || source === undefined || more.length > 0)
          return undefined;
        if (own.type.shape.length !== shape.length) return undefined;
        const less = make("Reshape", [source], { shape: own.type.shape.toSpliced(axis, 1) });
        const inputs = node.inputs.map((input) => (input === own ? less : input));
        return make("Reshape", [make<OpName>(node.op, inputs, node.attrs)], { shape });
      });
    },
  },
];

/** Whether a condition is one on the number of a place, k == i. */
const asksForPlace = (condition: Node): boolean =>
  as(condition, "Equal")?.inputs.some(
    (side) => positionsOf(as(side, "Reshape")?.inputs[0] ?? side) !== undefined,
  ) === true;
