/** @file Cases of the rules in src/rewrite/joints.ts. */
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const part = (v: Values, x: Node, axis: number, start: number, stop: number): Node =>
  v.apply("Slice", [x], { axis, start, stop, step: 1 });
const joined = (v: Values, axis: number, ...parts: Node[]): Node => v.apply("Concat", parts, { axis });

const matrices = (v: Values): [Node, Node] => [v.square, v.exp(v.square)];
/** [B, 6]: two layers. */
const product = (v: Values): Node => v.contract("ab,bc->ac", v.x, joined(v, 1, ...matrices(v)));
const vectors = (v: Values): Node => joined(v, 0, v.row, v.exp(v.row));

export const jointsCases: Cases = {
  "cut-at-joints": {
    applies: [
      (v) => part(v, product(v), 1, 3, 6),
      (v) => part(v, v.add(product(v), vectors(v)), 1, 0, 3),
      (v) => part(v, v.mul(v.exp(v.add(product(v), vectors(v))), v.number(2)), 1, 3, 6),
      (v) => part(v, v.contract("ab,ac->bc", joined(v, 1, ...matrices(v)), v.square), 0, 3, 6),
    ],
    conditions: {
      "U is what i:j is": {
        near: (v) => part(v, product(v), 1, 1, 4),
        wrong: (v) => v.contract("ab,bc->ac", v.x, v.square),
      },
      "U and b are what i:j is of them": {
        near: (v) =>
          part(
            v,
            v.add(product(v), joined(v, 0, part(v, v.row, 0, 0, 2), v.row, part(v, v.row, 0, 2, 3))),
            1,
            0,
            3,
          ),
        wrong: (v) => v.add(v.contract("ab,bc->ac", v.x, v.square), v.row),
      },
      "along the joined axis": {
        near: (v) => part(v, v.contract("ab,bc->ac", v.matrix, joined(v, 0, ...matrices(v))), 0, 0, 3),
        wrong: (v) => v.square,
      },
      "elementwise f": {
        near: (v) => part(v, v.softmax(product(v), 1), 1, 0, 3),
        wrong: (v) => v.softmax(v.contract("ab,bc->ac", v.x, v.square), 1),
      },
    },
  },
};
