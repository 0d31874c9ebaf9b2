/** @file Cases of the rules in src/rewrite/stacks.ts. */
import { symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const B = symbol("B");

/** [B, 3] values with a new axis of size 1. */
const behind = (v: Values, a: Node): Node => v.reshape(a, [B, 3, 1]);
const joined = (v: Values, axis: number, ...parts: Node[]): Node => v.apply("Concat", parts, { axis });

export const stacksCases: Cases = {
  stack: {
    applies: [
      (v) => joined(v, 2, behind(v, v.x), behind(v, v.z)),
      (v) => joined(v, 0, v.reshape(v.x, [1, B, 3]), v.reshape(v.z, [1, B, 3]), v.reshape(v.x, [1, B, 3])),
      (v) => joined(v, 0, v.reshape(v.number(2), [1]), v.reshape(v.mean(v.row, 0), [1])),
    ],
    conditions: {
      "joined along this axis": {
        near: (v) => joined(v, 1, behind(v, v.x), behind(v, v.z)),
        wrong: (v) => v.reshape(v.apply("Stack", [v.x, v.z], { axis: 2 }), [B, 6, 1]),
      },
      "of one shape": {
        near: (v) => joined(v, 0, v.reshape(v.row, [1, 3]), v.reshape(v.matrix, [12, 3])),
        wrong: (v) =>
          v.reshape(
            v.apply("Concat", [v.reshape(v.matrix, [12, 3]), v.reshape(v.row, [1, 3])], { axis: 0 }),
            [13, 3],
          ),
      },
    },
  },
};
