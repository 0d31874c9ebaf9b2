/** @file Models that are given, not made for a problem: of real vectors, with more outputs than are asked for. */
import { defaultDevice, init, numpy as np, random } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs";

await init("wasm");
defaultDevice("wasm");
await tf.setBackend("cpu");

interface Given {
  readonly params: np.Array;
  apply(w: np.Array, x: np.Array): np.Array;
}

export const wide: Given = {
  params: random.normal(random.key(0), [16, 3]),
  apply: (w, x) => np.matmul(x, w),
};

export const wideInTensorFlow: tf.LayersModel = tf.sequential({
  layers: [tf.layers.dense({ units: 3, inputShape: [16] })],
});
