/** @file Cases of the rules in src/rewrite/entropy.ts. */
import { rational, zero } from "../../src/base/rational.ts";
import { multiplyDims, symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const places = (v: Values): Node => v.apply("Iota", [], { size: 3, dtype: "int64" });
/** An integer for each row. */
const label = (v: Values): Node =>
  v.reshape(v.apply("Slice", [v.index], { axis: 1, start: 0, stop: 1, step: 1 }), [symbol("B")]);
const isLabel = (v: Values, index = places(v)): Node => v.apply("Equal", [v.column(label(v)), index], {});
const nothing = (v: Values): Node => v.apply("Constant", [], { value: zero, dtype: "float32" });
/** The logarithm of the probability of the label. */
const chosen = (v: Values, of = v.logSoftmax(v.x)): Node => v.sum(v.where(isLabel(v), of, nothing(v)), 1);
const entropy = (v: Values, logits = v.x): Node => v.apply("CrossEntropy", [logits, label(v)], { axis: 1 });
const integer = (v: Values, value: number): Node =>
  v.apply("Constant", [], { value: rational(value), dtype: "int64" });
const otherwise = (v: Values, other: Node): Node => v.sum(v.where(isLabel(v), v.logSoftmax(v.x), other), 1);

/** [B, 4, n] as rows. */
const inRows = (v: Values, of: Node): Node => v.reshape(of, [multiplyDims(4, symbol("B")), 6]);
/** A place for each of four rows of an example. */
const labelsInRows = (v: Values): Node => {
  const labels = v.apply("Concat", [v.index, v.index], { axis: 1 });
  const four = v.apply("Slice", [labels], { axis: 1, start: 0, stop: 4, step: 1 });
  return v.reshape(four, [multiplyDims(4, symbol("B"))]);
};

export const entropyCases: Cases = {
  "cross-entropy": {
    applies: [
      (v) => v.neg(chosen(v)),
      (v) => v.neg(v.mean(chosen(v), 0)),
      (v) => v.neg(v.sum(v.where(isLabel(v), v.logSoftmax(v.x), nothing(v)), 0, 1)),
      (v) => v.neg(v.mul(v.number(1, 3), v.sum(chosen(v), 0))),
      (v) => v.neg(v.div(v.mean(chosen(v), 0), v.number(2))),
      (v) => {
        const turned = v.apply("LogSoftmax", [v.transpose(v.x, 1, 0)], { axis: 0 });
        const condition = v.apply("Equal", [v.reshape(places(v), [3, 1]), label(v)], {});
        return v.neg(v.sum(v.where(condition, turned, nothing(v)), 0));
      },
      (v) => {
        const logarithms = v.apply("LogSoftmax", [v.square], { axis: 1 });
        const condition = v.apply("Equal", [v.reshape(places(v), [3, 1]), places(v)], {});
        return v.neg(v.sum(v.where(condition, logarithms, nothing(v)), 1));
      },
    ],
    conditions: {
      "logarithms of probabilities": {
        near: (v) => v.neg(chosen(v, v.x)),
        wrong: (v) => entropy(v),
      },
      "probabilities along the axis of the sum": {
        near: (v) => v.neg(chosen(v, v.apply("LogSoftmax", [v.x], { axis: 0 }))),
        wrong: (v) => entropy(v),
      },
      "0 elsewhere": {
        near: (v) => v.neg(otherwise(v, v.number(1))),
        wrong: (v) => entropy(v),
      },
      "labels count from 0": {
        near: (v) => {
          const condition = isLabel(v, v.add(places(v), integer(v, 1)));
          return v.neg(v.sum(v.where(condition, v.logSoftmax(v.x), nothing(v)), 1));
        },
        wrong: (v) => entropy(v),
      },
      "labels are integers": {
        near: (v) => {
          const condition = v.apply("Equal", [v.column(v.mean(v.x, 1)), places(v)], {});
          return v.neg(v.sum(v.where(condition, v.logSoftmax(v.x), nothing(v)), 1));
        },
        wrong: (v) => entropy(v),
      },
      "one label for each row": {
        near: (v) => {
          const condition = v.apply("Equal", [v.index, places(v)], {});
          return v.neg(v.sum(v.where(condition, v.logSoftmax(v.x), nothing(v)), 1));
        },
        wrong: (v) => entropy(v),
      },
      "a number in front": {
        near: (v) => v.neg(v.mul(v.mean(v.x, 1), chosen(v))),
        wrong: (v) => v.mul(v.number(2), entropy(v)),
      },
    },
  },
  "cross-entropy-of-rows": {
    applies: [(v) => v.apply("CrossEntropy", [inRows(v, v.wide), labelsInRows(v)], { axis: 1 })],
    conditions: {
      "rows of both": {
        near: (v) =>
          v.apply("CrossEntropy", [inRows(v, v.transpose(v.wide, 1, 0, 2)), labelsInRows(v)], { axis: 1 }),
        wrong: (v) => v.apply("CrossEntropy", [inRows(v, v.wide), labelsInRows(v)], { axis: 1 }),
      },
    },
  },
  "subtract-log-probability": {
    applies: [
      (v) => v.sub(v.mean(v.x), v.mean(chosen(v), 0)),
      (v) => v.sub(v.mean(v.x, 1), v.mul(chosen(v), v.number(2))),
    ],
    conditions: {
      "a mean or a multiple": {
        near: (v) => v.sub(v.mean(v.x, 1), chosen(v)),
        wrong: (v) => v.sub(v.mean(v.x, 1), entropy(v)),
      },
    },
  },
};
