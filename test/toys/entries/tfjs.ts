/** @file Entries in TensorFlow.js: sound ones with all parts of a training, and ones that break its rules. */
import * as tf from "@tensorflow/tfjs";
import type { Task } from "../../../src/cli/toys/task.ts";
import type { Description } from "../../../src/toys/description.ts";

await tf.setBackend("cpu");

type Targets = Readonly<Record<string, tf.Tensor>>;
type Train = (model: tf.LayersModel, task: Task) => unknown;
interface Entry {
  model(problem: Description): tf.LayersModel;
  loss?(outputs: tf.Tensor[], targets: Targets): tf.Tensor;
  optimizer?(learningRate: number): tf.Optimizer;
  readonly train?: Train;
}

const layer = (units: number, activation: "relu" | "linear" = "linear"): tf.layers.Layer =>
  tf.layers.dense({ units, activation });

/** Two heads on thirty-two hidden units, with layers between. */
const network =
  (...between: (() => tf.layers.Layer)[]) =>
  ({ inputs, outputs }: Description): tf.LayersModel => {
    const input = tf.input({ shape: [...(inputs[0]?.shape ?? [])] });
    let hidden = layer(32, "relu").apply(input) as tf.SymbolicTensor;
    for (const make of between) hidden = make().apply(hidden) as tf.SymbolicTensor;
    const heads = outputs.map(({ width }) => layer(width).apply(hidden) as tf.SymbolicTensor);
    return tf.model({ inputs: input, outputs: heads });
  };

const column = (y: tf.Tensor): tf.Tensor => y.reshape([-1]);

function loss([label, value]: tf.Tensor[], { label: asked, target }: Targets): tf.Tensor {
  const logit = column(label as tf.Tensor);
  const crossEntropy = logit
    .softplus()
    .sub(logit.mul(asked as tf.Tensor))
    .mean();
  return crossEntropy.add(
    column(value as tf.Tensor)
      .squaredDifference(target as tf.Tensor)
      .mean(),
  );
}

const training =
  (say: (loss: number) => number): Train =>
  (model, task) => {
    const optimizer = tf.train.adam(task.learningRate);
    for (const [[x], targets] of task.batches()) {
      const of = (): tf.Scalar =>
        loss(model.apply(x as tf.Tensor, { training: true }) as tf.Tensor[], targets as Targets) as tf.Scalar;
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      task.report(say(optimizer.minimize(of, true, variables)?.dataSync()[0] ?? 0));
    }
  };

export const ownParts: Entry = {
  model: network(),
  loss,
  optimizer: (learningRate) => tf.train.momentum(10 * learningRate, 0.9),
};
/** In training dropout draws, and running averages of means and variances move; what is asked must leave both alone. */
export const trained: Entry = {
  model: network(
    () => tf.layers.batchNormalization({ momentum: 0.9 }),
    () => tf.layers.dropout({ rate: 0.05 }),
  ),
  train: training((one) => one),
};
export const halved: Entry = { model: network(), train: training((one) => one / 2) };
export const wrongShape: Entry = { model: ({ inputs }) => network()({ inputs, outputs: [] } as never) };
export const otherModel: Entry = { model: network(), train: () => ({}) };
export const notOptimizer: Entry = { model: network(), optimizer: () => 7 as never };
/** Functions alone; there is no model that shows the library. */
export const functions: Readonly<Record<string, unknown>> = {
  optimizer: (learningRate: number) => tf.train.adam(learningRate),
  crossEntropy: (logits: tf.Tensor, labels: tf.Tensor1D) =>
    tf.losses.softmaxCrossEntropy(tf.oneHot(labels, logits.shape.at(-1) ?? 1), logits),
  squaredError: (said: tf.Tensor, targets: tf.Tensor) => said.squaredDifference(targets).mean(),
};
