/** @file Networks of two layers, each right one followed by wrong ones that differ from it in a single mistake. */
import { defaultDevice, init, nn, numpy as np, random } from "@jax-js/jax";

await init("cpu");
defaultDevice("cpu");

const [inputs, hidden, outputs] = [4, 8, 2];

interface Layer {
  readonly w: np.Array;
  readonly b: np.Array;
}
interface Params {
  readonly first: Layer;
  readonly second: Layer;
}
type Apply<P> = (params: P, x: np.Array) => np.Array;
interface Model<P = Params> {
  readonly name: string;
  readonly params: P;
  readonly inputs: { readonly x: number[] };
  readonly apply: Apply<P>;
}

const layer = (seed: number, from: number, to: number): Layer => ({
  w: random.normal(random.key(seed), [from, to]).mul(1 / Math.sqrt(from)),
  b: random.normal(random.key(seed + 100), [to]).mul(0.1),
});

const affine = (x: np.Array, { w, b }: Layer): np.Array => np.matmul(x, w).add(b);

// y = tanh(x W1 + b1) W2 + b2

const mlpOf = (name: string, apply: Apply<Params>): Model => ({
  name,
  params: { first: layer(1, inputs, hidden), second: layer(2, hidden, outputs) },
  inputs: { x: [3, inputs] },
  apply,
});

export const mlp: Model = mlpOf("Mlp", ({ first, second }, x) => affine(np.tanh(affine(x, first)), second));

/** Wrong: relu where tanh is meant. */
export const wrongActivation: Model = mlpOf("WrongActivation", ({ first, second }, x) =>
  affine(nn.relu(affine(x, first)), second),
);

/** Wrong: the output can't leave (−1, 1). */
export const activationOnTheOutput: Model = mlpOf("ActivationOnTheOutput", ({ first, second }, x) =>
  np.tanh(affine(np.tanh(affine(x, first)), second)),
);

/** Wrong: the hidden layer has no bias. */
export const biasMissing: Model<{ first: { w: np.Array }; second: Layer }> = {
  name: "BiasMissing",
  params: { first: { w: layer(1, inputs, hidden).w }, second: layer(2, hidden, outputs) },
  inputs: { x: [3, inputs] },
  apply: ({ first, second }, x) => affine(np.tanh(np.matmul(x, first.w)), second),
};

/** Wrong: the layer has added its bias already. */
export const biasTwice: Model = mlpOf("BiasTwice", ({ first, second }, x) => {
  const bias = second.b.ref;
  return affine(np.tanh(affine(x, first)), second).add(bias);
});

/** Wrong: a factor of 2. */
export const outputDoubled: Model = mlpOf("OutputDoubled", ({ first, second }, x) =>
  affine(np.tanh(affine(x, first)), second).mul(2),
);

// The same with equal widths, so that the layers can be mistaken for each other.

const squareOf = (name: string, apply: Apply<Params>): Model => ({
  name,
  params: { first: layer(3, inputs, inputs), second: layer(4, inputs, inputs) },
  inputs: { x: [3, inputs] },
  apply,
});

export const square: Model = squareOf("Square", ({ first, second }, x) =>
  affine(np.tanh(affine(x, first)), second),
);

/** Wrong: the second layer multiplies by the first one's weight. */
export const oneWeightForBothLayers: Model = squareOf("OneWeightForBothLayers", ({ first, second }, x) => {
  const weight = first.w.ref;
  return affine(np.tanh(affine(x, first)), { w: weight, b: second.b });
});

// y = x + tanh(x W1 + b1) W2 + b2

const residualOf = (name: string, apply: Apply<Params>): Model => ({
  name,
  params: { first: layer(5, inputs, hidden), second: layer(6, hidden, inputs) },
  inputs: { x: [3, inputs] },
  apply,
});

export const residual: Model = residualOf("Residual", ({ first, second }, x) =>
  np.add(x.ref, affine(np.tanh(affine(x, first)), second)),
);

/** Wrong: without the skip connection. */
export const skipDropped: Model = residualOf("SkipDropped", ({ first, second }, x) =>
  affine(np.tanh(affine(x, first)), second),
);

// The first network on an input whose features have mean 0 and variance 1.

const normalise = (x: np.Array): np.Array => {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
  return centred.div(np.sqrt(variance.add(1e-5)));
};

export const normalised: Model = mlpOf("Normalised", ({ first, second }, x) =>
  affine(np.tanh(affine(normalise(x), first)), second),
);

/** Wrong: the input as it comes. */
export const inputNotNormalised: Model = mlpOf("InputNotNormalised", ({ first, second }, x) =>
  affine(np.tanh(affine(x, first)), second),
);

// Attention over a set: a = softmax_n(h w), y = (sum_n a_n h_n) W2 + b2 for x : [B, N, inputs]

interface PoolParams {
  readonly first: Layer;
  readonly score: np.Array;
  readonly second: Layer;
}

const poolOf = (name: string, apply: Apply<PoolParams>): Model<PoolParams> => ({
  name,
  params: {
    first: layer(7, inputs, hidden),
    score: random.normal(random.key(8), [hidden, 1]),
    second: layer(9, hidden, outputs),
  },
  inputs: { x: [3, 5, inputs] },
  apply,
});

export const attentionPool: Model<PoolParams> = poolOf("AttentionPool", ({ first, score, second }, x) => {
  const h = np.tanh(affine(x, first));
  const a = nn.softmax(np.matmul(h.ref, score), 1);
  return affine(np.sum(a.mul(h), 1), second);
});

/** Wrong: the weights sum to 1 already, so a mean divides by N once more. */
export const meanForSum: Model<PoolParams> = poolOf("MeanForSum", ({ first, score, second }, x) => {
  const h = np.tanh(affine(x, first));
  const a = nn.softmax(np.matmul(h.ref, score), 1);
  return affine(np.mean(a.mul(h), 1), second);
});

/** Wrong: the weights of different examples compete. */
export const softmaxOverTheBatch: Model<PoolParams> = poolOf(
  "SoftmaxOverTheBatch",
  ({ first, score, second }, x) => {
    const h = np.tanh(affine(x, first));
    const a = nn.softmax(np.matmul(h.ref, score), 0);
    return affine(np.sum(a.mul(h), 1), second);
  },
);
