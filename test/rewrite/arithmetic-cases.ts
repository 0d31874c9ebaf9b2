/** @file Cases of the rules in src/rewrite/arithmetic.ts. */
import { symbol } from "../../src/ir/dim.ts";
import type { Cases } from "./values.ts";

export const arithmeticCases: Cases = {
  "double-negation": { applies: [(v) => v.neg(v.neg(v.x))], conditions: {} },
  neutral: {
    applies: [
      (v) => v.add(v.x, v.number(0)),
      (v) => v.mul(v.number(1), v.x),
      (v) => v.sub(v.x, v.number(0)),
      (v) => v.div(v.x, v.number(1)),
    ],
    conditions: {
      "the neutral number": { near: (v) => v.add(v.x, v.number(1)), wrong: (v) => v.x },
      "on the right of what doesn't commute": { near: (v) => v.sub(v.number(0), v.x), wrong: (v) => v.x },
    },
  },
  "same-choice": {
    applies: [
      (v) => v.where(v.less(v.x, v.z), v.x, v.x),
      (v) => v.where(v.less(v.x, v.z), v.number(2), v.number(2)),
    ],
    conditions: {
      "of one value": { near: (v) => v.where(v.less(v.x, v.z), v.x, v.z), wrong: (v) => v.x },
    },
  },
  "sum-of-zeros": {
    applies: [(v) => v.add(v.row, v.sum(v.stretch(v.number(0), 2, 3), 0))],
    conditions: {
      "of zeros": {
        near: (v) => v.add(v.row, v.sum(v.stretch(v.number(1), 2, 3), 0)),
        wrong: (v) => v.row,
      },
    },
  },
  "double-not": { applies: [(v) => v.not(v.not(v.less(v.x, v.z)))], conditions: {} },
  "add-negative": {
    applies: [
      (v) => v.add(v.x, v.neg(v.z)),
      (v) => v.add(v.neg(v.x), v.z),
      (v) => v.add(v.square, v.reshape(v.neg(v.row), [3, 1])),
    ],
    conditions: {},
  },
  "add-negative-product": {
    applies: [
      (v) => v.add(v.x, v.mul(v.neg(v.z), v.x)),
      (v) => v.add(v.mul(v.x, v.neg(v.z)), v.z),
      (v) => v.add(v.square, v.mul(v.square, v.reshape(v.neg(v.row), [3, 1]))),
    ],
    conditions: {},
  },
  "subtract-negative": { applies: [(v) => v.sub(v.x, v.neg(v.z))], conditions: {} },
  "subtract-negative-product": {
    applies: [
      (v) => v.sub(v.x, v.mul(v.neg(v.z), v.x)),
      (v) => v.sub(v.x, v.mul(v.x, v.neg(v.z))),
      (v) => v.sub(v.square, v.mul(v.square, v.reshape(v.neg(v.row), [3, 1]))),
    ],
    conditions: {},
  },
  "sign-outside": {
    applies: [(v) => v.sum(v.neg(v.x), 1), (v) => v.mean(v.neg(v.x), 0, 1)],
    conditions: {},
  },
  reciprocal: {
    applies: [(v) => v.div(v.number(1), v.x)],
    conditions: {
      "of 1": { near: (v) => v.div(v.number(2), v.x), wrong: (v) => v.reciprocal(v.x) },
    },
  },
  "multiply-reciprocal": {
    applies: [
      (v) => v.mul(v.x, v.reciprocal(v.z)),
      (v) => v.mul(v.reciprocal(v.x), v.z),
      (v) => v.mul(v.square, v.reshape(v.reciprocal(v.row), [3, 1])),
    ],
    conditions: {},
  },
  square: {
    applies: [(v) => v.mul(v.x, v.x), (v) => v.power(v.x, 2)],
    conditions: {
      "the same factor twice": { near: (v) => v.mul(v.x, v.z), wrong: (v) => v.squared(v.x) },
      "the exponent 2": { near: (v) => v.power(v.x, 3), wrong: (v) => v.squared(v.x) },
    },
  },
  root: {
    applies: [(v) => v.power(v.x, 1, 2), (v) => v.power(v.x, -1, 2), (v) => v.power(v.x, -1)],
    conditions: {
      "these exponents": { near: (v) => v.power(v.x, 1, 3), wrong: (v) => v.sqrt(v.x) },
    },
  },
  "log-exp": { analytic: true, applies: [(v) => v.apply("Log", [v.exp(v.x)], {})], conditions: {} },
  "log-reciprocal": {
    analytic: true,
    applies: [(v) => v.apply("Log", [v.apply("Reciprocal", [v.exp(v.z)], {})], {})],
    conditions: {},
  },
  mean: {
    applies: [
      (v) => v.div(v.sum(v.x, 1), v.number(3)),
      (v) => v.mul(v.number(1, 9), v.sum(v.square, 0, 1)),
      (v) => v.div(v.sum(v.x, 0), v.sum(v.apply("Broadcast", [v.number(1)], { shape: [symbol("B")] }), 0)),
    ],
    conditions: {
      "n is the number of summed elements": {
        near: (v) => v.div(v.sum(v.x, 1), v.number(2)),
        wrong: (v) => v.mean(v.x, 1),
      },
    },
  },
};
