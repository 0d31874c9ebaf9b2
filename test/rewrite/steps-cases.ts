/** @file Cases of the rules in src/rewrite/steps.ts. */
import { rational } from "../../src/base/rational.ts";
import type { Node } from "../../src/ir/graph.ts";
import { type Cases, recurrenceOver, type Values } from "./values.ts";

/** Rows of a square matrix, each as a matrix of one row. */
const rowsOf = (v: Values, ...starts: number[]): Node[] =>
  starts.map((start) => v.apply("Slice", [v.square], { axis: 0, start, stop: start + 1, step: 1 }));

const concat = (v: Values, pieces: readonly Node[]): Node => v.apply("Concat", pieces, { axis: 0 });

/** Vectors above each other. */
const stack = (v: Values, ...pieces: Node[]): Node =>
  concat(
    v,
    pieces.map((piece) => v.apply("Reshape", [piece], { shape: [1, ...piece.type.shape] })),
  );

/** The same behind the first axis. */
const stackBehind = (v: Values, ...pieces: Node[]): Node => {
  const columns = pieces.map((piece) => v.reshape(piece, piece.type.shape.toSpliced(1, 0, 1)));
  return v.apply("Concat", columns, { axis: 1 });
};

const matrix = (v: Values): Node => v.parameter("W", [5, 3]);
const product = (v: Values, rows: Node, by = matrix(v)): Node =>
  v.apply("Contract", [rows, by], { equation: "ab,cb->ac" });
const turnedProduct = (v: Values, rows: Node): Node =>
  v.apply("Contract", [matrix(v), rows], { equation: "ab,cb->ac" });
const productOfStack = (v: Values): Node =>
  v.apply("Contract", [stack(v, v.x, v.z), matrix(v)], { equation: "abc,dc->abd" });

export const stepsCases: Cases = {
  "output-handed-on": {
    applies: [(v) => recurrenceOver(v, v.square, 1)],
    conditions: {
      "the same value": {
        near: (v) => recurrenceOver(v, v.square, 2),
        wrong: (v) => recurrenceOver(v, v.square, 0),
      },
    },
  },
  "stack-of-slices": {
    applies: [(v) => concat(v, rowsOf(v, 0, 1, 2))],
    conditions: {
      "in order": { near: (v) => concat(v, rowsOf(v, 0, 2, 1)), wrong: (v) => v.square },
      "each once": { near: (v) => concat(v, rowsOf(v, 0, 1, 1)), wrong: (v) => v.square },
      "of one tensor": {
        near: (v) =>
          concat(v, [
            ...rowsOf(v, 0, 1),
            v.apply("Slice", [v.exp(v.square)], { axis: 0, start: 2, stop: 3, step: 1 }),
          ]),
        wrong: (v) => v.square,
      },
    },
  },
  "stack-of-stacks": {
    applies: [(v) => concat(v, [v.square, concat(v, [v.exp(v.square), v.square])])],
    conditions: {
      "along one axis": {
        near: (v) =>
          v.apply("Concat", [concat(v, [v.square, v.exp(v.square)]), concat(v, [v.square, v.square])], {
            axis: 1,
          }),
        wrong: (v) =>
          concat(
            v,
            [v.square, v.exp(v.square)].map((own) => v.apply("Concat", [own, own], { axis: 1 })),
          ),
      },
    },
  },
  "slice-of-stack": {
    applies: [
      (v) => v.apply("Slice", [stack(v, v.row, v.exp(v.row))], { axis: 0, start: 1, stop: 2, step: 1 }),
      (v) =>
        v.apply("Slice", [concat(v, [v.square, v.exp(v.square)])], { axis: 0, start: 3, stop: 6, step: 2 }),
    ],
    conditions: {
      "of one": {
        near: (v) =>
          v.apply("Slice", [concat(v, [v.square, v.exp(v.square)])], { axis: 0, start: 1, stop: 4, step: 1 }),
        wrong: (v) => v.square,
      },
    },
  },
  "stack-along-another-axis": {
    applies: [
      (v) => v.transpose(stack(v, v.row, v.exp(v.row)), 1, 0),
      (v) => v.transpose(stack(v, v.square, v.exp(v.square)), 1, 0, 2),
    ],
    conditions: {
      "no other moves": {
        near: (v) => v.transpose(stack(v, v.square, v.exp(v.square), v.square), 2, 1, 0),
        wrong: (v) => v.transpose(stack(v, v.square, v.exp(v.square), v.square), 1, 2, 0),
      },
      "of a stack": {
        near: (v) => v.transpose(concat(v, [v.square, v.exp(v.square)]), 1, 0),
        wrong: (v) => v.apply("Concat", [v.square, v.exp(v.square)], { axis: 1 }),
      },
    },
  },
  "steps-together": {
    applies: [
      (v) => stack(v, v.exp(v.row), v.exp(v.squared(v.row))),
      (v) => stack(v, v.sub(v.x, v.row), v.sub(v.exp(v.x), v.row)),
      (v) => stack(v, v.exp(v.row), v.exp(v.row)),
      (v) => stack(v, v.sum(v.x, 0), v.sum(v.z, 0)),
      (v) => stack(v, v.sum(v.square, 0, 1), v.sum(v.transpose(v.squared(v.square), 1, 0), 0, 1)),
      (v) => v.apply("Concat", [v.column(v.sum(v.x, 1)), v.column(v.sum(v.z, 1))], { axis: 1 }),
      (v) => stack(v, product(v, v.x), product(v, v.z)),
      (v) => stackBehind(v, product(v, v.x), product(v, v.z)),
      (v) => stack(v, turnedProduct(v, v.x), turnedProduct(v, v.z)),
    ],
    conditions: {
      "one parameter": {
        near: (v) => {
          const one = matrix(v);
          return stack(v, product(v, v.x, one), product(v, v.z, v.squared(one)));
        },
        wrong: productOfStack,
      },
      "the same f": {
        near: (v) => stack(v, v.exp(v.row), v.sqrt(v.squared(v.row))),
        wrong: (v) => v.exp(stack(v, v.row, v.squared(v.row))),
      },
      "the same in all respects": {
        near: (v) =>
          stack(
            v,
            v.leakyRelu(v.row),
            v.apply("LeakyRelu", [v.neg(v.squared(v.row))], { slope: rational(1, 2) }),
          ),
        wrong: (v) => v.leakyRelu(stack(v, v.row, v.neg(v.squared(v.row)))),
      },
      "for elementwise f and sums": {
        near: (v) => stack(v, v.softmax(v.square, 0), v.softmax(v.squared(v.square), 0)),
        wrong: (v) => v.softmax(stack(v, v.square, v.squared(v.square)), 0),
      },
    },
  },
};
