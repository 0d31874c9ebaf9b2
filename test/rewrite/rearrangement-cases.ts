/** @file Cases of the rules in src/rewrite/rearrangement.ts. */
import { rational } from "../../src/base/rational.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const part = (v: Values, x: Node, axis: number, start: number, stop: number): Node =>
  v.apply("Slice", [x], { axis, start, stop, step: 1 });

const two = (v: Values): Node => v.apply("Constant", [], { value: rational(2), dtype: "int64" });

export const rearrangementCases: Cases = {
  "real-cast": {
    applies: [(v) => v.apply("Cast", [v.x], { dtype: "float64" })],
    conditions: {
      "between reals": {
        near: (v) => v.apply("Cast", [v.integers()], { dtype: "bool" }),
        wrong: (v) => v.integers(),
      },
    },
  },
  "constant-cast": {
    applies: [(v) => v.apply("Cast", [two(v)], { dtype: "float64" })],
    conditions: {
      "becomes real": {
        near: (v) => v.apply("Cast", [two(v)], { dtype: "bool" }),
        wrong: (v) => two(v),
      },
    },
  },
  "cast-back": {
    applies: [
      (v) => v.apply("Cast", [v.apply("Cast", [v.less(v.x, v.z)], { dtype: "int64" })], { dtype: "bool" }),
    ],
    conditions: {
      "of booleans": {
        near: (v) =>
          v.apply("Cast", [v.apply("Cast", [v.integers()], { dtype: "int32" })], { dtype: "bool" }),
        wrong: (v) => v.integers(),
      },
    },
  },
  identity: {
    applies: [
      (v) => v.reshape(v.square, [3, 3]),
      (v) => v.transpose(v.square, 0, 1),
      (v) => v.apply("Broadcast", [v.row], { shape: [3] }),
      (v) => v.apply("Slice", [v.square], { axis: 1, start: 0, stop: 3, step: 1 }),
    ],
    conditions: {
      "rearranged in no way": { near: (v) => v.transpose(v.square, 1, 0), wrong: (v) => v.square },
    },
  },
  "transpose-around-softmax": {
    applies: [
      (v) => v.transpose(v.softmax(v.transpose(v.square, 1, 0), 0), 1, 0),
      (v) => v.transpose(v.logSoftmax(v.transpose(v.stretch(v.square, 2), 1, 2, 0)), 2, 0, 1),
    ],
    conditions: {
      "the second undoes the first": {
        near: (v) => v.transpose(v.softmax(v.transpose(v.stretch(v.square, 3), 1, 2, 0), 1), 1, 2, 0),
        wrong: (v) => v.softmax(v.stretch(v.square, 3), 2),
      },
    },
  },
  "transpose-twice": {
    applies: [
      (v) => v.transpose(v.transpose(v.stretch(v.square, 2), 1, 2, 0), 0, 2, 1),
      (v) => v.transpose(v.transpose(v.square, 1, 0), 1, 0),
    ],
    conditions: {},
  },
  "reshape-twice": {
    applies: [(v) => v.reshape(v.reshape(v.square, [9]), [1, 9]), (v) => v.stretch(v.stretch(v.row, 2), 4)],
    conditions: {
      "the same operator twice": {
        near: (v) => v.apply("Broadcast", [v.reshape(v.row, [3, 1])], { shape: [3, 3] }),
        wrong: (v) => v.apply("Broadcast", [v.row], { shape: [3, 3] }),
      },
    },
  },
  "slice-twice": {
    applies: [(v) => part(v, part(v, v.square, 0, 1, 3), 0, 1, 2)],
    conditions: {
      "along one axis": {
        near: (v) => part(v, part(v, v.square, 0, 1, 3), 1, 0, 2),
        wrong: (v) => part(v, part(v, v.square, 1, 1, 3), 0, 0, 2),
      },
      "in steps of one": {
        near: (v) => part(v, v.apply("Slice", [v.square], { axis: 0, start: 0, stop: 3, step: 2 }), 0, 1, 2),
        wrong: (v) => part(v, v.square, 0, 1, 2),
      },
    },
  },
  "slice-of-transpose": {
    applies: [
      (v) => v.apply("Slice", [v.transpose(v.square, 1, 0)], { axis: 0, start: 1, stop: 2, step: 1 }),
    ],
    conditions: {},
  },
  "reshape-of-transpose": {
    applies: [(v) => v.reshape(v.transpose(v.reshape(v.row, [3, 1]), 1, 0), [3])],
    conditions: {
      "only axes of size 1 move": {
        near: (v) => v.reshape(v.transpose(v.square, 1, 0), [9]),
        wrong: (v) => v.reshape(v.square, [9]),
      },
    },
  },
  "operand-stretch": {
    applies: [(v) => v.mul(v.square, v.stretch(v.row, 3)), (v) => v.sub(v.reshape(v.row, [1, 3]), v.x)],
    conditions: {
      "NumPy stretches by itself": {
        near: (v) => v.add(v.square, v.reshape(v.row, [3, 1])),
        wrong: (v) => v.add(v.square, v.row),
      },
    },
  },
  "elementwise-inside": {
    applies: [
      (v) => v.exp(v.reshape(v.row, [3, 1])),
      (v) => v.add(v.reshape(v.row, [3, 1]), v.number(2)),
      (v) => v.mul(v.reshape(v.row, [3, 1]), v.reshape(v.exp(v.row), [3, 1])),
      (v) => v.div(v.reshape(v.row, [1, 1, 3]), v.exp(v.row)),
    ],
    conditions: {
      "which NumPy gives by itself": {
        near: (v) => v.div(v.reshape(v.row, [3, 1, 1]), v.exp(v.row)),
        wrong: (v) => v.stretch(v.stretch(v.div(v.row, v.exp(v.row)), 1), 3),
      },
      elementwise: {
        near: (v) => v.softmax(v.reshape(v.square, [1, 3, 3]), 1),
        wrong: (v) => v.reshape(v.softmax(v.square, 1), [1, 3, 3]),
      },
    },
  },
  "elementwise-before-stretch": {
    applies: [
      (v) => v.exp(v.stretch(v.row, 2)),
      (v) => v.div(v.number(1), v.stretch(v.row, 2)),
      (v) => v.div(v.stretch(v.row, 2, 3), v.stretch(v.square, 2)),
    ],
    conditions: {
      "every tensor is stretched": {
        near: (v) => v.sub(v.stretch(v.row, 3), v.square),
        wrong: (v) => v.stretch(v.sub(v.row, v.row), 3),
      },
      elementwise: {
        near: (v) => v.softmax(v.stretch(v.square, 2), 1),
        wrong: (v) => v.stretch(v.softmax(v.square, 1), 2),
      },
    },
  },
};
