/** @file Cases of the rules in src/rewrite/scores.ts. */
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const lowest = (v: Values): Node =>
  v.apply("NamedConstant", [], { name: "negative infinity", dtype: "float32" });
const below = (v: Values): Node => v.less(v.x, v.z);
const not = (v: Values, p: Node): Node => v.apply("Not", [p], {});
/** e^a, since the numbers of these cases have to be finite. */
const shown = (v: Values, scores: Node): Node => v.exp(scores);

const stacks = (v: Values): readonly [Node, Node] => [v.stack, v.exp(v.stack)];
const product = (v: Values, q: Node, k: Node): Node => v.contract("abcd,abed->abce", q, k);
const root = (v: Values, numerator: number, denominator = 1): Node =>
  v.sqrt(v.number(numerator, denominator));

export const scoresCases: Cases = {
  "masked-by-sum": {
    analytic: true,
    applies: [
      (v) => shown(v, v.add(v.x, v.where(below(v), lowest(v), v.number(0)))),
      (v) => shown(v, v.add(v.where(not(v, below(v)), lowest(v), v.number(0)), v.x)),
      (v) => shown(v, v.add(v.x, v.where(below(v), v.number(0), lowest(v)))),
      (v) => {
        const mask = v.where(v.less(v.row, v.number(0)), lowest(v), v.number(0));
        return shown(v, v.add(v.reshape(v.square, [3, 3]), v.reshape(mask, [3, 1])));
      },
    ],
    conditions: {
      "the others are added 0": {
        near: (v) => shown(v, v.add(v.x, v.where(below(v), lowest(v), v.number(1)))),
        wrong: (v) => shown(v, v.where(not(v, below(v)), v.x, lowest(v))),
      },
    },
  },
  "masked-elsewhere": {
    analytic: true,
    applies: [
      (v) => shown(v, v.where(below(v), lowest(v), v.x)),
      (v) => shown(v, v.where(not(v, below(v)), lowest(v), v.x)),
    ],
    conditions: {},
  },
  "scaled-scores": {
    applies: [
      (v) => v.mul(product(v, ...stacks(v)), root(v, 1, 3)),
      (v) => {
        const [q, k] = stacks(v);
        return product(v, v.mul(q, root(v, 1, 9)), v.mul(k, root(v, 3)));
      },
      (v) => product(v, v.apply("SplitHeads", [v.div(v.wide, root(v, 3))], { heads: 2 }), v.stack),
    ],
    conditions: {
      "1/√n altogether": {
        near: (v) => v.div(product(v, v.div(v.stack, root(v, 3)), v.stack), root(v, 3)),
        wrong: (v) => v.div(product(v, v.stack, v.stack), root(v, 3)),
      },
      "n products are summed": {
        near: (v) => v.div(product(v, v.div(v.stack, root(v, 2)), v.stack), root(v, 2)),
        wrong: (v) => v.div(product(v, v.stack, v.stack), root(v, 3)),
      },
    },
  },
};
