/**
 * @file Linear variational autoencoders, one principal axis of the data at a time: the loss of the best is a sum over axes.
 * Tipping and Bishop 1999, Probabilistic principal component analysis; Lucas and others 2019, Don't blame the ELBO, for
 * latents of independent noise.
 */
import { invariant } from "../../base/assert.ts";

/** What becomes of a coordinate t ~ N(0, λ), which noise n is added to on the way. */
export interface Axis {
  /** The latent's mean as a multiple of t, and its variance. */
  readonly encode: number;
  readonly variance: number;
  /** What comes out: gain · t + blur · n. */
  readonly gain: number;
  readonly blur: number;
}

/** Nothing comes out. */
export const unused: Axis = { encode: 0, variance: 1, gain: 0, blur: 0 };

/** Without noise the latent may be as small as one likes, which costs nothing in the limit, and all comes out. */
export const noiseless: Axis = { encode: 0, variance: 1, gain: 1, blur: 0 };

/** E (t − what comes out)²/2σ², and the divergence of the latent from the standard normal law. */
export const axisLoss = ({ encode, variance, gain, blur }: Axis, lambda: number, sigma2: number): number =>
  ((1 - gain) ** 2 * lambda + blur ** 2) / (2 * sigma2) +
  (encode ** 2 * lambda + variance - 1 - Math.log(variance)) / 2;

/** A latent encode · t + noise · n that is multiplied by `decode`. */
const decoded = (encode: number, variance: number, noise: number, decode: number): Axis => ({
  encode,
  variance,
  gain: decode * encode,
  blur: decode * noise,
});

/**
 * The best where the divergence is counted `weight` times. The best latent is then the posterior for noise of variance
 * τ = weight · σ², so that the loss is weight times −log N(t; 0, decode² + τ) and a constant: decode² = λ − τ, where positive.
 */
export function weighted(weight: number, lambda: number, sigma2: number): Axis {
  const tau = weight * sigma2;
  if (lambda <= tau) return unused;
  const [decode, variance] = [Math.sqrt(lambda - tau), tau / lambda];
  return decoded(decode / lambda, variance, Math.sqrt(variance), decode);
}

/** The best where the latent's variance is 1. The loss has no slope where encode = d/(d² + σ²) and (d² + σ²)² = λ σ². */
export function ofUnitVariance(lambda: number, sigma2: number): Axis {
  invariant(lambda > sigma2, "there is more than noise along the axis");
  const decode = Math.sqrt(Math.sqrt(lambda * sigma2) - sigma2);
  return decoded(decode / (decode ** 2 + sigma2), 1, 1, decode);
}

/**
 * The best where the noise is multiplied by the variance v. The loss has no slope where encode = d/(d² + σ²),
 * d² + σ² = √λ σ/v and 2 d² v²/σ² + v = 1: 2 v² − (1 + 2 √λ/σ) v + 1 = 0, whose larger root has d² < 0.
 */
export function ofNoiseByVariance(lambda: number, sigma2: number): Axis {
  invariant(lambda > sigma2, "there is more than noise along the axis");
  const ratio = Math.sqrt(lambda / sigma2);
  const variance = (1 + 2 * ratio - Math.sqrt((1 + 2 * ratio) ** 2 - 8)) / 4;
  const decode = Math.sqrt((ratio * sigma2) / variance - sigma2);
  return decoded(decode / (decode ** 2 + sigma2), variance, variance, decode);
}
