/** @file Entries whose forward pass is right: gradients that are cut or turned, and optimizers that leave something out. */
import { defaultDevice, init, lax, nn, numpy as np, random, tree } from "@jax-js/jax";
import type { Description } from "../../../src/toys/description.ts";

await init("wasm");
defaultDevice("wasm");

interface Params {
  readonly hidden: { readonly w: np.Array; readonly b: np.Array };
  readonly heads: { readonly w: np.Array; readonly b: np.Array };
}
interface Model {
  readonly params: Params;
  apply(params: Params, x: np.Array): np.Array[];
}

const units = 32;

/** One hidden layer, whose units `between` may change on the way to the heads. */
const entry =
  (between: (h: np.Array) => np.Array = (h) => h) =>
  ({ inputs, outputs }: Description, key: np.Array): Model => {
    const [first, second] = random.split(key, 2);
    return {
      params: {
        hidden: {
          w: random.normal(first as np.Array, [inputs[0]?.shape[0] ?? 1, units]),
          b: np.zeros([units]),
        },
        heads: {
          w: random.normal(second as np.Array, [units, outputs.length]).mul(1 / Math.sqrt(units)),
          b: np.zeros([outputs.length]),
        },
      },
      apply: ({ hidden, heads }, x) => {
        const h = between(nn.relu(np.matmul(x, hidden.w).add(hidden.b)));
        return np.split(np.matmul(h, heads.w).add(heads.b), outputs.length, 1);
      },
    };
  };

/** The gradient ends at the hidden layer. */
export const detached: ReturnType<typeof entry> = entry((h) => lax.stopGradient(h));

/** The value of h, and half of its gradient. */
export const halfDetached: ReturnType<typeof entry> = entry((h) =>
  h.ref.mul(0.5).add(lax.stopGradient(h.mul(0.5))),
);

interface WithOptimizer {
  readonly model: ReturnType<typeof entry>;
  optimizer(learningRate: number): {
    init(params: Params): null;
    update(gradients: Params): readonly [Params, null];
  };
}

/** Gradient descent, where `change` makes steps of gradients. */
const descending = (change: (gradients: Params, learningRate: number) => Params): WithOptimizer => ({
  model: entry(),
  optimizer: (learningRate) => ({
    init: (params) => {
      tree.dispose(params as never);
      return null;
    },
    update: (gradients) => [change(gradients, learningRate), null],
  }),
});

function scaled({ hidden, heads }: Params, factor: number): Params {
  const layer = ({ w, b }: Params["hidden"]): Params["hidden"] => ({ w: w.mul(factor), b: b.mul(factor) });
  return { hidden: layer(hidden), heads: layer(heads) };
}

/** The biases of the hidden layer are forgotten. */
export const skippingBiases: WithOptimizer = descending((gradients, rate) => {
  const { hidden, heads } = scaled(gradients, -10 * rate);
  return { hidden: { w: hidden.w, b: hidden.b.mul(0) }, heads };
});

/** The sign of the step is wrong. */
export const ascending: WithOptimizer = descending((gradients, rate) => scaled(gradients, rate));

/** Nothing is wrong but a rate at which nothing is learned. */
export const hardlyMoving: WithOptimizer = descending((gradients) => scaled(gradients, -1e-4));
