/**
 * @file For every rewrite rule graphs to which it applies, and for every condition of it a graph that only lacks this
 * condition, with what the rule would wrongly make of it.
 */
import { rational } from "../../src/base/rational.ts";
import { symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import { Sketch } from "../arbitrary/sketch.ts";

/** Values for the cases; every graph has all of them. */
export class Values extends Sketch {
  readonly x: Node = this.input("x", [symbol("B"), 3]);
  readonly z: Node = this.input("z", [symbol("B"), 3]);
  readonly square: Node = this.input("square", [3, 3]);
  readonly row: Node = this.input("row", [3]);
  readonly index: Node = this.input("index", [symbol("B"), 3], "int64");

  exp(a: Node): Node {
    return this.apply("Exp", [a], {});
  }
  sub(a: Node, b: Node): Node {
    return this.apply("Sub", [a, b], {});
  }
  div(a: Node, b: Node): Node {
    return this.apply("Div", [a, b], {});
  }
  reciprocal(a: Node): Node {
    return this.apply("Reciprocal", [a], {});
  }
  sigmoid(a: Node): Node {
    return this.apply("Sigmoid", [a], {});
  }
  squared(a: Node): Node {
    return this.apply("Square", [a], {});
  }
  sqrt(a: Node): Node {
    return this.apply("Sqrt", [a], {});
  }
  power(a: Node, numerator: number, denominator = 1): Node {
    return this.apply("Power", [a], { exponent: rational(numerator, denominator) });
  }
  sum(a: Node, ...axes: number[]): Node {
    return this.apply("Sum", [a], { axes });
  }
  mean(a: Node, ...axes: number[]): Node {
    return this.apply("Mean", [a], { axes });
  }
  variance(a: Node, axis: number, correction = 0): Node {
    return this.apply("Variance", [a], { axes: [axis], correction });
  }
  softmax(a: Node, axis: number): Node {
    return this.apply("Softmax", [a], { axis });
  }
  largest(a: Node, axis: number): Node {
    return this.apply("Max", [a], { axes: [axis] });
  }
  /** A reduction over the last axis, as a column. */
  column(a: Node): Node {
    return this.reshape(a, [symbol("B"), 1]);
  }
  centred(a: Node): Node {
    return this.sub(a, this.column(this.mean(a, 1)));
  }
  /** √(a + ε) as a column. */
  root(a: Node): Node {
    return this.column(this.sqrt(this.add(a, this.number(1, 1000))));
  }
  normalize(a: Node): Node {
    return this.apply("Normalize", [a], { axes: [1], epsilon: rational(1, 1000) });
  }
  rms(a: Node): Node {
    return this.apply("RmsNormalize", [a], { axes: [1], epsilon: rational(1, 1000) });
  }
  /** a − max a. */
  shifted(a: Node): Node {
    return this.sub(a, this.column(this.largest(a, 1)));
  }
  logSumExp(a: Node): Node {
    return this.apply("LogSumExp", [a], { axis: 1 });
  }
  logSoftmax(a: Node): Node {
    return this.apply("LogSoftmax", [a], { axis: 1 });
  }
  transpose(a: Node, ...permutation: number[]): Node {
    return this.apply("Transpose", [a], { permutation });
  }
  stretch(a: Node, ...leading: number[]): Node {
    return this.apply("Broadcast", [a], { shape: [...leading, ...a.type.shape] });
  }
  less(a: Node, b: Node): Node {
    return this.apply("Less", [a, b], {});
  }
  where(condition: Node, a: Node, b: Node): Node {
    return this.apply("Where", [condition, a, b], {});
  }
  leakyRelu(a: Node): Node {
    return this.apply("LeakyRelu", [a], { slope: rational(1, 100) });
  }
  not(a: Node): Node {
    return this.apply("Not", [a], {});
  }
  /** Integers other than 0 and 1. */
  integers(): Node {
    return this.add(this.index, this.apply("Constant", [], { value: rational(2), dtype: "int64" }));
  }
}

type Make = (v: Values) => Node;

export interface Condition {
  readonly near: Make;
  readonly wrong: Make;
}

export interface RuleCase {
  /** True of the reals, but not of the prime field, whose logarithm does not make sums of products. */
  readonly analytic?: true;
  readonly applies: readonly Make[];
  readonly conditions: Readonly<Record<string, Condition>>;
}

export const cases: Readonly<Record<string, RuleCase>> = {
  "real-cast": {
    applies: [(v) => v.apply("Cast", [v.x], { dtype: "float64" })],
    conditions: {
      "between reals": {
        near: (v) => v.apply("Cast", [v.integers()], { dtype: "bool" }),
        wrong: (v) => v.integers(),
      },
    },
  },
  "cast-back": {
    applies: [
      (v) => v.apply("Cast", [v.apply("Cast", [v.less(v.x, v.z)], { dtype: "int64" })], { dtype: "bool" }),
    ],
    conditions: {
      "of booleans": {
        near: (v) =>
          v.apply("Cast", [v.apply("Cast", [v.integers()], { dtype: "int32" })], { dtype: "bool" }),
        wrong: (v) => v.integers(),
      },
    },
  },
  identity: {
    applies: [
      (v) => v.reshape(v.square, [3, 3]),
      (v) => v.transpose(v.square, 0, 1),
      (v) => v.apply("Broadcast", [v.row], { shape: [3] }),
    ],
    conditions: {
      "rearranged in no way": { near: (v) => v.transpose(v.square, 1, 0), wrong: (v) => v.square },
    },
  },
  "transpose-twice": {
    applies: [
      (v) => v.transpose(v.transpose(v.stretch(v.square, 2), 1, 2, 0), 0, 2, 1),
      (v) => v.transpose(v.transpose(v.square, 1, 0), 1, 0),
    ],
    conditions: {},
  },
  "reshape-twice": {
    applies: [(v) => v.reshape(v.reshape(v.square, [9]), [1, 9]), (v) => v.stretch(v.stretch(v.row, 2), 4)],
    conditions: {
      "the same operator twice": {
        near: (v) => v.apply("Broadcast", [v.reshape(v.row, [3, 1])], { shape: [3, 3] }),
        wrong: (v) => v.apply("Broadcast", [v.row], { shape: [3, 3] }),
      },
    },
  },
  "operand-stretch": {
    applies: [(v) => v.mul(v.square, v.stretch(v.row, 3)), (v) => v.sub(v.reshape(v.row, [1, 3]), v.x)],
    conditions: {
      "NumPy stretches by itself": {
        near: (v) => v.add(v.square, v.reshape(v.row, [3, 1])),
        wrong: (v) => v.add(v.square, v.row),
      },
    },
  },
  "elementwise-inside": {
    applies: [
      (v) => v.exp(v.reshape(v.row, [3, 1])),
      (v) => v.add(v.reshape(v.row, [3, 1]), v.number(2)),
      (v) => v.mul(v.reshape(v.row, [3, 1]), v.reshape(v.exp(v.row), [3, 1])),
    ],
    conditions: {
      elementwise: {
        near: (v) => v.softmax(v.reshape(v.square, [1, 3, 3]), 1),
        wrong: (v) => v.reshape(v.softmax(v.square, 1), [1, 3, 3]),
      },
    },
  },
  "elementwise-before-stretch": {
    applies: [(v) => v.exp(v.stretch(v.row, 2)), (v) => v.div(v.number(1), v.stretch(v.row, 2))],
    conditions: {
      elementwise: {
        near: (v) => v.softmax(v.stretch(v.square, 2), 1),
        wrong: (v) => v.stretch(v.softmax(v.square, 1), 2),
      },
    },
  },
  "double-negation": { applies: [(v) => v.neg(v.neg(v.x))], conditions: {} },
  neutral: {
    applies: [
      (v) => v.add(v.x, v.number(0)),
      (v) => v.mul(v.number(1), v.x),
      (v) => v.sub(v.x, v.number(0)),
      (v) => v.div(v.x, v.number(1)),
    ],
    conditions: {
      "the neutral number": { near: (v) => v.add(v.x, v.number(1)), wrong: (v) => v.x },
      "on the right of what doesn't commute": { near: (v) => v.sub(v.number(0), v.x), wrong: (v) => v.x },
    },
  },
  "double-not": { applies: [(v) => v.not(v.not(v.less(v.x, v.z)))], conditions: {} },
  "add-negative": {
    applies: [
      (v) => v.add(v.x, v.neg(v.z)),
      (v) => v.add(v.neg(v.x), v.z),
      (v) => v.add(v.square, v.reshape(v.neg(v.row), [3, 1])),
    ],
    conditions: {},
  },
  "subtract-negative": { applies: [(v) => v.sub(v.x, v.neg(v.z))], conditions: {} },
  reciprocal: {
    applies: [(v) => v.div(v.number(1), v.x)],
    conditions: {
      "of 1": { near: (v) => v.div(v.number(2), v.x), wrong: (v) => v.reciprocal(v.x) },
    },
  },
  "multiply-reciprocal": {
    applies: [
      (v) => v.mul(v.x, v.reciprocal(v.z)),
      (v) => v.mul(v.reciprocal(v.x), v.z),
      (v) => v.mul(v.square, v.reshape(v.reciprocal(v.row), [3, 1])),
    ],
    conditions: {},
  },
  square: {
    applies: [(v) => v.mul(v.x, v.x), (v) => v.power(v.x, 2)],
    conditions: {
      "the same factor twice": { near: (v) => v.mul(v.x, v.z), wrong: (v) => v.squared(v.x) },
      "the exponent 2": { near: (v) => v.power(v.x, 3), wrong: (v) => v.squared(v.x) },
    },
  },
  root: {
    applies: [(v) => v.power(v.x, 1, 2), (v) => v.power(v.x, -1, 2), (v) => v.power(v.x, -1)],
    conditions: {
      "these exponents": { near: (v) => v.power(v.x, 1, 3), wrong: (v) => v.sqrt(v.x) },
    },
  },
  mean: {
    applies: [
      (v) => v.div(v.sum(v.x, 1), v.number(3)),
      (v) => v.mul(v.number(1, 9), v.sum(v.square, 0, 1)),
      (v) => v.div(v.sum(v.x, 0), v.sum(v.apply("Broadcast", [v.number(1)], { shape: [symbol("B")] }), 0)),
    ],
    conditions: {
      "n is the number of summed elements": {
        near: (v) => v.div(v.sum(v.x, 1), v.number(2)),
        wrong: (v) => v.mean(v.x, 1),
      },
    },
  },
  relu: {
    applies: [
      (v) => v.apply("Maximum", [v.x, v.number(0)], {}),
      (v) => v.apply("Maximum", [v.number(0), v.x], {}),
      (v) => v.where(v.less(v.number(0), v.x), v.x, v.number(0)),
    ],
    conditions: {
      zero: {
        near: (v) => v.apply("Maximum", [v.x, v.number(1)], {}),
        wrong: (v) => v.apply("Relu", [v.x], {}),
      },
      "chosen by its own sign": {
        near: (v) => v.where(v.less(v.number(0), v.z), v.x, v.number(0)),
        wrong: (v) => v.apply("Relu", [v.x], {}),
      },
      "0 where a is negative, not where it is positive": {
        near: (v) => v.where(v.less(v.x, v.number(0)), v.x, v.number(0)),
        wrong: (v) => v.apply("Relu", [v.x], {}),
      },
    },
  },
  "leaky-relu": {
    applies: [
      (v) => v.where(v.less(v.x, v.number(0)), v.mul(v.number(1, 100), v.x), v.x),
      (v) => v.where(v.not(v.less(v.x, v.number(0))), v.x, v.mul(v.x, v.number(1, 100))),
      (v) => v.where(v.not(v.less(v.number(0), v.x)), v.mul(v.x, v.number(1, 100)), v.x),
    ],
    conditions: {
      "the scaled branch where a is negative": {
        near: (v) => v.where(v.less(v.number(0), v.x), v.mul(v.number(1, 100), v.x), v.x),
        wrong: (v) => v.leakyRelu(v.x),
      },
      "of the same value": {
        near: (v) => v.where(v.less(v.x, v.number(0)), v.mul(v.number(1, 100), v.z), v.x),
        wrong: (v) => v.leakyRelu(v.x),
      },
    },
  },
  elu: {
    applies: [(v) => v.where(v.less(v.number(0), v.x), v.x, v.sub(v.exp(v.x), v.number(1)))],
    conditions: {
      "minus 1": {
        near: (v) => v.where(v.less(v.number(0), v.x), v.x, v.sub(v.exp(v.x), v.number(2))),
        wrong: (v) => v.apply("Elu", [v.x], {}),
      },
      "of the same value": {
        near: (v) => v.where(v.less(v.number(0), v.x), v.x, v.sub(v.exp(v.z), v.number(1))),
        wrong: (v) => v.apply("Elu", [v.x], {}),
      },
    },
  },
  softplus: {
    applies: [(v) => v.apply("Log", [v.add(v.number(1), v.exp(v.x))], {})],
    conditions: {
      "plus 1": {
        near: (v) => v.apply("Log", [v.add(v.number(2), v.exp(v.x))], {}),
        wrong: (v) => v.apply("Softplus", [v.x], {}),
      },
    },
  },
  sigmoid: {
    applies: [(v) => v.reciprocal(v.add(v.exp(v.neg(v.x)), v.number(1)))],
    conditions: {
      "plus 1": {
        near: (v) => v.reciprocal(v.add(v.exp(v.neg(v.x)), v.number(2))),
        wrong: (v) => v.sigmoid(v.x),
      },
      "a negative exponent": {
        near: (v) => v.reciprocal(v.add(v.number(1), v.exp(v.x))),
        wrong: (v) => v.sigmoid(v.x),
      },
    },
  },
  silu: {
    applies: [(v) => v.mul(v.x, v.sigmoid(v.x)), (v) => v.mul(v.sigmoid(v.x), v.x)],
    conditions: {
      "its own gate": {
        near: (v) => v.mul(v.z, v.sigmoid(v.x)),
        wrong: (v) => v.apply("Silu", [v.x], {}),
      },
    },
  },
  softmax: {
    applies: [
      (v) => v.div(v.exp(v.x), v.column(v.sum(v.exp(v.x), 1))),
      (v) => v.div(v.exp(v.x), v.sum(v.exp(v.x), 0)),
    ],
    conditions: {
      "summed along one axis": {
        near: (v) => v.div(v.exp(v.x), v.sum(v.exp(v.x), 0, 1)),
        wrong: (v) => v.softmax(v.x, 1),
      },
      "the same power above and below": {
        near: (v) => v.div(v.exp(v.x), v.column(v.sum(v.exp(v.z), 1))),
        wrong: (v) => v.softmax(v.x, 1),
      },
      "the sum stands where it was taken": {
        near: (v) => v.div(v.exp(v.square), v.sum(v.exp(v.square), 1)),
        wrong: (v) => v.softmax(v.square, 1),
      },
    },
  },
  "softmax-shift": {
    applies: [
      (v) => v.softmax(v.shifted(v.x), 1),
      (v) => v.softmax(v.sub(v.x, v.row), 0),
      (v) => v.softmax(v.sub(v.x, v.number(5)), 1),
    ],
    conditions: {
      "c is constant along the axis": {
        near: (v) => v.softmax(v.sub(v.x, v.row), 1),
        wrong: (v) => v.softmax(v.x, 1),
      },
    },
  },
  "log-sum": {
    applies: [(v) => v.apply("Log", [v.sum(v.exp(v.x), 1)], {})],
    conditions: {
      "summed along one axis": {
        near: (v) => v.stretch(v.apply("Log", [v.sum(v.exp(v.square), 0, 1)], {}), 3),
        wrong: (v) => v.logSumExp(v.square),
      },
    },
  },
  "logsumexp-shift": {
    analytic: true,
    applies: [
      (v) => v.add(v.logSumExp(v.shifted(v.x)), v.largest(v.x, 1)),
      (v) => v.add(v.mean(v.z, 1), v.logSumExp(v.sub(v.x, v.column(v.mean(v.z, 1))))),
    ],
    conditions: {
      "the same shift inside and outside": {
        near: (v) => v.add(v.logSumExp(v.shifted(v.x)), v.largest(v.z, 1)),
        wrong: (v) => v.logSumExp(v.x),
      },
      "c is constant along the axis": {
        near: (v) => v.add(v.logSumExp(v.sub(v.square, v.row)), v.row),
        wrong: (v) => v.logSumExp(v.square),
      },
    },
  },
  "log-softmax": {
    applies: [(v) => v.sub(v.x, v.column(v.logSumExp(v.x)))],
    conditions: {
      "of the same value": {
        near: (v) => v.sub(v.x, v.column(v.logSumExp(v.z))),
        wrong: (v) => v.logSoftmax(v.x),
      },
      "along the axis that it is repeated on": {
        near: (v) => v.sub(v.square, v.logSumExp(v.square)),
        wrong: (v) => v.logSoftmax(v.square),
      },
    },
  },
  "log-softmax-shift": {
    analytic: true,
    applies: [(v) => v.logSoftmax(v.shifted(v.x)), (v) => v.logSoftmax(v.sub(v.x, v.number(5)))],
    conditions: {
      "c is constant along the axis": {
        near: (v) => v.logSoftmax(v.sub(v.x, v.row)),
        wrong: (v) => v.logSoftmax(v.x),
      },
    },
  },
  variance: {
    applies: [(v) => v.mean(v.squared(v.centred(v.x)), 1)],
    conditions: {
      "the same axes": {
        near: (v) => v.mean(v.squared(v.centred(v.x)), 0),
        wrong: (v) => v.variance(v.x, 0),
      },
      "its own mean": {
        near: (v) => v.mean(v.squared(v.sub(v.x, v.column(v.mean(v.z, 1)))), 1),
        wrong: (v) => v.variance(v.x, 1),
      },
    },
  },
  "sample-variance": {
    applies: [(v) => v.div(v.sum(v.squared(v.centred(v.x)), 1), v.number(2))],
    conditions: {
      "n is the number of summed elements": {
        near: (v) => v.div(v.sum(v.squared(v.centred(v.x)), 1), v.number(3)),
        wrong: (v) => v.variance(v.x, 1, 1),
      },
    },
  },
  "variance-of-moments": {
    applies: [(v) => v.sub(v.mean(v.squared(v.x), 1), v.squared(v.mean(v.x, 1)))],
    conditions: {
      "of the same value": {
        near: (v) => v.sub(v.mean(v.squared(v.x), 1), v.squared(v.mean(v.z, 1))),
        wrong: (v) => v.variance(v.x, 1),
      },
      "over the same axes": {
        near: (v) => v.sub(v.mean(v.squared(v.square), 0), v.squared(v.mean(v.square, 1))),
        wrong: (v) => v.variance(v.square, 0),
      },
    },
  },
  normalize: {
    applies: [(v) => v.div(v.centred(v.x), v.root(v.variance(v.x, 1)))],
    conditions: {
      "over the same axes": {
        near: (v) => v.div(v.centred(v.x), v.sqrt(v.add(v.variance(v.x, 0), v.number(1, 1000)))),
        wrong: (v) => v.normalize(v.x),
      },
      "of the same value": {
        near: (v) => v.div(v.centred(v.x), v.root(v.variance(v.z, 1))),
        wrong: (v) => v.normalize(v.x),
      },
      "the variance without correction": {
        near: (v) => v.div(v.centred(v.x), v.root(v.variance(v.x, 1, 1))),
        wrong: (v) => v.normalize(v.x),
      },
    },
  },
  "normalize-with-gain": {
    applies: [
      (v) => v.mul(v.centred(v.x), v.div(v.row, v.root(v.variance(v.x, 1)))),
      (v) => v.mul(v.div(v.row, v.root(v.mean(v.squared(v.x), 1))), v.x),
    ],
    conditions: {
      "of the same value": {
        near: (v) => v.mul(v.centred(v.x), v.div(v.row, v.root(v.variance(v.z, 1)))),
        wrong: (v) => v.mul(v.normalize(v.x), v.row),
      },
    },
  },
  "rms-normalize": {
    applies: [(v) => v.div(v.x, v.root(v.mean(v.squared(v.x), 1)))],
    conditions: {
      "of the same value": {
        near: (v) => v.div(v.x, v.root(v.mean(v.squared(v.z), 1))),
        wrong: (v) => v.rms(v.x),
      },
    },
  },
};
