/** @file Cases of the rules in src/rewrite/scores.ts. */
import { rational } from "../../src/base/rational.ts";
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

/** [B, 2, 4, 4]. */
const square = (v: Values): Node => product(v, v.stack, v.stack);
const integer = (v: Values, value: number): Node =>
  v.apply("Constant", [], { value: rational(value), dtype: "int64" });
const positions = (v: Values, size: number): Node => v.apply("Iota", [], { size, dtype: "int64" });
/** The indices of the last two axes. */
const query = (v: Values): Node => v.reshape(positions(v, 4), [4, 1]);
const key = (v: Values): Node => positions(v, 4);
const hidden = (v: Values, seen: Node, scores = square(v)): Node =>
  shown(v, v.where(seen, scores, lowest(v)));
const noLater = (v: Values): Node => not(v, v.less(query(v), key(v)));
const causal = (v: Values, scores = square(v)): Node => shown(v, v.apply("Causal", [scores], {}));

export const scoresCases: Cases = {
  "masked-by-sum": {
    analytic: true,
    applies: [
      (v) => shown(v, v.add(v.x, v.where(below(v), lowest(v), v.number(0)))),
      (v) => shown(v, v.add(v.where(not(v, below(v)), lowest(v), v.number(0)), v.x)),
      (v) => shown(v, v.add(v.x, v.where(below(v), v.number(0), lowest(v)))),
      (v) => shown(v, v.add(v.x, v.where(below(v), v.number(2), lowest(v)))),
      (v) => {
        const table = v.apply("Cast", [v.apply("Iota", [], { size: 3, dtype: "int64" })], {
          dtype: "float32",
        });
        const mask = v.where(v.less(v.row, v.number(0)), table, lowest(v));
        return shown(v, v.add(v.square, v.reshape(mask, [3, 1])));
      },
      (v) => {
        const mask = v.where(v.less(v.row, v.number(0)), lowest(v), v.number(0));
        return shown(v, v.add(v.reshape(v.square, [3, 3]), v.reshape(mask, [3, 1])));
      },
    ],
    conditions: {
      "what is added does not depend on data": {
        near: (v) => shown(v, v.add(v.x, v.where(below(v), v.z, lowest(v)))),
        wrong: (v) => shown(v, v.where(below(v), v.x, lowest(v))),
      },
      "what hides is −∞": {
        near: (v) => shown(v, v.add(v.x, v.where(below(v), v.number(-5), v.number(0)))),
        wrong: (v) => shown(v, v.where(not(v, below(v)), v.x, v.number(-5))),
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
  causal: {
    applies: [
      (v) => hidden(v, noLater(v)),
      (v) => hidden(v, v.less(key(v), v.add(query(v), integer(v, 1)))),
      (v) => hidden(v, v.less(integer(v, -1), v.sub(query(v), key(v)))),
      (v) => hidden(v, v.reshape(noLater(v), [1, 1, 4, 4])),
      (v) => hidden(v, not(v, v.less(v.transpose(v.reshape(key(v), [1, 4]), 1, 0), key(v)))),
    ],
    conditions: {
      "a position sees itself": { near: (v) => hidden(v, v.less(key(v), query(v))), wrong: causal },
      "and none behind": {
        near: (v) => hidden(v, v.less(key(v), v.add(query(v), integer(v, 2)))),
        wrong: causal,
      },
      "the last axis is that of the keys": {
        near: (v) => hidden(v, not(v, v.less(key(v), query(v)))),
        wrong: causal,
      },
      "the queries are on the axis before": {
        near: (v) => {
          const first = v.reshape(positions(v, 2), [2, 1, 1]);
          return hidden(v, not(v, v.less(first, key(v))));
        },
        wrong: causal,
      },
      "the indices are counted alike": {
        near: (v) => hidden(v, not(v, v.less(v.mul(query(v), integer(v, 2)), key(v)))),
        wrong: causal,
      },
      "of one size": {
        near: (v) => hidden(v, not(v, v.less(query(v), positions(v, 3))), v.stack),
        wrong: (v) => hidden(v, v.less(positions(v, 3), query(v)), v.stack),
      },
      "−∞": {
        near: (v) => v.where(noLater(v), square(v), v.number(-2)),
        wrong: causal,
      },
      "the scores are not stretched": {
        near: (v) => hidden(v, noLater(v), v.reshape(v.row, [3, 1, 1])),
        wrong: (v) => hidden(v, v.less(key(v), query(v)), v.reshape(v.row, [3, 1, 1])),
      },
    },
  },
  "causal-twice": {
    analytic: true,
    applies: [(v) => causal(v, v.apply("Causal", [square(v)], {}))],
    conditions: {
      "both causal": {
        near: (v) => causal(v, v.softmax(square(v), 3)),
        wrong: (v) => shown(v, v.softmax(square(v), 3)),
      },
    },
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
