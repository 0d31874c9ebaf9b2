/** @file What calls of a user's functions need of TensorFlow.js. */
import { zip } from "../../base/assert.ts";
import type { Arrays } from "./calls.ts";
import { checkedOptimizer, type TfLibrary, type TfTensor, tensorOf } from "./tfjs-model.ts";

export const tfjsArrays = (tf: TfLibrary): Arrays => ({
  arrayOf: (tensor) => tensorOf(tf, tensor),
  numbersOf: (said) => (said instanceof tf.Tensor ? read(said) : undefined),
  stepper: (make, learningRate, start) => {
    const optimizer = checkedOptimizer(make(learningRate));
    const parameters = start.map((tensor) => tf.variable(tensorOf(tf, tensor)));
    return (gradients) => {
      const given = zip(parameters, gradients).map(([{ name }, gradient]) => ({
        name,
        tensor: tensorOf(tf, gradient),
      }));
      optimizer.applyGradients(given);
      return parameters.map(read);
    };
  },
});

const read = (tensor: TfTensor): { shape: number[]; data: Float32Array } => ({
  shape: tensor.shape,
  data: Float32Array.from(tensor.dataSync()),
});
