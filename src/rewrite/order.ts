/** @file Rules about the order of operands, which sums and products leave open: x W + b, and normalize(x) * gamma. */
import type { Node } from "../ir/graph.ts";
import { isConstant, isKept, isParameterLike, isStored, normalisedAxes } from "../ops/traits.ts";
import { as, type Rule } from "./rule.ts";

export const orderRules: readonly Rule[] = [
  {
    name: "bias-behind",
    algebra: "b + a → a + b for a parameter b, rearranged perhaps, and an a that depends on inputs",
    apply: (node, make) => {
      const [bias, value] = as(node, "Add")?.inputs ?? [];
      if (bias === undefined || value === undefined || isStored(value)) return undefined;
      return isKept(bias) && isParameterLike(bias) ? make("Add", [value, bias], {}) : undefined;
    },
  },
  {
    name: "gain-behind",
    algebra: "g a → a g for a parameter g, rearranged perhaps, and an a that is normalised",
    apply: (node, make) => {
      const [gain, value] = as(node, "Mul")?.inputs ?? [];
      if (gain === undefined || value === undefined || normalisedAxes(value) === undefined) return undefined;
      return isKept(gain) && isParameterLike(gain) ? make("Mul", [value, gain], {}) : undefined;
    },
  },
  {
    name: "pi-in-front",
    algebra: "a (c π) → c π a for a number c and an a that is none",
    apply: (node, make) => {
      const [value, number] = as(node, "Mul")?.inputs ?? [];
      if (value === undefined || number === undefined || isConstant(value)) return undefined;
      return isOfPi(number) ? make("Mul", [number, value], {}) : undefined;
    },
  },
];

const isOfPi = (node: Node): boolean =>
  as(node, "NamedConstant")?.attrs.name === "pi" ||
  (isConstant(node) && as(node, "Mul")?.inputs.some(isOfPi) === true);
