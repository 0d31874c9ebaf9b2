/** @file Rules that write formulas of positions as papers do: powers of numbers, signs in front, rotated halves. */
import { at, only } from "../base/assert.ts";
import { equal, negate, type Rational, rational } from "../base/rational.ts";
import { equalDims, equalShapes, exactQuotient } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { positionsOf } from "../ops/traits.ts";
import {
  as,
  bothOrders,
  constantValue,
  firstOf,
  isNumber,
  isSameType,
  type Make,
  type Rule,
} from "./rule.ts";

export const formulaRules: readonly Rule[] = [
  {
    name: "power-of-number",
    algebra:
      "e^(a log c / b) → c^(a / b) for a number c > 1, wherever the logarithm stands in the product, and with a sign",
    apply: (node, make) => {
      const exponent = as(node, "Exp")?.inputs[0];
      const found = exponent && logarithmIn(exponent, make);
      if (found?.factor === undefined) return undefined;
      const { base, isNegative, factor, divisor } = found;
      const positive = divisor === undefined ? factor : make("Div", [factor, divisor], {});
      if (!equalShapes(positive.type.shape, node.type.shape)) return undefined;
      return make("PowerOf", [isNegative ? make("Neg", [positive], {}) : positive], { base });
    },
  },
  {
    name: "sign-in-front",
    algebra:
      "(−c a) / b → −(c a / b) for a number c > 0, (−a) / b → −(a / b), and −where(p, c, d) → where(p, −c, −d) for numbers",
    apply: (node, make) => {
      const [a, b] = as(node, "Div")?.inputs ?? [];
      const positive = a && withoutSign(a, make);
      if (positive !== undefined && b !== undefined) return make("Neg", [make("Div", [positive, b], {})], {});
      const [p, yes, no] = as(as(node, "Neg")?.inputs[0], "Where")?.inputs ?? [];
      const choices = [yes, no].map((choice) => choice && negatedNumber(choice, make));
      const [first, second] = choices;
      return p && first && second && make("Where", [p, first, second], {});
    },
  },
  {
    name: "common-factor",
    algebra: "a · b − a · c → a · (b − c), all in one shape",
    apply: (node, make) => {
      const difference = as(node, "Sub");
      const [left, right] = (difference?.inputs ?? []).map((side) => as(side, "Mul"));
      if (left === undefined || right === undefined) return undefined;
      return firstOf(bothOrders(left), ([a, b]) => {
        const c =
          right.inputs[0] === a ? right.inputs[1] : right.inputs[1] === a ? right.inputs[0] : undefined;
        const isAlike = c && [b, c].every(({ type }) => equalShapes(type.shape, node.type.shape));
        return isAlike === true ? make("Mul", [a, make("Sub", [b, c], {})], {}) : undefined;
      });
    },
  },
  {
    name: "nothing-taken",
    algebra: "a − b · 0 → a; where this keeps shape and dtype of a",
    apply: (node) => {
      const [a, product] = as(node, "Sub")?.inputs ?? [];
      const isNothing = as(product, "Mul")?.inputs.some((factor) => isNumber(factor, 0));
      return isNothing === true && a && isSameType(a, node) ? a : undefined;
    },
  },
  {
    name: "quotient-of-multiple",
    algebra: "a · c / c → a for a number c other than 0",
    apply: (node) => {
      const quotient = as(node, "Div");
      const [multiple, divisor] = quotient?.inputs ?? [];
      const value = constantValue(divisor);
      if (as(multiple, "Mul") === undefined || value === undefined || isNumber(divisor, 0)) return undefined;
      return firstOf(bothOrders(multiple as Node), ([a, factor]) => {
        const own = constantValue(factor);
        return own !== undefined && equal(own, value) && isSameType(a, node) ? a : undefined;
      });
    },
  },
  {
    name: "frequency",
    algebra:
      "c^(j / m) → c^(2 j / (2 m)), and likewise with a sign, where j counts 0, 1, … m − 1: there is an angle for each two of 2 m features",
    apply: (node, make) => {
      const power = as(node, "PowerOf");
      const exponent = power && only(power.inputs);
      const negated = as(exponent, "Neg")?.inputs[0];
      const [places, count] = as(negated ?? exponent, "Div")?.inputs ?? [];
      if (power === undefined || places === undefined || count === undefined) return undefined;
      const size = positionsOf(unmoved(places));
      if (typeof size !== "number" || !isNumber(count, size)) return undefined;
      const number = (value: number): Node =>
        make("Constant", [], { value: rational(value), dtype: count.type.dtype });
      const made = make("Div", [make("Mul", [places, number(2)], {}), number(2 * size)], {});
      return make("PowerOf", [negated === undefined ? made : make("Neg", [made], {})], power.attrs);
    },
  },
  {
    name: "rotate-half",
    algebra: "the second half of the last axis with its sign changed, then the first half → rotate_half",
    apply: (node, make) => {
      const joined = as(node, "Concat");
      const [negated, second] = joined?.inputs ?? [];
      const [back, front] = [as(as(negated, "Neg")?.inputs[0], "Slice"), as(second, "Slice")];
      if (joined?.inputs.length !== 2 || back === undefined || front === undefined) return undefined;
      const source = only(front.inputs);
      const axis = source.type.shape.length - 1;
      const size = at(source.type.shape, axis);
      const half = exactQuotient(size, 2);
      const areHalves =
        half !== undefined &&
        back.inputs[0] === source &&
        [joined, front, back].every(({ attrs }) => attrs.axis === axis) &&
        [front, back].every(({ attrs }) => attrs.step === 1) &&
        equalDims(front.attrs.start, 0) &&
        equalDims(front.attrs.stop, half) &&
        equalDims(back.attrs.start, half) &&
        equalDims(back.attrs.stop, size);
      return areHalves ? make("RotateHalf", [source], {}) : undefined;
    },
  },
];

