/** @file Cases of the rules in src/rewrite/units.ts. */
import { symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const B = symbol("B");
/** [B, 4, 6] with an axis of size 1 in the middle, and [B, 3] with one in front. */
const middle = (v: Values): Node => v.reshape(v.wide, [B, 4, 1, 6]);
const front = (v: Values, x = v.x): Node => v.reshape(x, [1, B, 3]);
const maximum = (v: Values, x: Node, ...axes: number[]): Node => v.apply("Max", [x], { axes });

export const unitsCases: Cases = {
  "transpose-of-units": {
    applies: [(v) => v.transpose(middle(v), 2, 0, 1, 3), (v) => v.transpose(middle(v), 0, 1, 3, 2)],
    conditions: {
      "only axes of size 1 move": {
        near: (v) => v.transpose(v.reshape(v.square, [3, 1, 3]), 2, 1, 0),
        wrong: (v) => v.reshape(v.square, [3, 1, 3]),
      },
      "only axes of size 1 are added": {
        near: (v) => v.transpose(v.reshape(v.matrix, [4, 1, 9]), 1, 0, 2),
        wrong: (v) => v.reshape(v.transpose(v.matrix, 1, 0), [1, 4, 9]),
      },
    },
  },
  "reshape-of-copies": {
    applies: [(v) => v.reshape(v.stretch(v.number(2), 6), [2, 3])],
    conditions: {
      "a scalar": {
        near: (v) => v.reshape(v.stretch(v.row, 2), [3, 2]),
        wrong: (v) => v.transpose(v.stretch(v.row, 2), 1, 0),
      },
    },
  },
  "stretch-by-units": {
    applies: [(v) => v.stretch(v.row, 1, 1)],
    conditions: {
      "axes of size 1": {
        near: (v) => v.exp(v.stretch(v.row, 2)),
        wrong: (v) => v.stretch(v.row, 2),
      },
    },
  },
  "softmax-inside": {
    applies: [(v) => v.softmax(middle(v), 3), (v) => v.softmax(middle(v), 1)],
    conditions: {
      "along an axis of a": {
        near: (v) => v.softmax(middle(v), 2),
        wrong: (v) => v.reshape(v.softmax(v.wide, 1), [B, 4, 1, 6]),
      },
      "the reshape only adds axes of size 1": {
        near: (v) => v.softmax(v.reshape(v.wide, [B, 4, 2, 1, 3]), 4),
        wrong: (v) => v.reshape(v.softmax(v.wide, 2), [B, 4, 2, 1, 3]),
      },
    },
  },
  "reduction-inside": {
    applies: [
      (v) => v.sum(middle(v), 1, 3),
      (v) => maximum(v, middle(v), 3),
      (v) => v.sum(v.reshape(v.x, [B, 1, 3]), 0, 2),
      (v) => v.sum(v.reshape(v.x, [B, 1, 3]), 1),
      (v) => v.mean(v.reshape(v.x, [B, 3, 1]), 1),
      (v) => v.mean(v.reshape(v.column(v.mean(v.x, 1)), [B]), 0),
    ],
    conditions: {
      "only axes of size 1 come or go": {
        near: (v) => v.sum(v.reshape(v.wide, [B, 6, 4]), 1),
        wrong: (v) => v.sum(v.wide, 2),
      },
    },
  },
  "units-in-front": {
    applies: [
      (v) => v.sub(v.x, front(v, v.exp(v.x))),
      (v) => v.sub(v.x, v.reshape(v.mean(v.x, 1), [1, B, 1])),
      (v) => v.where(front(v, v.less(v.x, v.number(0))), v.number(1), v.x),
    ],
    conditions: {
      "in front": {
        near: (v) => v.sub(v.square, v.reshape(v.square, [3, 1, 3])),
        wrong: (v) => v.stretch(v.sub(v.square, v.square), 3),
      },
      "of size 1": {
        near: (v) => v.sub(v.row, v.reshape(v.square, [3, 3])),
        wrong: (v) => v.neg(v.square),
      },
    },
  },
  "product-beside-units": {
    applies: [
      (v) => v.contract("abcd,de->abce", middle(v), v.matrix),
      (v) => v.contract("ab,bcd->cad", v.matrix, v.reshape(v.matrix, [6, 1, 6])),
    ],
    conditions: {
      "that b has not": {
        near: (v) =>
          v.contract("abc,dbe->adce", v.reshape(v.square, [3, 1, 3]), v.reshape(v.square, [3, 1, 3])),
        wrong: (v) =>
          v.neg(v.contract("abc,dbe->adce", v.reshape(v.square, [3, 1, 3]), v.reshape(v.square, [3, 1, 3]))),
      },
      "the reshape gives axes of size 1": {
        near: (v) => v.contract("abc,cd->abd", v.reshape(v.matrix, [1, 12, 3]), v.square),
        wrong: (v) => v.reshape(v.contract("ab,bc->ac", v.matrix, v.matrix), [1, 12, 3]),
      },
    },
  },
};
