/** @file Cases of the rules in src/rewrite/groups.ts. */
import { rational } from "../../src/base/rational.ts";
import { multiplyDims, type Shape, symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const B = symbol("B");
/** [B, 6, 4]: channels and an axis behind. */
const image = (v: Values): Node => v.transpose(v.wide, 0, 2, 1);
const vector = (v: Values): Node => v.parameter("g", [6]);
const column = (v: Values, of = vector(v)): Node => v.reshape(of, [6, 1]);
/** The image normalised in rows of another shape. */
const inRows = (v: Values, shape: Shape): Node => {
  const attrs = { axes: [shape.length - 1], epsilon: rational(1, 10) };
  return v.reshape(v.apply("Normalize", [v.reshape(image(v), shape)], attrs), [B, 6, 4]);
};
const rows = (v: Values, groups = 2): Node => inRows(v, [B, groups, 24 / groups]);
const scaled = (v: Values, normal: Node, gain = column(v), shift = column(v, v.exp(vector(v)))): Node =>
  v.add(v.mul(normal, gain), shift);

export const groupsCases: Cases = {
  "group-normalize": {
    applies: [
      (v) => scaled(v, rows(v)),
      (v) => scaled(v, rows(v, 6)),
      (v) => v.add(column(v), v.mul(column(v, v.neg(vector(v))), rows(v, 3))),
    ],
    conditions: {
      "rows of whole groups": {
        near: (v) => scaled(v, rows(v, 4)),
        wrong: (v) => scaled(v, rows(v)),
      },
      "a gain for each channel of x": {
        near: (v) => {
          const one = v.apply("Slice", [image(v)], { axis: 1, start: 0, stop: 1, step: 1 });
          const attrs = { axes: [2], epsilon: rational(1, 10) };
          const normal = v.apply("Normalize", [v.reshape(one, [B, 1, 4])], attrs);
          return scaled(v, v.reshape(normal, [B, 1, 4]));
        },
        wrong: (v) => scaled(v, rows(v)),
      },
      "groups of one example each": {
        near: (v) => scaled(v, inRows(v, [2, multiplyDims(12, B)])),
        wrong: (v) => scaled(v, rows(v)),
      },
    },
  },
};
