/** @file Cases of the rules in src/rewrite/reversal.ts. */
import { rational } from "../../src/base/rational.ts";
import type { Node } from "../../src/ir/graph.ts";
import { type Cases, recurrenceOver, type Values } from "./values.ts";

/** Rows in the order last, last − 1, … */
function from(v: Values, x: Node, last: number): Node {
  const number = v.apply("Constant", [], { value: rational(last), dtype: "int64" });
  const order = v.sub(number, v.apply("Iota", [], { size: 3, dtype: "int64" }));
  return v.apply("Take", [x, order], {});
}
const reversed = (v: Values, x: Node): Node => from(v, x, 2);
/** Rows 1, 0 and the last again. */
const turned = (v: Values, x: Node): Node => from(v, v.apply("Concat", [x, x], { axis: 0 }), 4);

export const reversalCases: Cases = {
  "reversed-steps": {
    applies: [
      (v) => recurrenceOver(v, reversed(v, v.square), 0),
      (v) => recurrenceOver(v, reversed(v, v.square), 0, true),
    ],
    conditions: {
      reversed: {
        near: (v) => recurrenceOver(v, turned(v, v.square), 0),
        wrong: (v) => reversed(v, recurrenceOver(v, v.square, 0, true)),
      },
    },
  },
  "reversed-twice": {
    applies: [
      (v) => reversed(v, reversed(v, v.square)),
      (v) => reversed(v, v.transpose(v.transpose(reversed(v, v.square), 1, 0), 1, 0)),
    ],
    conditions: {
      reverse: { near: (v) => turned(v, reversed(v, v.square)), wrong: (v) => v.square },
      "along one axis": {
        near: (v) => reversed(v, v.transpose(reversed(v, v.square), 1, 0)),
        wrong: (v) => v.transpose(v.square, 1, 0),
      },
    },
  },
};
