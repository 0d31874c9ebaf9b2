/** @file Two encoders and the similarities of what they give: a sound entry, and some with the bugs of the problem's rungs. */
import { nn, numpy as np } from "@jax-js/jax";
import { type Array, affine, keys, type Layer, layer, type Model } from "../../../examples/toys/layers.ts";
import type { Description } from "../../../src/toys/description.ts";

type Encoder = readonly [Layer, Layer];

const [width, embedding, temperature] = [32, 8, 0.1];

interface Parts {
  /** Cosines are divided by it. */
  readonly temperature?: number;
  /** Numbers of an embedding. */
  readonly size?: number;
  readonly similarities?: (left: Array, right: Array) => Array;
}

function encoded(x: Array, [first, second]: Encoder): Array {
  const h = affine(nn.relu(affine(x, first)), second);
  return h.ref.div(np.sqrt(np.sum(np.square(h), -1, { keepdims: true }).add(1e-6)));
}

const between = (left: Array, right: Array): Array => np.matmul(left, np.transpose(right));

const entry =
  ({ temperature: divisor = temperature, size = embedding, similarities = between }: Parts = {}) =>
  ({ inputs }: Description, key: Array): Model => {
    const next = keys(key);
    const encoder = (): Encoder => [
      layer(next(), inputs[0]?.shape[0] ?? 1, width),
      layer(next(), width, size),
    ];
    return {
      params: [encoder(), encoder()],
      apply: ([one, other]: readonly [Encoder, Encoder], left: Array, right: Array) => ({
        match: similarities(encoded(left, one), encoded(right, other)).div(divisor),
      }),
    };
  };

export const right: ReturnType<typeof entry> = entry();
export const withoutTemperature: ReturnType<typeof entry> = entry({ temperature: 1 });
export const oneNumber: ReturnType<typeof entry> = entry({ size: 1 });
export const withinOneView: ReturnType<typeof entry> = entry({
  similarities: (left, other) => {
    other.dispose();
    return between(left.ref, left);
  },
});
/** Views without their second sign. */
export const oneSign: ReturnType<typeof entry> = (problem, key) => {
  const { params, apply } = entry()(problem, key);
  const read = (x: Array): Array => x.mul(np.array([1, 0, 1, 1]));
  return { params, apply: (own: never, left: Array, other: Array) => apply(own, read(left), read(other)) };
};
/** Every row gets a score of its own. */
export const numbered: ReturnType<typeof entry> = entry({
  similarities: (left, other) => between(left, other).add(np.eye(4)),
});