/** The factors of a product ± factor · log base / divisor. */
interface OfLogarithm {
  readonly base: Rational;
  readonly isNegative: boolean;
  readonly factor?: Node | undefined;
  readonly divisor?: Node | undefined;
}

function logarithmIn(node: Node, make: Make): OfLogarithm | undefined {
  const base = constantValue(as(node, "Log")?.inputs[0]);
  if (base !== undefined) return base.numerator > base.denominator ? { base, isNegative: false } : undefined;
  const [left, right] = node.inputs;
  const times = (own: Node | undefined, other: Node): Node => (own ? make("Mul", [own, other], {}) : other);
  if (node.op === "Neg") {
    const found = left && logarithmIn(left, make);
    return found && { ...found, isNegative: !found.isNegative };
  }
  if (node.op === "Div" && right !== undefined) {
    const found = left && logarithmIn(left, make);
    return found && { ...found, divisor: times(found.divisor, right) };
  }
  if (node.op !== "Mul") return undefined;
  return firstOf(bothOrders(node), ([part, other]) => {
    const found = logarithmIn(part, make);
    const count = inverseOf(other, make);
    if (found === undefined || count === undefined)
      return found && { ...found, factor: times(found.factor, other) };
    return { ...found, divisor: times(found.divisor, count) };
  });
}

/** n of the number 1 / n. */
function inverseOf(node: Node, make: Make): Node | undefined {
  const value = constantValue(node);
  if (value?.numerator !== 1n || value.denominator === 1n) return undefined;
  return make("Constant", [], { value: rational(value.denominator), dtype: node.type.dtype });
}

/** What is only cast or rearranged. */
function unmoved(node: Node): Node {
  const isMoved = node.op === "Cast" || node.op === "Reshape" || node.op === "Broadcast";
  return isMoved ? unmoved(only<Node>(node.inputs)) : node;
}

/** The positive form of what is negative as it is written. */
function withoutSign(node: Node, make: Make): Node | undefined {
  if (node.op === "Neg") return only<Node>(node.inputs);
  return (
    as(node, "Mul") &&
    firstOf(bothOrders(node), ([a, factor]) => {
      const value = constantValue(factor);
      if (value === undefined || value.numerator >= 0n) return undefined;
      const positive = make("Constant", [], { value: negate(value), dtype: factor.type.dtype });
      return make("Mul", [a, positive], {});
    })
  );
}

function negatedNumber(node: Node, make: Make): Node | undefined {
  const value = constantValue(node);
  return value && make("Constant", [], { value: negate(value), dtype: node.type.dtype });
}
