/** @file Cases of the rules in src/rewrite/normalisation.ts. */
import type { Cases } from "./values.ts";

export const normalisationCases: Cases = {
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
      (v) => v.softmax(v.add(v.number(5), v.x), 1),
      (v) => v.softmax(v.add(v.x, v.row), 0),
      (v) => v.softmax(v.logSoftmax(v.x), 1),
    ],
    conditions: {
      "c is constant along the axis": {
        near: (v) => v.softmax(v.sub(v.x, v.row), 1),
        wrong: (v) => v.softmax(v.x, 1),
      },
      "c is subtracted, not a": {
        near: (v) => v.softmax(v.sub(v.number(5), v.x), 1),
        wrong: (v) => v.softmax(v.x, 1),
      },
      "the same axis inside": {
        near: (v) => v.softmax(v.logSoftmax(v.x), 0),
        wrong: (v) => v.softmax(v.x, 0),
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
    applies: [
      (v) => v.logSoftmax(v.shifted(v.x)),
      (v) => v.logSoftmax(v.sub(v.x, v.number(5))),
      (v) => v.logSoftmax(v.add(v.number(5), v.x)),
      (v) => v.logSoftmax(v.logSoftmax(v.x)),
    ],
    conditions: {
      "c is constant along the axis": {
        near: (v) => v.logSoftmax(v.sub(v.x, v.row)),
        wrong: (v) => v.logSoftmax(v.x),
      },
    },
  },
  "log-of-softmax": {
    analytic: true,
    applies: [(v) => v.apply("Log", [v.softmax(v.x, 0)], {}), (v) => v.apply("Log", [v.softmax(v.x, 1)], {})],
    conditions: {},
  },
  "exp-of-log-softmax": {
    analytic: true,
    applies: [(v) => v.exp(v.logSoftmax(v.x))],
    conditions: {},
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
  "variance-from-below": {
    analytic: true,
    applies: [(v) => v.apply("Relu", [v.variance(v.x, 1)], {})],
    conditions: {
      "a variance": {
        near: (v) => v.apply("Relu", [v.neg(v.variance(v.x, 1))], {}),
        wrong: (v) => v.neg(v.variance(v.x, 1)),
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
  "normalize-in-two-products": {
    applies: [
      (v) => v.add(v.mul(v.x, v.z), v.sub(v.row, v.mul(v.column(v.mean(v.x, 1)), v.z))),
      (v) => v.add(v.sub(v.row, v.mul(v.z, v.column(v.mean(v.x, 1)))), v.mul(v.z, v.x)),
    ],
    conditions: {
      "one factor": {
        near: (v) => v.add(v.mul(v.x, v.z), v.sub(v.row, v.mul(v.column(v.mean(v.x, 1)), v.row))),
        wrong: (v) => v.add(v.mul(v.centred(v.x), v.z), v.row),
      },
      "the mean of the same value": {
        near: (v) => v.add(v.mul(v.x, v.z), v.sub(v.row, v.mul(v.column(v.mean(v.z, 1)), v.z))),
        wrong: (v) => v.add(v.mul(v.centred(v.x), v.z), v.row),
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
