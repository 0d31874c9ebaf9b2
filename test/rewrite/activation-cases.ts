/** @file Cases of the rules in src/rewrite/activation.ts. */
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

export const activationCases: Cases = {
  relu: {
    applies: [
      (v) => v.apply("Maximum", [v.x, v.number(0)], {}),
      (v) => v.apply("Maximum", [v.number(0), v.x], {}),
      (v) => v.where(v.less(v.number(0), v.x), v.x, v.number(0)),
    ],
    conditions: {
      zero: {
        near: (v) => v.apply("Maximum", [v.x, v.number(1)], {}),
        wrong: (v) => v.apply("Relu", [v.x], {}),
      },
      "chosen by its own sign": {
        near: (v) => v.where(v.less(v.number(0), v.z), v.x, v.number(0)),
        wrong: (v) => v.apply("Relu", [v.x], {}),
      },
      "0 where a is negative, not where it is positive": {
        near: (v) => v.where(v.less(v.x, v.number(0)), v.x, v.number(0)),
        wrong: (v) => v.apply("Relu", [v.x], {}),
      },
    },
  },
  "leaky-relu": {
    applies: [
      (v) => v.where(v.less(v.x, v.number(0)), v.mul(v.number(1, 100), v.x), v.x),
      (v) => v.where(v.not(v.less(v.x, v.number(0))), v.x, v.mul(v.x, v.number(1, 100))),
      (v) => v.where(v.not(v.less(v.number(0), v.x)), v.mul(v.x, v.number(1, 100)), v.x),
    ],
    conditions: {
      "the scaled branch where a is negative": {
        near: (v) => v.where(v.less(v.number(0), v.x), v.mul(v.number(1, 100), v.x), v.x),
        wrong: (v) => v.leakyRelu(v.x),
      },
      "of the same value": {
        near: (v) => v.where(v.less(v.x, v.number(0)), v.mul(v.number(1, 100), v.z), v.x),
        wrong: (v) => v.leakyRelu(v.x),
      },
    },
  },
  elu: {
    applies: [(v) => v.where(v.less(v.number(0), v.x), v.x, v.sub(v.exp(v.x), v.number(1)))],
    conditions: {
      "minus 1": {
        near: (v) => v.where(v.less(v.number(0), v.x), v.x, v.sub(v.exp(v.x), v.number(2))),
        wrong: (v) => v.apply("Elu", [v.x], {}),
      },
      "of the same value": {
        near: (v) => v.where(v.less(v.number(0), v.x), v.x, v.sub(v.exp(v.z), v.number(1))),
        wrong: (v) => v.apply("Elu", [v.x], {}),
      },
    },
  },
  softplus: {
    applies: [(v) => v.apply("Log", [v.add(v.number(1), v.exp(v.x))], {})],
    conditions: {
      "plus 1": {
        near: (v) => v.apply("Log", [v.add(v.number(2), v.exp(v.x))], {}),
        wrong: (v) => v.apply("Softplus", [v.x], {}),
      },
    },
  },
  sigmoid: {
    applies: [(v) => v.reciprocal(v.add(v.exp(v.neg(v.x)), v.number(1)))],
    conditions: {
      "plus 1": {
        near: (v) => v.reciprocal(v.add(v.exp(v.neg(v.x)), v.number(2))),
        wrong: (v) => v.sigmoid(v.x),
      },
      "a negative exponent": {
        near: (v) => v.reciprocal(v.add(v.number(1), v.exp(v.x))),
        wrong: (v) => v.sigmoid(v.x),
      },
    },
  },
  silu: {
    applies: [(v) => v.mul(v.x, v.sigmoid(v.x)), (v) => v.mul(v.sigmoid(v.x), v.x)],
    conditions: {
      "its own gate": {
        near: (v) => v.mul(v.z, v.sigmoid(v.x)),
        wrong: (v) => v.apply("Silu", [v.x], {}),
      },
    },
  },
  gelu: {
    applies: [
      (v) => v.mul(v.mul(v.number(1, 2), v.x), v.add(v.number(1), gate(v, "Erf", v.x))),
      (v) => v.mul(v.x, v.mul(v.number(1, 2), v.add(gate(v, "Erf", v.x), v.number(1)))),
      (v) => v.mul(v.mul(v.number(1, 2), v.add(v.number(1), gate(v, "Tanh", v.x))), v.x),
      (v) => v.mul(v.x, v.mul(v.add(v.number(1), erfOfProduct(v, v.x)), v.number(1, 2))),
    ],
    conditions: {
      half: {
        near: (v) => v.mul(v.mul(v.number(1, 3), v.x), v.add(v.number(1), gate(v, "Erf", v.x))),
        wrong: (v) => v.apply("Gelu", [v.x], { approximate: "none" }),
      },
      "its own gate": {
        near: (v) => v.mul(v.mul(v.number(1, 2), v.z), v.add(v.number(1), gate(v, "Tanh", v.x))),
        wrong: (v) => v.apply("Gelu", [v.z], { approximate: "tanh" }),
      },
      "the root of two": {
        near: (v) =>
          v.mul(
            v.mul(v.number(1, 2), v.x),
            v.add(v.number(1), v.apply("Erf", [v.div(v.x, v.sqrt(v.number(3)))], {})),
          ),
        wrong: (v) => v.apply("Gelu", [v.x], { approximate: "none" }),
      },
      "the factor of the cube": {
        near: (v) => v.mul(v.mul(v.number(1, 2), v.x), v.add(v.number(1), gate(v, "Tanh", v.x, 44716))),
        wrong: (v) => v.apply("Gelu", [v.x], { approximate: "tanh" }),
      },
    },
  },
};

/** erf(a / √2), or tanh(√(2/π) (a + f a³)) with f in millionths. */
function gate(v: Values, op: "Erf" | "Tanh", a: Node, factor = 44715): Node {
  if (op === "Erf") return v.apply(op, [v.div(a, v.sqrt(v.number(2)))], {});
  const root = v.sqrt(v.div(v.number(2), v.apply("NamedConstant", [], { name: "pi", dtype: a.type.dtype })));
  return v.apply(op, [v.mul(root, v.add(a, v.mul(v.number(factor, 1000000), v.power(a, 3))))], {});
}
const erfOfProduct = (v: Values, a: Node): Node => v.apply("Erf", [v.mul(a, v.sqrt(v.number(1, 2)))], {});
