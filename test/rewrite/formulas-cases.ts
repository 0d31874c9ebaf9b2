/** @file Cases of the rules in src/rewrite/formulas.ts. */
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const logOf = (v: Values, base: number): Node => v.apply("Log", [v.number(base)], {});
/** Part of the last axis of [B, 4, 6]. */
const part = (v: Values, start: number, stop: number, step = 1): Node =>
  v.apply("Slice", [v.wide], { axis: 2, start, stop, step });
const joined = (v: Values, ...parts: Node[]): Node => v.apply("Concat", parts, { axis: 2 });
const turned = (v: Values): Node => v.apply("RotateHalf", [v.wide], {});

const places = (v: Values, size: number): Node => v.apply("Iota", [], { size, dtype: "int64" });
const tenTo = (v: Values, exponent: Node): Node =>
  v.apply("PowerOf", [exponent], { base: { numerator: 10n, denominator: 1n } });

export const formulasCases: Cases = {
  "power-of-number": {
    applies: [
      (v) => v.exp(v.mul(v.x, logOf(v, 10000))),
      (v) => v.exp(v.mul(logOf(v, 2), v.x)),
      (v) => v.exp(v.neg(v.mul(v.x, logOf(v, 10000)))),
      (v) => v.exp(v.div(v.mul(v.x, v.neg(logOf(v, 10000))), v.number(8))),
      (v) => v.exp(v.mul(v.div(logOf(v, 2), v.exp(v.z)), v.x)),
      (v) => v.exp(v.mul(v.x, v.mul(v.number(1, 8), logOf(v, 10)))),
    ],
    conditions: {
      "in the product": {
        near: (v) => v.exp(v.add(v.x, logOf(v, 10))),
        wrong: (v) => tenTo(v, v.x),
      },
      "of a number": {
        near: (v) => v.exp(v.mul(v.x, v.apply("Log", [v.exp(v.z)], {}))),
        wrong: (v) => v.apply("PowerOf", [v.x], { base: { numerator: 2n, denominator: 1n } }),
      },
    },
  },
  "sign-in-front": {
    applies: [
      (v) => v.div(v.mul(v.number(-2), v.x), v.number(4)),
      (v) => v.div(v.neg(v.x), v.exp(v.z)),
      (v) => v.neg(v.where(v.less(v.x, v.z), v.number(2), v.number(-3))),
    ],
    conditions: {
      "for a number c > 0": {
        near: (v) => v.div(v.mul(v.number(2), v.x), v.number(4)),
        wrong: (v) => v.neg(v.div(v.mul(v.number(2), v.x), v.number(4))),
      },
    },
  },
  "common-factor": {
    applies: [
      (v) => v.sub(v.mul(v.x, v.z), v.mul(v.x, v.exp(v.x))),
      (v) => v.sub(v.mul(v.z, v.x), v.mul(v.exp(v.x), v.z)),
      (v) => v.sub(v.mul(v.row, v.z), v.mul(v.x, v.row)),
    ],
    conditions: {
      "a common factor": {
        near: (v) => v.sub(v.mul(v.x, v.z), v.mul(v.exp(v.x), v.exp(v.z))),
        wrong: (v) => v.mul(v.x, v.sub(v.z, v.exp(v.z))),
      },
    },
  },
  "nothing-taken": {
    applies: [(v) => v.sub(v.x, v.mul(v.z, v.number(0))), (v) => v.sub(v.x, v.mul(v.number(0), v.row))],
    conditions: {
      "a factor 0": { near: (v) => v.sub(v.x, v.mul(v.z, v.number(1))), wrong: (v) => v.x },
    },
  },
  "quotient-of-multiple": {
    applies: [
      (v) => v.div(v.mul(v.x, v.number(4)), v.number(4)),
      (v) => v.div(v.mul(v.number(1, 2), v.x), v.number(1, 2)),
    ],
    conditions: {
      "the same number": {
        near: (v) => v.div(v.mul(v.x, v.number(4)), v.number(2)),
        wrong: (v) => v.x,
      },
      "a number": {
        near: (v) => v.div(v.mul(v.x, v.z), v.row),
        wrong: (v) => v.x,
      },
    },
  },
  frequency: {
    applies: [
      (v) => v.mul(v.x, tenTo(v, v.div(places(v, 3), v.number(3)))),
      (v) => v.mul(v.x, tenTo(v, v.neg(v.div(places(v, 3), v.number(3))))),
    ],
    conditions: {
      "c^(j / m)": {
        near: (v) => v.mul(v.x, tenTo(v, v.div(v.row, v.number(3)))),
        wrong: (v) => v.mul(v.x, tenTo(v, v.div(v.mul(v.number(2), v.row), v.number(3)))),
      },
      "j counts 0, 1, … m − 1": {
        near: (v) => v.mul(v.x, tenTo(v, v.div(places(v, 3), v.number(4)))),
        wrong: (v) => v.mul(v.x, tenTo(v, v.div(v.mul(v.number(2), places(v, 3)), v.number(6)))),
      },
    },
  },
  "rotate-half": {
    applies: [(v) => joined(v, v.neg(part(v, 3, 6)), part(v, 0, 3))],
    conditions: {
      "the second half comes first": {
        near: (v) => joined(v, v.neg(part(v, 0, 3)), part(v, 3, 6)),
        wrong: turned,
      },
      halves: { near: (v) => joined(v, v.neg(part(v, 2, 6)), part(v, 0, 2)), wrong: turned },
      "its sign is changed": { near: (v) => joined(v, part(v, 3, 6), part(v, 0, 3)), wrong: turned },
      "no step between": {
        near: (v) => joined(v, v.neg(part(v, 1, 6, 2)), part(v, 0, 6, 2)),
        wrong: turned,
      },
    },
  },
};
