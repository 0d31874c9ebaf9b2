/** @file Rules that find gelu (Hendrycks and Gimpel 2016, §2) in the formulas that libraries and users write of it. */
import { at } from "../base/assert.ts";
import { equal, rational } from "../base/rational.ts";
import type { Node } from "../ir/graph.ts";
import { as, bothOrders, constantValue, firstOf, isNumber, type Rule } from "./rule.ts";

export const geluRules: readonly Rule[] = [
  {
    name: "gelu",
    algebra:
      "½ · a · (1 + erf(a / √2)) and ½ · a · (1 + tanh(√(2/π) (a + 0.044715 a³))) → gelu(a), its factors in any order",
    apply: (node, make) => {
      const factors = as(node, "Mul") && factorsOf(node);
      const gate = factors && firstOf(factors, gateOf);
      const [half, a] = (factors ?? []).filter((factor) => factor !== gate?.factor).sort(constantsFirst);
      if (factors?.length !== 3 || gate === undefined || a === undefined) return undefined;
      if (!isFraction(half, 1, 2)) return undefined;
      if (gate.kind === "none" && isOverRootOfTwo(gate.argument, a))
        return make("Gelu", [a], { approximate: "none" });
      return gate.kind === "tanh" && isTanhArgument(gate.argument, a)
        ? make("Gelu", [a], { approximate: "tanh" })
        : undefined;
    },
  },
];

/** The three factors of a product, however it is bracketed. */
function factorsOf(product: Node): readonly Node[] | undefined {
  return firstOf(bothOrders(product), ([inner, other]) =>
    as(inner, "Mul") === undefined ? undefined : [...inner.inputs, other],
  );
}

const constantsFirst = (x: Node, y: Node): number =>
  Number(constantValue(y) !== undefined) - Number(constantValue(x) !== undefined);

const isFraction = (node: Node | undefined, numerator: number, denominator: number): boolean => {
  const value = constantValue(node);
  return value !== undefined && equal(value, rational(numerator, denominator));
};

interface Gate {
  readonly factor: Node;
  readonly kind: "none" | "tanh";
  readonly argument: Node;
}

/** 1 + erf(b) or 1 + tanh(b). */
function gateOf(factor: Node): Gate | undefined {
  const sum = as(factor, "Add");
  return (
    sum &&
    firstOf(bothOrders(sum), ([one, wave]) => {
      const isWave = wave.op === "Erf" || wave.op === "Tanh";
      if (!isNumber(one, 1) || !isWave) return undefined;
      return { factor, kind: wave.op === "Erf" ? "none" : "tanh", argument: at(wave.inputs, 0) };
    })
  );
}

/** Whether a node is the product of another and what passes a test, in either order. */
const isProduct = (node: Node, is: (x: Node, y: Node) => boolean): boolean =>
  node.op === "Mul" && bothOrders(node).some(([x, y]) => is(x, y));

const rootOf = (node: Node | undefined): Node | undefined => as(node, "Sqrt")?.inputs[0];

/** a / √2 or a · √½. */
function isOverRootOfTwo(node: Node, a: Node): boolean {
  const quotient = as(node, "Div");
  if (quotient !== undefined) return quotient.inputs[0] === a && isNumber(rootOf(quotient.inputs[1]), 2);
  return isProduct(node, (x, y) => x === a && isFraction(rootOf(y), 1, 2));
}

/** √(2/π) · (a + 0.044715 · a³). */
const isTanhArgument = (node: Node, a: Node): boolean =>
  isProduct(node, (root, sum) => isTwoOverPi(rootOf(root)) && isSumWithCube(sum, a));

function isTwoOverPi(node: Node | undefined): boolean {
  const quotient = as(node, "Div");
  const pi = as(quotient?.inputs[1], "NamedConstant");
  return isNumber(quotient?.inputs[0], 2) && pi?.attrs.name === "pi";
}

const isSumWithCube = (node: Node, a: Node): boolean =>
  node.op === "Add" &&
  bothOrders(node).some(
    ([x, y]) =>
      x === a && isProduct(y, (factor, cube) => isFraction(factor, 44715, 1000000) && isCube(cube, a)),
  );

function isCube(node: Node, a: Node): boolean {
  const power = as(node, "Power");
  if (power !== undefined) return power.inputs[0] === a && equal(power.attrs.exponent, rational(3));
  return isProduct(node, (square, x) => x === a && as(square, "Square")?.inputs[0] === a);
}
