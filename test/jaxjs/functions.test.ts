/** @file Every function of jax-js in the table is traced; its graph in float64 has the library's own value. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { type AnyFunction, type Arrays, evaluateGraph, graphOf, numbers, ownValues } from "./helpers.ts";

type Array = np.Array;
const { var_: variance } = np;
const x = numbers([5, 4]);
const y = numbers([5, 4], 3);
const positive = np.abs(numbers([5, 4])).add(0.25);
const integers = np.array([3, 0, 2, 1, 3], { dtype: np.int32 });

const unary: Readonly<Record<string, (x: Array) => unknown>> = {
  negative: np.negative,
  exp: np.exp,
  sin: np.sin,
  cos: np.cos,
  tan: np.tan,
  tanh: np.tanh,
  sinh: np.sinh,
  cosh: np.cosh,
  arcsinh: np.arcsinh,
  abs: np.abs,
  sign: (a) => np.where(np.greater(a.ref, 0), 1, np.where(np.less(a, 0), -1, 0)),
  square: np.square,
  "power 3": (a) => np.power(a, 3),
  clip: (a) => np.clip(a, -1, 1),
  expm1: np.expm1,
  heaviside: (a) => np.heaviside(a, 0.5),
  "sum of all": (a) => np.sum(a),
  "sum of axis 1": (a) => np.sum(a, 1),
  "sum that keeps its axes": (a) => np.sum(a, [0, 1], { keepdims: true }),
  mean: (a) => np.mean(a, 1),
  "mean of all": (a) => np.mean(a),
  "mean over the batch": (a) => np.mean(a, 0),
  var: (a) => variance(a, 1),
  "sample variance": (a) => variance(a, 1, { correction: 1 }),
  "sample variance of the batch": (a) => variance(a, 0, { correction: 1 }),
  std: (a) => np.std(a, 1),
  max: (a) => np.max(a, 1),
  min: (a) => np.min(a, 0),
  prod: (a) => np.prod(a, 1),
  ptp: (a) => np.ptp(a, 1),
  any: (a) => np.any(np.greater(a, 1), 1),
  all: (a) => np.all(np.greater(a, -1.9), 1),
  argmax: (a) => np.argmax(a, 1),
  cumsum: (a) => np.cumsum(a, 1),
  transpose: (a) => np.transpose(a),
  reshape: (a) => np.reshape(a, [-1, 2]),
  ravel: np.ravel,
  flip: (a) => np.flip(a, 1),
  roll: (a) => np.roll(a, 1, 1),
  "slice 1:3": (a) => a.slice([], [1, 3]),
  "column 2": (a) => a.slice([], 2),
  split: (a) => np.split(a, 2, 1),
  pad: (a) =>
    np.pad(a, [
      [0, 0],
      [1, 2],
    ]),
  tile: (a) => np.tile(a, [1, 2]),
  repeat: (a) => np.repeat(a, 2, 1),
  squeeze: (a) => np.squeeze(np.expandDims(a, 1), 1),
  broadcastTo: (a) => np.broadcastTo(a.slice([], [0, 1]), [5, 3]),
  logicalNot: (a) => np.logicalNot(np.greater(a, 0)),
  relu: nn.relu,
  relu6: nn.relu6,
  sigmoid: nn.sigmoid,
  softplus: nn.softplus,
  softSign: nn.softSign,
  silu: nn.silu,
  logSigmoid: nn.logSigmoid,
  leakyRelu: (a) => nn.leakyRelu(a, 0.2),
  hardSigmoid: nn.hardSigmoid,
  hardSilu: nn.hardSilu,
  elu: (a) => nn.elu(a),
  celu: (a) => nn.celu(a, 2),
  selu: nn.selu,
  "gelu (tanh)": (a) => nn.gelu(a),
  "gelu (erf)": (a) => nn.gelu(a, { approximate: false }),
  glu: (a) => nn.glu(a),
  squareplus: (a) => nn.squareplus(a),
  mish: nn.mish,
  softmax: (a) => nn.softmax(a),
  "softmax over the batch": (a) => nn.softmax(a, 0),
  logSoftmax: (a) => nn.logSoftmax(a),
  logsumexp: (a) => nn.logsumexp(a, 1),
  logmeanexp: (a) => nn.logmeanexp(a, 1),
  standardize: (a) => nn.standardize(a),
  erf: lax.erf,
  erfc: lax.erfc,
  stopGradient: lax.stopGradient,
};

const binary: Readonly<Record<string, (x: Array, y: Array) => unknown>> = {
  add: np.add,
  subtract: np.subtract,
  multiply: np.multiply,
  divide: (a, b) => np.trueDivide(a, b.add(4)),
  maximum: np.maximum,
  minimum: np.minimum,
  less: np.less,
  lessEqual: np.lessEqual,
  equal: np.equal,
  notEqual: np.notEqual,
  greaterEqual: np.greaterEqual,
  logicalAnd: (a, b) => np.logicalAnd(np.greater(a, 0), np.greater(b, 0)),
  logicalOr: (a, b) => np.logicalOr(np.greater(a, 0), np.greater(b, 0)),
  logicalXor: (a, b) => np.logicalXor(np.greater(a, 0), np.greater(b, 0)),
  where: (a, b) => np.where(np.less(a.ref, 0), a, b),
  hypot: np.hypot,
  logaddexp: np.logaddexp,
  concatenate: (a, b) => np.concatenate([a, b], 1),
  stack: (a, b) => np.stack([a, b], 1),
  "matmul with a transpose": (a, b) => np.matmul(a, np.transpose(b)),
  inner: np.inner,
  vecdot: (a, b) => np.vecdot(a, b),
  "einsum bi,bj->bij": (a, b) => np.einsum("bi,bj->bij", a, b),
  "einsum bi,bi->b": (a, b) => np.einsum("bi,bi->b", a, b),
  "tensordot of both axes": (a, b) => np.tensordot(a, b, 2),
  "attention scores": (a, b) => nn.softmax(np.einsum("ni,mi->nm", a, b)),
};

const onPositive: Readonly<Record<string, (x: Array) => unknown>> = {
  log: np.log,
  log1p: np.log1p,
  log2: np.log2,
  sqrt: np.sqrt,
  reciprocal: np.reciprocal,
  cbrt: np.cbrt,
  "power 1/2": (a) => np.power(a, 0.5),
  "power −3/2": (a) => np.power(a, -1.5),
};

const onIntegers: Readonly<Record<string, (i: Array) => unknown>> = {
  oneHot: (i) => nn.oneHot(i, 4),
  take: (i) => np.take(numbers([4, 3]), i, 0),
  "take along axis 1": (i) => np.take(numbers([3, 4]), i, 1),
  "arithmetic beside bare numbers": (i) => np.where(np.less(i.ref.mul(2).sub(1), 3), i.ref.add(1), i.mul(-1)),
  "cast to float": (i) => i.astype(np.float32).mul(0.5),
};

// float32 carries 24 bits; sums of at most 20 terms and a few functions in a row lose under 6 of them.
const relative = 2 ** -18;

async function agrees(f: AnyFunction, inputs: Arrays): Promise<void> {
  const graph = await graphOf(f, inputs);
  const mine = evaluateGraph(graph, inputs);
  const own = ownValues(f, inputs);
  expect(mine.map((values) => values.length)).toEqual(own.map((values) => values.length));
  for (const [output, values] of own.entries()) {
    for (const [i, value] of values.entries()) {
      const difference = Math.abs((mine[output]?.[i] ?? Number.NaN) - value);
      expect(difference, `output ${output}, element ${i}`).toBeLessThan(relative * (1 + Math.abs(value)));
    }
  }
}

describe("the graph of a function has the library's value", () => {
  test.each(Object.entries(unary))("%s", (_, f) => agrees(f, { x }));
  test.each(Object.entries(binary))("%s", (_, f) => agrees(f, { x, y }));
  test.each(Object.entries(onPositive))("%s", (_, f) => agrees(f, { x: positive }));
  test.each(Object.entries(onIntegers))("%s", (_, f) => agrees(f, { i: integers }));
});
