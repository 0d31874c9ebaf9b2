/** @file Cases of the rules in src/rewrite/positions.ts. */
import { rational } from "../../src/base/rational.ts";
import type { Dim } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const range = (v: Values, size: Dim): Node => v.apply("Iota", [], { size, dtype: "int64" });
const take = (v: Values, table: Node, indices: Node): Node => v.apply("Take", [table, indices], {});
const slice = (v: Values, x: Node, axis: number, start: number, stop: number): Node =>
  v.apply("Slice", [x], { axis, start, stop, step: 1 });
const joined = (v: Values): Node => {
  const column = v.reshape(range(v, 3), [3, 1]);
  return v.apply("Concat", [column, v.apply("Neg", [column], {})], { axis: 1 });
};
const integer = (v: Values, value: number): Node =>
  v.apply("Constant", [], { value: rational(value), dtype: "int64" });
const choice = (v: Values, a: number, b: number): Node => v.where(v.less(v.x, v.z), v.number(a), v.number(b));
const isEqual = (v: Values, a: Node, b: number): Node => v.apply("Equal", [a, v.number(b)], {});

export const positionsCases: Cases = {
  "take-range": {
    applies: [
      (v) => take(v, v.square, range(v, 2)),
      (v) => take(v, v.square, v.reshape(range(v, 2), [1, 2])),
      (v) => take(v, v.square, v.stretch(range(v, 2), 4)),
      (v) => take(v, v.square, v.add(range(v, 2), integer(v, 1))),
      (v) => take(v, v.square, v.stretch(v.reshape(range(v, 2), [2, 1, 1]), 4)),
    ],
    conditions: {
      "in order": {
        near: (v) => take(v, v.square, v.sub(integer(v, 2), range(v, 3))),
        wrong: (v) => v.square,
      },
      "from a row on that is there": {
        near: (v) => take(v, v.square, v.sub(range(v, 2), integer(v, 1))),
        wrong: (v) => slice(v, v.square, 0, 0, 2),
      },
    },
  },
  "take-one": {
    applies: [
      (v) => take(v, v.square, v.stretch(integer(v, 2), 4)),
      (v) => take(v, v.row, v.stretch(integer(v, 0), 2, 3)),
      (v) => take(v, v.square, v.stretch(integer(v, -1), 4)),
    ],
    conditions: {
      "one number everywhere": {
        near: (v) => take(v, v.square, v.stretch(range(v, 2), 4)),
        wrong: (v) => v.stretch(v.reshape(slice(v, v.square, 0, 0, 1), [3]), 4, 2),
      },
    },
  },
  "slice-of-positions": {
    applies: [
      (v) => slice(v, range(v, 4), 0, 1, 3),
      (v) => slice(v, joined(v), 0, 0, 2),
      (v) => slice(v, v.reshape(joined(v), [3, 1, 2]), 0, 1, 2),
      (v) => slice(v, v.stretch(range(v, 4), 2), 1, 0, 3),
      (v) => slice(v, v.less(v.reshape(range(v, 4), [4, 1]), range(v, 5)), 0, 1, 3),
    ],
    conditions: {
      "of positions": {
        near: (v) => slice(v, v.square, 0, 1, 3),
        wrong: (v) => slice(v, v.square, 0, 0, 2),
      },
      "in steps of 1": {
        near: (v) => v.apply("Slice", [range(v, 4)], { axis: 0, start: 0, stop: 4, step: 2 }),
        wrong: (v) => range(v, 2),
      },
    },
  },
  "truth-of-choice": {
    applies: [
      (v) => isEqual(v, choice(v, 3, 2), 3),
      (v) => isEqual(v, choice(v, 3, 2), 2),
      (v) => isEqual(v, v.apply("Cast", [v.less(v.x, v.z)], { dtype: "float32" }), 0),
    ],
    conditions: {
      "of different numbers": {
        near: (v) => isEqual(v, choice(v, 2, 2), 2),
        wrong: (v) => v.less(v.x, v.z),
      },
      "one of the two numbers": {
        near: (v) => isEqual(v, choice(v, 3, 2), 4),
        wrong: (v) => v.apply("Not", [v.less(v.x, v.z)], {}),
      },
    },
  },
};
