/** @file Cases of the rules in src/rewrite/truths.ts. */
import { rational } from "../../src/base/rational.ts";
import type { Dim } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const range = (v: Values, size: Dim): Node => v.apply("Iota", [], { size, dtype: "int64" });
const integer = (v: Values, value: number): Node =>
  v.apply("Constant", [], { value: rational(value), dtype: "int64" });
const column = (v: Values, size: number): Node => v.reshape(range(v, size), [size, 1]);
const isEqual = (v: Values, a: Node, b: Node): Node => v.apply("Equal", [a, b], {});
const and = (v: Values, a: Node, b: Node): Node => v.apply("And", [a, b], {});
const truth = (v: Values, value: boolean, ...shape: number[]): Node =>
  v.stretch(v.apply("Constant", [], { value: rational(value ? 1 : 0), dtype: "bool" }), ...shape);
const joined = (v: Values, ...parts: Node[]): Node => v.apply("Concat", parts, { axis: 0 });
const slice = (v: Values, a: Node, start: number, stop: number, step = 1): Node =>
  v.apply("Slice", [a], { axis: 0, start, stop, step });
/** 0, 1, … n − 1 behind a number. */
const after = (v: Values, first: number, size: number): Node =>
  joined(v, v.reshape(integer(v, first), [1]), range(v, size));
const below = (v: Values): Node => v.less(v.square, v.number(0));
const counted = (v: Values, mask: Node): Node => v.apply("Cast", [mask], { dtype: "int64" });
const noLater = (v: Values, size: number, by = 0): Node =>
  counted(v, v.not(v.less(v.add(column(v, size), integer(v, by)), range(v, size))));
const cumulated = (v: Values, mask: Node, numbers: Node): Node => v.contract("ab,b->a", mask, numbers);

export const truthsCases: Cases = {
  "certain-comparison": {
    applies: [
      (v) => v.less(range(v, 4), v.add(range(v, 4), integer(v, 1))),
      (v) => v.less(v.add(range(v, 4), integer(v, 1)), integer(v, 1)),
      (v) =>
        isEqual(v, v.sub(slice(v, after(v, -1, 4), 1, 5), slice(v, after(v, -1, 4), 0, 4)), integer(v, 1)),
      (v) =>
        isEqual(v, after(v, 3, 1), joined(v, v.reshape(integer(v, 3), [1]), v.reshape(integer(v, 0), [1]))),
      (v) => isEqual(v, slice(v, range(v, 6), 1, 6, 2), v.add(range(v, 3), range(v, 3))),
      (v) => isEqual(v, v.sub(integer(v, -1), range(v, 4)), range(v, 4)),
    ],
    conditions: {
      "not only at some places": {
        near: (v) => v.less(range(v, 4), integer(v, 3)),
        wrong: (v) => truth(v, true, 4),
      },
      "parts go on counting": {
        near: (v) => isEqual(v, after(v, -2, 4), v.sub(range(v, 5), integer(v, 1))),
        wrong: (v) => truth(v, true, 5),
      },
      "every part goes on counting": {
        near: (v) => isEqual(v, joined(v, range(v, 2), range(v, 3)), range(v, 5)),
        wrong: (v) => truth(v, true, 5),
      },
      "positions, not data": {
        near: (v) => v.less(v.index, v.index),
        wrong: (v) => v.not(v.less(v.index, v.index)),
      },
    },
  },
  "comparison-of-positions": {
    applies: [
      (v) => v.less(v.stretch(range(v, 4), 2), integer(v, 2)),
      (v) => v.less(v.stretch(v.sub(column(v, 4), integer(v, 2)), 2), v.stretch(range(v, 3), 2, 4)),
      (v) => isEqual(v, v.reshape(v.stretch(range(v, 3), 2), [2, 1, 3]), integer(v, 1)),
    ],
    conditions: {
      positions: {
        near: (v) => v.less(v.stretch(v.integers(), 2), integer(v, 3)),
        wrong: (v) => v.stretch(v.less(v.integers(), integer(v, 2)), 2),
      },
    },
  },
  "certain-logic": {
    applies: [
      (v) => v.not(truth(v, true, 2)),
      (v) => v.not(truth(v, false)),
      (v) => and(v, below(v), truth(v, false, 3, 3)),
      (v) => and(v, truth(v, true, 2, 3, 3), below(v)),
    ],
    conditions: {
      "true or false everywhere": {
        near: (v) => and(v, v.less(v.index, integer(v, 2)), v.less(integer(v, 0), range(v, 3))),
        wrong: (v) => v.less(v.index, integer(v, 2)),
      },
    },
  },
  "certain-choice": {
    applies: [
      (v) => v.where(truth(v, true), v.row, v.square),
      (v) => v.where(truth(v, false, 2, 1, 1), v.row, v.square),
    ],
    conditions: {
      "true or false everywhere": {
        near: (v) => v.where(below(v), v.row, v.square),
        wrong: (v) => v.square,
      },
    },
  },
  "cumulated-number": {
    applies: [
      (v) => cumulated(v, noLater(v, 4), v.stretch(integer(v, 3), 4)),
      (v) => v.contract("a,ba->b", v.stretch(integer(v, 3), 4), noLater(v, 4)),
      (v) => v.contract("ab,cb->ca", noLater(v, 4), v.stretch(integer(v, 1), 2, 4)),
      (v) => cumulated(v, noLater(v, 4), v.stretch(integer(v, 0), 4)),
    ],
    conditions: {
      "those up to the own": {
        near: (v) => cumulated(v, noLater(v, 4, 1), v.stretch(integer(v, 1), 4)),
        wrong: (v) => v.add(range(v, 4), integer(v, 1)),
      },
      "the places are counted that are summed": {
        near: (v) => v.contract("ba,b->a", noLater(v, 4), v.stretch(integer(v, 1), 4)),
        wrong: (v) => v.add(range(v, 4), integer(v, 1)),
      },
      "of one number": {
        near: (v) => cumulated(v, noLater(v, 4), range(v, 4)),
        wrong: (v) => v.add(range(v, 4), integer(v, 1)),
      },
    },
  },
};
