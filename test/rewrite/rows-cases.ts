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
};
