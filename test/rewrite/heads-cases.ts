/** @file Cases of the rules in src/rewrite/heads.ts. */
import { multiplyDims, type Shape, symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const B = symbol("B");

const split = (v: Values, ...order: number[]): Node => v.transpose(v.reshape(v.wide, [B, 4, 2, 3]), ...order);
const timesFirst = (v: Values): Node => v.transpose(v.stack, 0, 2, 1, 3);

/** Copies of the axis of size 2, as many as the size of a new axis behind the axis `behind`. */
const copies = (v: Values, behind: number, count: number): Node => {
  const { shape } = v.stack.type;
  const apart = v.reshape(v.stack, shape.toSpliced(behind + 1, 0, 1));
  return v.apply("Broadcast", [apart], { shape: shape.toSpliced(behind + 1, 0, count) });
};

/** [B, 4, 12]. */
const wider = (v: Values): Node => v.apply("Concat", [v.wide, v.exp(v.wide)], { axis: 2 });
/** [B, 4, 3, 2, 2] of [B, 4, 12], turned, and one part of its first axis. */
const oneOf = (v: Values, order: readonly number[], start: number): Node => {
  const turned = v.transpose(v.reshape(wider(v), [B, 4, 3, 2, 2]), ...order);
  const slice = v.apply("Slice", [turned], { axis: 0, start, stop: start + 1, step: 1 });
  return v.reshape(slice, turned.type.shape.slice(1));
};

/** [B, 4, 6] with the batch behind, as [B, 3, 4, 1] or one part of it, by way of a stack [3 B, 4, 2] as PyTorch has it. */
const behind = (v: Values): Node => v.transpose(v.wide, 1, 0, 2);
const stacked = (v: Values, rows: Node, ...order: number[]): Node => {
  const joined = v.reshape(rows, [4, multiplyDims(3, B), 2]);
  return v.transpose(v.reshape(v.transpose(joined, 1, 0, 2), [B, 3, 4, 2]), ...order);
};
const merged = (v: Values, ...order: number[]): Node =>
  v.reshape(v.transpose(v.stack, ...order), [multiplyDims(4, B), 6]);

/** [B, 1, 6], a single query. */
const query = (v: Values): Node => v.exp(v.reshape(v.mean(v.wide, 1), [B, 1, 6]));

const product = (v: Values): Node => v.apply("Contract", [v.wide, v.matrix], { equation: "abc,cd->abd" });
/** Two copies of [B, 1, 4, 6]. */
const oneHead = (v: Values, rows: Node): Node => {
  const apart = v.reshape(rows, [B, 1, 1, 4, 6]);
  return v.reshape(v.apply("Broadcast", [apart], { shape: [B, 1, 2, 4, 6] }), [B, 2, 4, 6]);
};

/** Heads of [B, 4, 6] with an axis in front, in another shape. */
const inFront = (v: Values, shape: Shape): Node =>
  v.reshape(v.reshape(v.apply("SplitHeads", [v.wide], { heads: 2 }), [1, B, 2, 4, 3]), shape);

export const headsCases: Cases = {
  "split-heads": {
    applies: [
      (v) => split(v, 0, 2, 1, 3),
      (v) => split(v, 0, 2, 3, 1),
      (v) => v.transpose(v.reshape(v.reshape(v.wide, [multiplyDims(4, B), 6]), [B, 4, 2, 3]), 0, 2, 1, 3),
      (v) => oneOf(v, [2, 0, 3, 1, 4], 0),
      (v) => oneOf(v, [2, 0, 3, 1, 4], 2),
      (v) => stacked(v, behind(v), 0, 1, 2, 3),
      (v) => stacked(v, v.reshape(behind(v), [4, 1, B, 6]), 0, 1, 3, 2),
      (v) => v.transpose(v.reshape(query(v), [B, 1, 2, 3]), 0, 2, 1, 3),
      (v) => v.reshape(query(v), [B, 2, 1, 3]),
      (v) => v.reshape(query(v), [B, 2, 3, 1]),
    ],
    conditions: {
      "H comes in front of T": {
        near: (v) => split(v, 0, 3, 1, 2),
        wrong: (v) => v.reshape(v.apply("SplitHeads", [v.wide], { heads: 2 }), [B, 3, 4, 2]),
      },
      "H k is the last axis": {
        near: (v) => stacked(v, v.wide, 0, 1, 2, 3),
        wrong: (v) => v.apply("SplitHeads", [v.wide], { heads: 3 }),
      },
      "the part is one of m": {
        near: (v) => oneOf(v, [3, 0, 2, 1, 4], 1),
        wrong: (v) => {
          const part = v.apply("Slice", [wider(v)], { axis: 2, start: 6, stop: 12, step: 1 });
          return v.apply("SplitHeads", [part], { heads: 3 });
        },
      },
    },
  },
  "split-once": {
    applies: [(v) => inFront(v, [B, 2, 4, 3])],
    conditions: {
      "taken away": {
        near: (v) => inFront(v, [B, 4, 2, 3]),
        wrong: (v) => v.transpose(v.apply("SplitHeads", [v.wide], { heads: 2 }), 0, 2, 1, 3),
      },
    },
  },
  "merge-heads": {
    applies: [
      (v) => v.reshape(timesFirst(v), [B, 4, 6]),
      (v) => merged(v, 0, 2, 1, 3),
      (v) => merged(v, 2, 0, 1, 3),
      (v) => v.reshape(v.transpose(v.stack, 2, 0, 1, 3), [4, B, 6]),
    ],
    conditions: {
      "T comes in front of H": {
        near: (v) => v.reshape(v.stack, [B, 4, 6]),
        wrong: (v) => v.apply("MergeHeads", [v.stack], {}),
      },
      "H k is the last axis": {
        near: (v) => v.reshape(v.transpose(v.stack, 0, 2, 3, 1), [B, 4, 6]),
        wrong: (v) => v.apply("MergeHeads", [v.stack], {}),
      },
      "the axes in front are whole": {
        near: (v) => v.reshape(v.transpose(v.reshape(v.stack, [B, 2, 2, 2, 3]), 0, 3, 2, 1, 4), [B, 4, 6]),
        wrong: (v) => v.apply("MergeHeads", [v.stack], {}),
      },
    },
  },
  repeat: {
    applies: [
      (v) => v.reshape(copies(v, 1, 3), [B, 6, 4, 3]),
      (v) => v.reshape(copies(v, 3, 2), [B, 2, 4, 6]),
      // An image enlarged along both axes, in between never of the shape of one.
      (v) => {
        const image = v.apply("Broadcast", [v.reshape(v.wide, [B, 4, 1, 6])], { shape: [B, 4, 2, 6] });
        const wider = v.apply("Broadcast", [v.reshape(image, [B, 8, 6, 1])], { shape: [B, 8, 6, 3] });
        return v.reshape(wider, [B, 8, 18]);
      },
      (v) => oneHead(v, product(v)),
      (v) => oneHead(v, v.add(product(v), v.mean(v.matrix, 0))),
    ],
    conditions: {
      "joined with that axis": {
        near: (v) => v.reshape(copies(v, 1, 3), [B, 2, 12, 3]),
        wrong: (v) => v.reshape(v.apply("Repeat", [v.stack], { axis: 2, count: 3 }), [B, 2, 12, 3]),
      },
      "behind an axis": {
        near: (v) => {
          const apart = v.reshape(v.stack, [B, 1, 2, 4, 3]);
          return v.reshape(v.apply("Broadcast", [apart], { shape: [B, 3, 2, 4, 3] }), [B, 6, 4, 3]);
        },
        wrong: (v) => v.apply("Repeat", [v.stack], { axis: 1, count: 3 }),
      },
    },
  },
  "transpose-of-stack": {
    applies: [
      (v) => v.reshape(v.transpose(v.reshape(v.stack, [multiplyDims(2, B), 4, 3]), 0, 2, 1), [B, 2, 3, 4]),
    ],
    conditions: {
      "what is transposed are the last axes": {
        near: (v) =>
          v.reshape(v.transpose(v.reshape(v.stack, [multiplyDims(4, B), 2, 3]), 0, 2, 1), [B, 2, 3, 4]),
        wrong: (v) => v.transpose(v.stack, 0, 1, 3, 2),
      },
    },
  },
};
