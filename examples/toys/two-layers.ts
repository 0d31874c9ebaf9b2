/** @file Two layers for problems with one real input, as short as an entry can be; in the second model the activation is forgotten. */
import { defaultDevice, init, nn, numpy as np, random } from "@jax-js/jax";

await init("wasm");
defaultDevice("wasm");

interface Problem {
  readonly inputs: readonly { readonly shape: readonly number[] }[];
  readonly outputs: readonly { readonly name: string; readonly width: number }[];
}
interface Params {
  readonly hidden: np.Array;
  readonly bias: np.Array;
  readonly heads: np.Array;
}
interface Model {
  readonly params: Params;
  apply(params: Params, x: np.Array): np.Array[];
}

const units = 32;

const entry =
  (activation: (x: np.Array) => np.Array) =>
  ({ inputs, outputs }: Problem, key: np.Array): Model => {
    const [first, second] = random.split(key, 2);
    const params = {
      hidden: random.normal(first as np.Array, [inputs[0]?.shape[0] ?? 1, units]),
      bias: np.zeros([units]),
      heads: random.normal(second as np.Array, [units, outputs.length]).mul(1 / Math.sqrt(units)),
    };
    return {
      params,
      // One column for every output, in order.
      apply: ({ hidden, bias, heads }, x) =>
        np.split(np.matmul(activation(np.matmul(x, hidden).add(bias)), heads), outputs.length, 1),
    };
  };

export const model: ReturnType<typeof entry> = entry(nn.relu);
export const forgotten: ReturnType<typeof entry> = entry((x) => x);
