/** @file Cases of the rules in src/rewrite/order.ts. */
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

export const orderCases: Cases = {
  "bias-behind": {
    applies: [
      (v) => v.add(v.parameter("b", [3]), v.x),
      (v) => v.add(v.reshape(v.parameter("b", [3, 1]), [3]), v.mul(v.x, v.z)),
    ],
    conditions: {},
  },
  "gain-behind": {
    applies: [
      (v) => v.mul(v.parameter("g", [3]), v.normalize(v.x)),
      (v) => v.mul(v.parameter("g", [3]), v.rms(v.x)),
    ],
    conditions: {},
  },
  "pi-in-front": {
    applies: [(v) => v.mul(v.x, pi(v)), (v) => v.mul(v.x, v.mul(v.number(2), pi(v)))],
    conditions: {},
  },
};

const pi = (v: Values): Node => v.apply("NamedConstant", [], { name: "pi", dtype: "float32" });
