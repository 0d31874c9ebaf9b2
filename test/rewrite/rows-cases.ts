/** @file Cases of the rules in src/rewrite/rows.ts. */
import { multiplyDims, symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const B = symbol("B");
const rows = multiplyDims(4, B);

/** [B, 4, 6] as rows times a matrix [6, 6] that is made of `wide` itself. */
const product = (v: Values, equation: string): Node =>
  v.apply("Contract", [v.reshape(v.wide, [rows, 6]), v.matrix], { equation });

export const rowsCases: Cases = {
  "reduction-of-all": {
    applies: [
      (v) => v.mean(v.reshape(v.square, [9]), 0),
      (v) => v.sum(v.reshape(v.square, [9]), 0),
      (v) => v.apply("Max", [v.reshape(v.square, [9, 1])], { axes: [0, 1] }),
    ],
    conditions: {
      "of all elements": {
        near: (v) => v.sum(v.reshape(v.square, [9, 1]), 1),
        wrong: (v) => v.reshape(v.transpose(v.square, 1, 0), [9]),
      },
    },
  },
  "rows-apart": {
    applies: [
      (v) => v.reshape(product(v, "ab,bc->ac"), [B, 4, 6]),
      (v) => v.reshape(product(v, "ab,cb->ac"), [B, 4, 6]),
      (v) => v.reshape(v.apply("Tanh", [product(v, "ab,bc->ac")], {}), [B, 4, 6]),
    ],
    conditions: {
      "the axes behind are those in front": {
        near: (v) => v.reshape(product(v, "ab,bc->ac"), [4, B, 6]),
        wrong: (v) => v.transpose(v.reshape(product(v, "ab,bc->ac"), [B, 4, 6]), 1, 0, 2),
      },
    },
  },
  "turned-layer": {
    applies: [
      (v) => v.transpose(layer(v, v.transpose(v.wide, 1, 0, 2), "abc,cd->abd"), 1, 0, 2),
      (v) => v.transpose(layer(v, v.wide, "abc,dc->bad"), 1, 0, 2),
      (v) => v.transpose(normal(v, v.transpose(v.wide, 1, 0, 2)), 1, 0, 2),
    ],
    conditions: {
      "p puts the axes back": {
        near: (v) =>
          v.transpose(layer(v, v.transpose(v.stack, 1, 2, 0, 3), "abcd,ed->abce", v.square), 1, 2, 0, 3),
        wrong: (v) => layer(v, v.transpose(v.stack, 1, 2, 0, 3), "abcd,ed->abce", v.square),
      },
      "the last one stays": {
        near: (v) => v.transpose(v.add(v.transpose(v.square, 1, 0), v.row), 1, 0),
        wrong: (v) => v.add(v.square, v.row),
      },
      "along the last axis": {
        near: (v) => v.transpose(v.apply("Softmax", [v.transpose(v.wide, 1, 0, 2)], { axis: 0 }), 1, 0, 2),
        wrong: (v) => v.apply("Softmax", [v.wide], { axis: 2 }),
      },
      "products with one matrix": {
        near: (v) => v.transpose(v.contract("abc,adc->abd", behind(v), behind(v)), 1, 0, 2),
        wrong: (v) => v.reshape(v.contract("abc,adc->abd", v.wide, v.wide), [B, 4, 4]),
      },
    },
  },
};

const behind = (v: Values): Node => v.transpose(v.wide, 1, 0, 2);
function layer(v: Values, rows: Node, equation: string, matrix = v.matrix): Node {
  const product = v.apply("Contract", [rows, matrix], { equation });
  const bias = matrix === v.matrix ? v.apply("Concat", [v.row, v.row], { axis: 0 }) : v.row;
  return v.apply("Tanh", [v.add(product, bias)], {});
}
function normal(v: Values, rows: Node): Node {
  const epsilon = { numerator: 1n, denominator: 1000n };
  return v.apply("RmsNormalize", [rows], { axes: [2], epsilon });
}
