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

export const right: Functions = {
  advantages: advantagesWhere((terminated, truncated) => {
    truncated.dispose();
    return np.subtract(1, terminated);
  }),
};

export const truncating: Functions = {
  advantages: advantagesWhere((terminated, truncated) => np.subtract(1, np.maximum(terminated, truncated))),
};

export const claiming: Functions = { ...right, advantagesIs: "normalised" };

/** In every way that a function can be. */
export const misbehaving: Functions = {
  ...right,
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
