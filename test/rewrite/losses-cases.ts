/** @file Cases of the rules in src/rewrite/losses.ts. */
import { symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const softplus = (v: Values, a: Node): Node => v.apply("Softplus", [a], {});
const equal = (v: Values, a: Node, b: Node): Node => v.apply("Equal", [a, b], {});
const isPlace = (v: Values): Node => equal(v, v.index, v.apply("Iota", [], { size: 3, dtype: "int64" }));
const truth = (v: Values, condition: Node): Node => v.apply("Cast", [condition], { dtype: "float32" });
const batchSize = (v: Values): Node =>
  v.sum(v.apply("Broadcast", [v.number(1)], { shape: [symbol("B")] }), 0);

export const lossesCases: Cases = {
  "softplus-of-negative": {
    applies: [(v) => v.sub(softplus(v, v.x), v.x)],
    conditions: {
      "of the same value": {
        near: (v) => v.sub(softplus(v, v.x), v.z),
        wrong: (v) => softplus(v, v.neg(v.x)),
      },
      "softplus first": {
        near: (v) => v.sub(v.x, softplus(v, v.x)),
        wrong: (v) => softplus(v, v.neg(v.x)),
      },
    },
    analytic: true,
  },
  "never-zero": {
    applies: [
      (v) => v.where(equal(v, v.softmax(v.x, 1), v.number(0)), v.x, v.z),
      (v) => v.where(equal(v, v.number(0), v.softmax(v.square, 0)), v.square, v.row),
    ],
    conditions: {
      "a softmax": {
        near: (v) => v.where(equal(v, v.apply("Relu", [v.x], {}), v.number(0)), v.x, v.z),
        wrong: (v) => v.z,
      },
      "asked for zero": {
        near: (v) => v.where(equal(v, v.softmax(v.column(v.mean(v.x, 1)), 1), v.number(1)), v.x, v.z),
        wrong: (v) => v.z,
      },
    },
    analytic: true,
  },
  chosen: {
    applies: [
      (v) => v.sum(v.mul(v.x, truth(v, isPlace(v))), 1),
      (v) => v.sum(v.mul(truth(v, isPlace(v)), v.x), 1),
    ],
    conditions: {},
  },
  "mean-of-sums": {
    applies: [
      (v) => v.div(v.sum(v.x, 0, 1), batchSize(v)),
      (v) => v.div(v.sum(v.transpose(v.x, 1, 0), 0, 1), batchSize(v)),
    ],
    conditions: {
      "n is the size of one of them": {
        near: (v) => v.div(v.sum(v.x, 0, 1), v.number(3)),
        wrong: (v) => v.mean(v.sum(v.x, 1), 0),
      },
    },
  },
  "unit-axis-outside": {
    applies: [
      (v) => v.add(v.reshape(v.mean(v.x, 1), [symbol("B"), 1, 1]), v.row),
      (v) => v.mul(v.number(2), v.reshape(v.row, [3, 1])),
      (v) => v.sub(v.row, v.reshape(v.x, [symbol("B"), 1, 3])),
    ],
    conditions: {},
  },
};
