/** @file Cases of the rules in src/rewrite/channels.ts. */
import { symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const B = symbol("B");
/** [B, 3, 3, 4]: channels and two axes behind. */
const image = (v: Values): Node => v.reshape(v.transpose(v.stretch(v.stack, 3), 1, 0, 4, 2, 3), [B, 3, 3, 8]);
const column = (v: Values, vector: Node): Node => v.reshape(vector, [3, 1, 1]);
const normalised = (v: Values, lay: (vector: Node) => Node): Node => {
  const centred = v.sub(image(v), lay(v.row));
  return v.add(v.mul(v.div(centred, lay(root(v))), lay(v.exp(v.row))), lay(v.neg(v.row)));
};
const gained = (v: Values, gain: Node, lay: (vector: Node) => Node): Node =>
  v.add(v.mul(v.sub(image(v), lay(v.row)), gain), lay(v.neg(v.row)));
const plain = { strides: [1], padding: [[0, 0]], dilation: [1], groups: 1 } as const;
const series = (v: Values): Node => v.transpose(v.stretch(v.x, 3), 1, 2, 0);
const filters = (v: Values): Node => v.reshape(v.square, [3, 3, 1]);
const convolved = (v: Values): Node => v.apply("Convolution", [series(v), filters(v)], plain);

export const channelsCases: Cases = {
  "batch-normalize": {
    applies: [(v) => normalised(v, (vector) => column(v, vector))],
    conditions: {
      "along one axis": {
        near: (v) => {
          const [first, second] = [column(v, v.row), v.reshape(v.row, [3, 1])];
          return v.add(v.mul(v.div(v.sub(image(v), first), column(v, root(v))), second), first);
        },
        wrong: (v) =>
          v.apply("BatchNormalize", [image(v), v.row, v.squared(v.row), v.row, v.row], {
            axis: 1,
            epsilon: { numerator: 1n, denominator: 1000n },
          }),
      },
    },
  },
  "batch-normalize-with-gain": {
    applies: [
      (v) => gained(v, column(v, v.div(v.exp(v.row), root(v))), (vector) => column(v, vector)),
      (v) => gained(v, column(v, v.div(v.row, root(v))), (vector) => v.reshape(vector, [1, 3, 1, 1])),
    ],
    conditions: {
      "along one axis": {
        near: (v) => gained(v, v.reshape(v.div(v.row, root(v)), [3, 1]), (vector) => column(v, vector)),
        wrong: (v) =>
          v.apply("BatchNormalize", [image(v), v.row, v.squared(v.row), v.row, v.neg(v.row)], {
            axis: 1,
            epsilon: { numerator: 1n, denominator: 1000n },
          }),
      },
      "with a vector γ": {
        near: (v) => gained(v, column(v, v.div(v.number(1), root(v))), (vector) => column(v, vector)),
        wrong: (v) =>
          v.apply("BatchNormalize", [image(v), v.row, v.squared(v.row), v.row, v.neg(v.row)], {
            axis: 1,
            epsilon: { numerator: 1n, denominator: 1000n },
          }),
      },
    },
  },
  "bias-of-convolution": {
    applies: [(v) => v.add(convolved(v), v.reshape(v.row, [3, 1]))],
    conditions: {
      "along the axis of filters": {
        near: (v) => v.add(convolved(v), v.reshape(v.row, [1, 3])),
        wrong: (v) => v.apply("BiasedConvolution", [series(v), filters(v), v.row], plain),
      },
    },
  },
};

function root(v: Values): Node {
  return v.sqrt(v.add(v.squared(v.row), v.number(1, 1000)));
}
