/** @file A network with one hidden layer and two heads: a logit for the XOR of two signs, a value that follows a third. */
import { defaultDevice, init, numpy as np, random } from "@jax-js/jax";

await init("wasm");
defaultDevice("wasm");

interface Layer {
  readonly w: np.Array;
  readonly b: np.Array;
}
interface Params {
  readonly hidden: Layer;
  readonly logit: Layer;
  readonly value: Layer;
}

const layer = (seed: number, inputs: number, outputs: number): Layer => ({
  w: random.normal(random.key(seed), [inputs, outputs]).mul(1 / Math.sqrt(inputs)),
  b: np.zeros([outputs]),
});

const affine = (x: np.Array, { w, b }: Layer): np.Array => np.matmul(x, w).add(b);

const params: Params = { hidden: layer(1, 3, 8), logit: layer(2, 8, 1), value: layer(3, 8, 1) };

function apply({ hidden, logit, value }: Params, x: np.Array): { logit: np.Array; y: np.Array } {
  const h = np.tanh(affine(x, hidden)); // [B, 8]
  return { logit: affine(h.ref, logit), y: affine(h, value) }; // [B, 1], [B, 1]
}

export const model: { name: string; params: Params; inputs: { x: number[] }; apply: typeof apply } = {
  name: "XorRegression",
  params,
  inputs: { x: [4, 3] },
  apply,
};
