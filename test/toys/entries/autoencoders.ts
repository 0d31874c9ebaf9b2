/** @file Linear variational autoencoders: a sound one, and some with the bugs of the problem's rungs. */
import { numpy as np } from "@jax-js/jax";
import { type Array, keys, type Model, normal } from "../../../examples/toys/layers.ts";
import type { Description } from "../../../src/toys/description.ts";

interface Params {
  /** A third of the weights: latents are slow to turn towards the axes of the data. */
  readonly encode: Array;
  readonly decode: Array;
  /** A quarter of the logarithms of the latents' variances, which have farther to go; the same for all data. */
  readonly spread: Array;
}
interface Code {
  readonly mean: Array;
  readonly logVariance: Array;
  readonly noise: Array;
}
interface Parts {
  readonly logVariance?: (learned: Array) => Array;
  readonly drawn?: (code: Code) => Array;
}

const soundly = ({ mean, logVariance, noise }: Code): Array =>
  mean.add(np.exp(logVariance.mul(0.5)).mul(noise));

const entry =
  ({ logVariance = (learned) => learned, drawn = soundly }: Parts = {}) =>
  ({ inputs }: Description, key: Array): Model => {
    const [width = 1, latents = 1] = inputs.map(({ shape }) => shape[0] ?? 1);
    const next = keys(key);
    const params: Params = {
      encode: normal(next(), [width, latents], 0.2),
      spread: np.zeros([latents]),
      decode: normal(next(), [latents, width], 0.2),
    };
    const apply = (own: Params, x: Array, noise: Array): Record<string, Array> => {
      const mean = np.matmul(x, own.encode.mul(3));
      const spread = np.broadcastTo(logVariance(own.spread).mul(4), mean.shape);
      const z = drawn({ mean: mean.ref, logVariance: spread.ref, noise });
      return { x: np.matmul(z, own.decode.mul(3)), latent: np.stack([mean, spread], -1) };
    };
    return { params, apply };
  };

export const right: ReturnType<typeof entry> = entry();
export const unitVariance: ReturnType<typeof entry> = entry({ logVariance: (learned) => learned.mul(0) });
export const noiseTimesVariance: ReturnType<typeof entry> = entry({
  drawn: ({ mean, logVariance, noise }) => mean.add(np.exp(logVariance).mul(noise)),
});
export const withoutNoise: ReturnType<typeof entry> = entry({
  drawn: ({ mean, logVariance, noise }) => {
    logVariance.dispose();
    noise.dispose();
    return mean;
  },
});
/** The latents do not depend on the data. */
export const unread: ReturnType<typeof entry> = entry({
  drawn: ({ mean, logVariance, noise }) => {
    mean.dispose();
    logVariance.dispose();
    return noise;
  },
});
/** The second latent never leaves the standard normal law, and is not decoded. */
export const oneLatent: ReturnType<typeof entry> = ({ inputs, ...problem }, key) => {
  const { params, apply } = entry()({ inputs, ...problem }, key);
  const first = (x: Array): Array => x.mul(np.array([1, 0]));
  return {
    params,
    apply: ({ encode, spread, decode }: Params, x: Array, noise: Array) =>
      apply({ encode: first(encode), spread: first(spread), decode } as never, x, first(noise)),
  };
};

type Outputs = Readonly<Record<string, Array>>;

/** The sound autoencoder with a loss that weighs the divergence otherwise. */
const weighing = (
  weight: number,
): {
  readonly model: ReturnType<typeof entry>;
  loss(outputs: Outputs, targets: Outputs): Array;
} => ({
  model: entry(),
  loss: ({ x: decoded, latent }, { x }) => {
    const [mean, logVariance] = np.split(latent as Array, 2, -1) as [Array, Array];
    const share = 1 / (mean.shape[0] ?? 1);
    const error = np.sum(np.square((decoded as Array).sub(x as Array))).mul(8);
    const divergence = np
      .sum(np.exp(logVariance.ref).sub(logVariance).sub(1).add(np.square(mean)))
      .mul(weight / 2);
    return error.add(divergence).mul(share);
  },
});

export const half: ReturnType<typeof weighing> = weighing(1 / 2);
export const twice: ReturnType<typeof weighing> = weighing(2);
export const errorAveraged: ReturnType<typeof weighing> = weighing(4);
