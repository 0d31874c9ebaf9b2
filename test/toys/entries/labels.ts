/** @file Broken entries for the problems on labels, batches and what of the input is read: one for every rung that has a cause. */
import { nn, numpy as np } from "@jax-js/jax";
import {
  type Array,
  affine,
  features,
  keys,
  type Layer,
  layer,
  type Model,
  type Output,
  type Problem,
  product,
} from "../../../examples/toys/layers.ts";
import { model as perceptron } from "../../../examples/toys/perceptron.ts";

type Entry = (problem: Problem, key: Array) => Model;
type Outputs = Record<string, Array>;

/** A perceptron whose outputs are changed. */
const after =
  (change: (output: Array, of: Output) => Array): Entry =>
  (problem, key) => {
    const { params, apply } = perceptron(problem, key);
    return {
      params,
      apply: (given, ...inputs) => {
        const said = apply(given, ...inputs);
        return Object.fromEntries(
          problem.outputs.map((output) => [output.name, change(said[output.name] as Array, output)]),
        );
      },
    };
  };

/** A perceptron whose input is changed. */
const before =
  (change: (x: Array) => Array): Entry =>
  (problem, key) => {
    const { params, apply } = perceptron(problem, key);
    return { params, apply: (given, x) => apply(given, change(x)) };
  };

export const withSoftmax: Entry = after((x, { width }) => (width === 1 ? nn.sigmoid(x) : nn.softmax(x, -1)));
export const withTanh: Entry = after((x) => np.tanh(x));

export const blind: Entry = before((x) => np.zerosLike(x));

/** Columns from … to − 1 are lost. */
const withoutColumns = (from: (width: number) => number, to: (width: number) => number): Entry =>
  before((x) => {
    const width = x.shape[1] ?? 0;
    const column = np.arange(width);
    const lost = np.less(column.ref, to(width)).mul(np.greaterEqual(column, from(width)));
    return np.where(lost, np.zerosLike(x.ref), x);
  });
export const withoutLast: Entry = withoutColumns(
  (width) => width - 1,
  (width) => width,
);
export const withoutFirst: Entry = withoutColumns(
  () => 0,
  () => 1,
);
export const withoutFirstHalf: Entry = withoutColumns(
  () => 0,
  (width) => width / 2,
);
export const withoutSecondHalf: Entry = withoutColumns(
  (width) => width / 2,
  (width) => width,
);

export const withIdsUpToTen: Entry = before((x) => np.minimum(x, 10));
export const withLowerIds: Entry = before((x) => np.maximum(x.sub(1), 0));

const batchMean = (x: Array): Array => np.mean(x, 0, { keepdims: true });
export const withBatchMean: Entry = before((x) => np.zerosLike(x.ref).add(batchMean(x)));
export const withBatchNormalisation: Entry = before((x) => {
  const centred = x.ref.sub(batchMean(x));
  return centred.ref.div(np.sqrt(batchMean(np.square(centred)).add(1e-5)));
});
export const withRowNumbers: Entry = before((x) => {
  const [rows = 0, ...rest] = x.shape;
  return x.add(
    np
      .arange(rows)
      .astype(np.float32)
      .reshape([rows, ...rest.map(() => 1)]),
  );
});
/** Rows are moved on along the batch, so that each answers for the one before. */
export const withRowBefore: Entry = before((x) => {
  const rows = x.shape[0] ?? 0;
  return np.concatenate([np.zerosLike(x.ref.slice([0, 1])), x.slice([0, rows - 1])], 0);
});

/** One affine layer on all features. */
const oneLayer =
  (say: (x: Array, own: Layer) => Array): Entry =>
  ({ inputs, outputs }, key) => {
    const [input, output] = [inputs[0], outputs[0]];
    if (input === undefined || output === undefined) throw new RangeError("there is no input or output");
    const width = product(input.shape) * (input.count ?? 1);
    return {
      params: layer(keys(key)(), width, output.width),
      apply: (own: Layer, x): Outputs => {
        const rows = x?.shape[0] ?? 0;
        const said = say(features(x, input).reshape([rows, width]), own);
        return { [output.name]: output.width === 1 ? said.reshape([rows]) : said };
      },
    };
  };
export const linear: Entry = oneLayer((x, own) => affine(x, own));
export const linearWithoutBias: Entry = oneLayer((x, { w, b }) => np.matmul(x, w).add(b.mul(0)));
/** The first of the features, a token's one-hot vector, is blanked. */
export const withPaddingZero: Entry = oneLayer((x, { w, b }) => {
  const width = x.shape[1] ?? 0;
  const mask = np.minimum(np.arange(width), 1).astype(np.float32);
  return np.matmul(x.mul(mask), w).add(b.mul(0));
});

interface WithLoss {
  readonly model: Entry;
  loss(outputs: Outputs, label: Array): Array;
}

/** Cross-entropy where classes are weighted, or moved on by one. */
const withLoss = (weights: readonly number[], shift = 0): WithLoss => ({
  model: perceptron,
  loss: ({ label: said }, label) => {
    const classes = weights.length;
    const moved = label.add(shift);
    const wrapped = np.where(np.greaterEqual(moved.ref, classes), moved.ref.sub(classes), moved);
    const logs = nn.logSoftmax(said as Array, -1).mul(nn.oneHot(wrapped, classes));
    return np.mean(np.sum(logs.mul(np.array([...weights])), -1)).mul(-1);
  },
});
const frequencies = [0.8, 0.15, 0.05];
export const withInverseFrequencies: WithLoss = withLoss(frequencies.map((p) => 1 / (3 * p)));
export const withFrequencies: WithLoss = withLoss(frequencies.map((p) => 3 * p));
export const withLabelsOffByOne: WithLoss = withLoss(
  Array.from({ length: 10 }, () => 1),
  1,
);
