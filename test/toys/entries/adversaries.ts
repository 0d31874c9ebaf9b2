/** @file Trainings of a generator against a discriminator in jax-js, sound and broken. */
import { defaultDevice, grad, init, nn, numpy as np } from "@jax-js/jax";

await init("wasm");
defaultDevice("wasm");

/** Consumes its arguments; its gradient is by the first. */
type Loss = (own: np.Array, other: np.Array, real: np.Array, noise: np.Array) => np.Array;

const logits = (psi: np.Array, points: np.Array): np.Array => np.matmul(points, psi);
const called = (label: 0 | 1, logit: np.Array): np.Array =>
  np.mean(nn.softplus(label === 1 ? logit.neg() : logit));

const ofDiscriminator: Loss = (psi, theta, real, noise) =>
  called(1, logits(psi.ref, real)).add(called(0, logits(psi, noise.add(theta))));

const ofGenerator =
  (label: 0 | 1): Loss =>
  (theta, psi, real, noise) => {
    real.dispose();
    return called(label, logits(psi, noise.add(theta)));
  };

/** A row for every step: the parameters after it. */
const stacked = (rows: readonly np.Array[]): np.Array => np.stack([...rows]);

const trained =
  ({ loss = ofGenerator(1), isStale = false }: { readonly loss?: Loss; readonly isStale?: boolean } = {}) =>
  (
    ...[generator, discriminator, real, noise, rate]: [np.Array, np.Array, np.Array, np.Array, number]
  ): np.Array[] => {
    const steps = real.shape[0] ?? 0;
    const batches = np.split(real, steps).map((x) => np.squeeze(x, 0));
    const noises = np.split(noise, steps).map((z) => np.squeeze(z, 0));
    let [theta, psi] = [generator, discriminator];
    const [generators, discriminators]: [np.Array[], np.Array[]] = [[], []];
    for (const [step, x] of batches.entries()) {
      const z = noises[step] as np.Array;
      const before = psi.ref;
      psi = psi.sub(grad(ofDiscriminator)(before.ref, theta.ref, x.ref, z.ref).mul(rate));
      const seen = isStale ? before.ref : psi.ref;
      before.dispose();
      theta = theta.ref.sub(grad(loss)(theta, seen, x, z).mul(rate));
      generators.push(theta.ref);
      discriminators.push(psi.ref);
    }
    theta.dispose();
    psi.dispose();
    return [stacked(generators), stacked(discriminators)];
  };

interface Adversaries {
  readonly gan: (...given: [np.Array, np.Array, np.Array, np.Array, number]) => np.Array[];
  readonly ganIs?: string;
}

export const right: Adversaries = { gan: trained() };
export const stale: Adversaries = { gan: trained({ isStale: true }) };
export const staleClaimed: Adversaries = { ...stale, ganIs: "alternating" };
export const accomplice: Adversaries = { gan: trained({ loss: ofGenerator(0) }), ganIs: "alternating" };
