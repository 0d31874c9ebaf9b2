/** @file Two layers in TensorFlow.js for problems with one real input; in the second model the activation is forgotten. */
import * as tf from "@tensorflow/tfjs";

await tf.setBackend("cpu");

interface Problem {
  readonly inputs: readonly { readonly shape: readonly number[] }[];
  readonly outputs: readonly { readonly name: string; readonly width: number }[];
}

const entry =
  (activation: "relu" | "linear") =>
  ({ inputs, outputs }: Problem): tf.LayersModel => {
    const input = tf.input({ shape: [...(inputs[0]?.shape ?? [])] });
    const hidden = tf.layers.dense({ units: 32, activation }).apply(input) as tf.SymbolicTensor;
    // One head for every output, in order.
    const heads = outputs.map(
      ({ width }) => tf.layers.dense({ units: width }).apply(hidden) as tf.SymbolicTensor,
    );
    return tf.model({ inputs: input, outputs: heads });
  };

export const model: (problem: Problem) => tf.LayersModel = entry("relu");
export const forgotten: (problem: Problem) => tf.LayersModel = entry("linear");
