/** @file Cases of the rules in src/rewrite/places.ts. */
import { rational, zero } from "../../src/base/rational.ts";
import { symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const places = (v: Values): Node => v.apply("Iota", [], { size: 3, dtype: "int64" });
const integer = (v: Values, value: number): Node =>
  v.apply("Constant", [], { value: rational(value), dtype: "int64" });
/** An integer for each row. */
const label = (v: Values): Node =>
  v.reshape(v.apply("Slice", [v.index], { axis: 1, start: 0, stop: 1, step: 1 }), [symbol("B")]);
const isAt = (v: Values, place: Node, index = places(v)): Node => v.apply("Equal", [place, index], {});
const taken = (v: Values, of: Node, condition = isAt(v, v.column(label(v))), other = v.number(0)): Node =>
  v.sum(v.where(condition, of, other), 1);
const element = (v: Values): Node => v.apply("TakeAlong", [v.x, label(v)], { axis: 1 });

const rankOf = (v: Values, of: Node, axis = 1): Node => v.apply("Rank", [of], { axis });
const first = (v: Values, ranks: Node, place = 0, index = places(v), other = integer(v, 0)): Node =>
  v.sum(v.where(v.apply("Equal", [ranks, integer(v, place)], {}), index, other), 1);
const argmax = (v: Values): Node => v.apply("Argmax", [v.x], { axis: 1 });

const isSmall = (v: Values): Node => v.less(v.x, v.exp(v.x));
const no = (v: Values): Node => v.apply("Constant", [], { value: zero, dtype: "bool" });

export const placesCases: Cases = {
  "element-at-place": {
    applies: [
      (v) => taken(v, v.x),
      (v) => taken(v, v.x, isAt(v, places(v), v.column(label(v)))),
      (v) => v.sum(v.where(isAt(v, v.column(label(v))), v.x, v.number(0)), 0, 1),
      (v) => taken(v, v.x, isAt(v, v.apply("Slice", [v.index], { axis: 1, start: 1, stop: 2, step: 1 }))),
    ],
    conditions: {
      "0 elsewhere": {
        near: (v) => taken(v, v.x, isAt(v, v.column(label(v))), v.number(1)),
        wrong: element,
      },
      "places count from 0": {
        near: (v) => taken(v, v.x, isAt(v, v.column(label(v)), v.add(places(v), integer(v, 1)))),
        wrong: element,
      },
      "elements are numbers": {
        near: (v) => taken(v, isSmall(v), isAt(v, v.column(label(v))), no(v)),
        wrong: (v) => v.sum(isSmall(v), 1),
      },
      "one place for each row": {
        near: (v) => taken(v, v.x, isAt(v, v.index)),
        wrong: element,
      },
      "places are integers": {
        near: (v) => taken(v, v.x, isAt(v, v.column(v.mean(v.x, 1)))),
        wrong: element,
      },
    },
  },
  "place-of-extreme": {
    applies: [(v) => first(v, rankOf(v, v.x)), (v) => first(v, rankOf(v, v.neg(v.x)))],
    conditions: {
      "the first in the order": { near: (v) => first(v, rankOf(v, v.x), 1), wrong: argmax },
      "along the axis of the order": { near: (v) => first(v, rankOf(v, v.x, 0)), wrong: argmax },
      "places count from 0": {
        near: (v) => first(v, rankOf(v, v.x), 0, v.add(places(v), integer(v, 1))),
        wrong: argmax,
      },
      "0 elsewhere": {
        near: (v) => first(v, rankOf(v, v.x), 0, places(v), integer(v, 1)),
        wrong: argmax,
      },
    },
  },
};
