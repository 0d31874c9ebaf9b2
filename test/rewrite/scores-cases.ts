/** @file Cases of the rules in src/rewrite/scores.ts. */
import { rational } from "../../src/base/rational.ts";
import { symbol } from "../../src/ir/dim.ts";
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
/** [B, 1, 1, 3]. */
const marked = (v: Values): Node => v.reshape(below(v), [symbol("B"), 1, 1, 3]);
/** [B, 2, 3, 3]. */
const thirds = (v: Values): Node => v.contract("abcd,abce->abde", v.stack, v.stack);
const both = (v: Values, a: Node, b: Node): Node => v.apply("And", [a, b], {});
/** The last two keys up to its own. */
const near = (v: Values): Node => v.less(query(v), v.add(key(v), integer(v, 2)));
const inWindow = (v: Values, window: number): Node => shown(v, v.apply("Causal", [square(v)], { window }));
const causal = (v: Values, scores = square(v)): Node => shown(v, v.apply("Causal", [scores], {}));

/** [B, 4, 4] of data. */
const table = (v: Values): Node => v.sum(square(v), 1);
const marks = (v: Values): Node =>
  v.less(v.add(v.sum(v.reshape(v.index, [symbol("B"), 1, 1, 3]), 3), query(v)), key(v));
/** [B, 4, 4] as [B, 4, 1, 4]. */
const apart = (v: Values, mask: Node): Node => v.reshape(mask, [symbol("B"), 4, 1, 4]);
const cube = (v: Values): Node => v.add(v.reshape(table(v), [symbol("B"), 1, 4, 4]), apart(v, table(v)));

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
  "masks-apart": {
    applies: [
      (v) => hidden(v, both(v, noLater(v), v.less(square(v), v.number(0)))),
      (v) => hidden(v, both(v, v.less(square(v), v.number(0)), both(v, noLater(v), near(v)))),
      (v) => hidden(v, v.reshape(both(v, noLater(v), marks(v)), [symbol("B"), 1, 4, 4])),
    ],
    conditions: {
      "of places that a shape leaves where they are": {
        near: (v) => hidden(v, apart(v, both(v, noLater(v), marks(v))), cube(v)),
        wrong: (v) => hidden(v, noLater(v), v.where(apart(v, marks(v)), cube(v), lowest(v))),
      },
      "−∞": {
        near: (v) => v.where(both(v, noLater(v), v.less(square(v), v.number(0))), square(v), v.number(-2)),
        wrong: (v) => v.where(noLater(v), square(v), v.number(-2)),
      },
    },
  },
  causal: {
    applies: [
      (v) => hidden(v, noLater(v)),
      (v) => hidden(v, v.less(key(v), v.add(query(v), integer(v, 1)))),
      (v) => hidden(v, v.less(integer(v, -1), v.sub(query(v), key(v)))),
      (v) => hidden(v, v.reshape(noLater(v), [1, 1, 4, 4])),
      (v) => hidden(v, not(v, v.less(v.transpose(v.reshape(key(v), [1, 4]), 1, 0), key(v)))),
      (v) => hidden(v, both(v, noLater(v), near(v))),
      (v) =>
        hidden(v, v.reshape(both(v, v.less(v.sub(query(v), integer(v, 3)), key(v)), noLater(v)), [1, 4, 4])),
      (v) => hidden(v, noLater(v), v.where(near(v), square(v), lowest(v))),
      (v) => hidden(v, near(v), v.apply("Causal", [square(v)], { window: 3 })),
    ],
    conditions: {
      "a position sees itself": { near: (v) => hidden(v, v.less(key(v), query(v))), wrong: causal },
      "and none behind": {
        near: (v) => hidden(v, v.less(key(v), v.add(query(v), integer(v, 2)))),
        wrong: causal,
      },
      "a window ends at the query's own key": {
        near: (v) => hidden(v, both(v, v.less(key(v), v.add(query(v), integer(v, 2))), near(v))),
        wrong: (v) => inWindow(v, 2),
      },
      "and has w of them": {
        near: (v) => hidden(v, both(v, noLater(v), v.less(query(v), v.add(key(v), integer(v, 3))))),
        wrong: (v) => inWindow(v, 2),
      },
      "nothing else hides": {
        near: (v) => hidden(v, both(v, noLater(v), v.less(v.mean(v.mean(v.wide, 2), 0), v.number(0)))),
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
  hide: {
    applies: [
      (v) => shown(v, v.where(marked(v), lowest(v), v.stack)),
      (v) => shown(v, v.where(marked(v), v.stack, lowest(v))),
      (v) => shown(v, v.where(not(v, marked(v)), v.stack, lowest(v))),
      (v) => shown(v, v.where(not(v, marked(v)), lowest(v), v.stack)),
      (v) => shown(v, v.where(v.reshape(not(v, below(v)), [symbol("B"), 1, 1, 3]), v.stack, lowest(v))),
    ],
    conditions: {
      "p where −∞ is": {
        near: (v) => shown(v, v.where(marked(v), v.stack, v.number(-2))),
        wrong: (v) => shown(v, v.apply("Hide", [v.stack, below(v)], {})),
      },
      "of the keys": {
        near: (v) => shown(v, v.where(v.reshape(below(v), [symbol("B"), 1, 3, 1]), lowest(v), thirds(v))),
        wrong: (v) => shown(v, v.apply("Hide", [thirds(v), below(v)], {})),
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
