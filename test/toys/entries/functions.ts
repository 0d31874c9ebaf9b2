/** @file Entries that bring functions and no model: sound ones, broken ones, and ones that misbehave. */
import { defaultDevice, init, numpy as np } from "@jax-js/jax";

await init("wasm");
defaultDevice("wasm");

type Arrays = readonly [np.Array, np.Array, np.Array, np.Array, np.Array];

/** Advantages in a loop from the last step; `bootstraps` says where the value that follows counts. */
const advantagesWhere =
  (bootstraps: (terminated: np.Array, truncated: np.Array) => np.Array) =>
  (
    ...[rewards, values, next, terminated, truncated, gamma, lambda]: [...Arrays, number, number]
  ): np.Array => {
    const lasts = np.subtract(1, terminated.ref).mul(np.subtract(1, truncated.ref));
    const deltas = rewards.add(bootstraps(terminated, truncated).mul(next).mul(gamma)).sub(values);
    const steps = np.split(deltas, 10);
    const carries = np.split(lasts.mul(gamma * lambda), 10);
    const found: np.Array[] = [];
    let last = np.zeros([1]);
    for (const [index, step] of steps.toReversed().entries()) {
      last = step.add((carries[9 - index] as np.Array).mul(last));
      found.unshift(last.ref);
    }
    last.dispose();
    return np.concatenate(found);
  };

type Functions = Readonly<Record<string, unknown>>;

const rightAdvantages = {
  advantages: advantagesWhere((terminated, truncated) => {
    truncated.dispose();
    return np.subtract(1, terminated);
  }),
};

interface Moments {
  readonly first: readonly np.Array[];
  readonly second: readonly np.Array[];
  readonly step: number;
}

/** Adam with decoupled weight decay; `corrects` says whether moments are corrected for their start at zero. */
const adamw = (corrects: boolean) => (learningRate: number) => ({
  init: (params: readonly np.Array[]): Moments => {
    const zeros = (): np.Array[] => params.map((array) => np.zerosLike(array.ref));
    const moments = { first: zeros(), second: zeros(), step: 0 };
    for (const array of params) array.dispose();
    return moments;
  },
  update: (
    gradients: readonly np.Array[],
    state: Moments,
    params: readonly np.Array[],
  ): [np.Array[], Moments] => {
    const step = state.step + 1;
    const [m, v] = corrects ? [1 - 0.9 ** step, 1 - 0.999 ** step] : [1, 1];
    const first = gradients.map((g, k) => (state.first[k] as np.Array).mul(0.9).add(g.ref.mul(0.1)));
    const second = gradients.map((g, k) =>
      (state.second[k] as np.Array).mul(0.999).add(np.square(g).mul(0.001)),
    );
    const changes = params.map((theta, k) => {
      const size = np.sqrt((second[k] as np.Array).ref.div(v)).add(1e-8);
      const change = (first[k] as np.Array).ref.div(m).div(size).add(theta.mul(0.1));
      return change.mul(-learningRate);
    });
    return [changes, { first, second, step }];
  },
});
const optimizerIs = { kind: "adamw", weightDecay: 0.1 };

export const right: Functions = { ...rightAdvantages, optimizer: adamw(true), optimizerIs };

export const wrong: Functions = {
  advantages: advantagesWhere((terminated, truncated) => np.subtract(1, np.maximum(terminated, truncated))),
  optimizer: adamw(false),
  optimizerIs,
};

/** Advantages that are said to be something else, and an optimizer of which nothing is said. */
export const claiming: Functions = {
  ...rightAdvantages,
  advantagesIs: "normalised",
  optimizer: adamw(true),
};

/** In every way that a function can be. */
export const misbehaving: Functions = {
  ...right,
  optimizer: () => ({ init: () => 0 }),
  advantagesIs: "normal",
  returns: () => {
    throw new TypeError("the author's own mistake");
  },
  entropy: (logits: np.Array) => np.zerosLike(logits),
  kl: () => "kl",
  divergence: () => process.exit(7),
  policyGradient: () => {
    for (;;) if (Date.now() < 0) return 0;
  },
  squaredError: (outputs: np.Array, targets: np.Array) => {
    targets.dispose();
    return np.sum(np.zerosLike(outputs));
  },
};
export const nothing: Functions = { advantage: 7 };
