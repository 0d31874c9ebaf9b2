/** @file A variational autoencoder of normal data: its best loss is that of principal components. */
import { at, range, zip } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { head, latent, squared } from "../heads.ts";
import { answersSo, staysTheSame } from "../probes.ts";
import type { Batch, Level, Predictor, Problem } from "../problem.ts";
import { named, reals, row } from "../tensor.ts";
import { everyRow, inner, level, normals, realField, redrawn } from "./parts.ts";
import {
  type Axis,
  axisLoss,
  noiseless,
  ofNoiseByVariance,
  ofUnitVariance,
  unused,
  weighted,
} from "./vae-axes.ts";

/** x = a z₁ + b s z₂ + σ n with signs s: principal axes along the ones and along the signs. */
const [first, second, sigma2] = [0.5, 0.2, 0.0625];
const signs = [1, 1, -1, -1];
const [width, latents] = [signs.length, 2];
const directions = [signs.map(() => 1), signs].map((axis) => axis.map((value) => value / Math.sqrt(width)));
/** Variances of the data along them; along all others it is σ². */
const lambdas = [width * first ** 2 + sigma2, width * second ** 2 + sigma2];

type Axes = readonly [Axis, Axis];

const axesOf = (best: (lambda: number, sigma2: number) => Axis): Axes =>
  lambdas.map((lambda) => best(lambda, sigma2)) as unknown as Axes;

/** Axes that the data do not fill cost half for each of their numbers. */
const lossOf = (axes: Axes): number =>
  zip(axes, lambdas).reduce(
    (sum, [axis, lambda]) => sum + axisLoss(axis, lambda, sigma2),
    (width - latents) / 2,
  );

/** Which latent has which axis, and with which sign. */
interface Arrangement {
  readonly places: readonly number[];
  readonly signs: readonly number[];
}

/** The loss says nothing of it. */
const arrangements: readonly Arrangement[] = [
  [0, 1],
  [1, 0],
].flatMap((places) => [1, -1].flatMap((one) => [1, -1].map((other) => ({ places, signs: [one, other] }))));

const autoencoder =
  (axes: Axes, { places, signs: turned }: Arrangement): Predictor =>
  (batch) => {
    const of = (name: string, index: number): number[] => Array.from(row(named(batch.inputs, name), index));
    const coordinates = (index: number): number[] => directions.map((axis) => inner(axis, of("x", index)));
    return {
      x: everyRow(batch, [width], (index) => {
        const noise = of("noise", index);
        const out = zip(axes, coordinates(index)).map(
          ([{ gain, blur }, t], k) => gain * t + at(turned, k) * blur * at(noise, at(places, k)),
        );
        return range(width).map((i) => zip(directions, out).reduce((sum, [u, c]) => sum + at(u, i) * c, 0));
      }),
      latent: everyRow(batch, [latents, 2], (index) => {
        const t = coordinates(index);
        return range(latents).flatMap((place) => {
          const k = places.indexOf(place);
          const { encode, variance } = at(axes, k);
          return [at(turned, k) * encode * at(t, k), Math.log(variance)];
        });
      }),
    };
  };

const levelOf = (axes: Axes, derivation: string): Level =>
  level(lossOf(axes), derivation, ...arrangements.map((arrangement) => autoencoder(axes, arrangement)));

function draw(rows: number, random: Random): Batch {
  const x = range(rows).flatMap(() => {
    const [one, other] = [first * random.normal(), second * random.normal()];
    return signs.map((sign) => one + sign * other + Math.sqrt(sigma2) * random.normal());
  });
  const [data, noise] = [reals([rows, width], x), reals([rows, latents], normals(rows * latents, random))];
  return { rows, inputs: { x: data, noise }, targets: { x: data, latent: noise }, hidden: {} };
}

/** A latent that tells nothing of the data has the variance 1 in sound models too. */
const unitVariances = answersSo(
  "the logarithm of every latent's variance is 0, and the means of some are not",
  ({ inputs }) => inputs,
  (answers) => {
    const all = Array.from(named(answers, "latent").data);
    return all.every((value, i) => i % 2 === 0 || Math.abs(value) < 1e-3) && Math.max(...all) > 1 / 2;
  },
);

const best = axesOf((lambda, noise) => weighted(1, lambda, noise));

export const linearVae: Problem = {
  name: "linear-vae",
  title: "a variational autoencoder of normal data",
  story: `x ∈ ℝ⁴ has xᵢ = ${first} z₁ ± ${second} z₂ + n with standard normal z, plus for the first two, and noise n of variance ${sigma2}. The model encodes
x as two normal latents and draws z = mean + exp(log-variance / 2) · noise, with the noise that it is given; it decodes z alone. The
loss is the negative evidence lower bound, without its constant, of a decoder of variance ${sigma2}: |x − decoded|² / ${2 * sigma2} plus the
Kullback–Leibler divergence of the latents from the standard normal law.`,
  source:
    "Kingma and Welling 2014, Auto-encoding variational Bayes; Lucas and others 2019, Don't blame the ELBO, for the linear case",
  tags: ["generative", "autoencoder"],
  inputs: [
    realField("x", [width], "data"),
    realField("noise", [latents], "standard normal noise, one number for each latent"),
  ],
  heads: [
    head("x", [width], squared({ variance: sigma2, most: 4 * sigma2 }), width / (2 * sigma2)),
    head("latent", [latents], latent({ most: 2 }), latents),
  ],
  batch: 128,
  steps: 2000,
  draw,
  best: levelOf(
    best,
    "the entropy of the data, without the constant: the loss is the negative log-likelihood where the latents are the posterior, and principal components have independent posteriors",
  ),
  rungs: [
    {
      ...levelOf(
        axesOf(() => unused),
        "tr C / 2σ²: nothing is coded, and the mean of the data comes out",
      ),
      name: "collapsed",
      kind: "floor",
      bugs: [
        "the decoder does not read the latents, or the encoder does not read the data",
        "the divergence is counted so often that it is best to code nothing",
      ],
      probe: staysTheSame("other data, the same noise", redrawn(draw, "x")),
    },
    {
      ...levelOf([at(best, 0), unused], "only the first principal component is coded"),
      name: "one latent",
      kind: "floor",
      bugs: ["both latents are the same number", "one latent gets no gradient"],
    },
    {
      ...levelOf(axesOf(ofUnitVariance), "the best code whose latents all have the variance 1"),
      name: "latents of variance 1",
      kind: "floor",
      bugs: ["the encoder's log-variance is not learned", "noise of variance 1 is added to the mean"],
      probe: unitVariances,
      // Latents of one variance may be turned into any others.
      probeDecides: true,
    },
    {
      ...levelOf(
        axesOf((lambda, noise) => weighted(1 / 2, lambda, noise)),
        "the best code where the divergence counts half: that of a decoder of half the variance",
      ),
      name: "divergence counted half",
      kind: "definition",
      bugs: ["the divergence is averaged over the two latents, where the error is summed"],
    },
    {
      ...levelOf(
        axesOf((lambda, noise) => weighted(2, lambda, noise)),
        "the best code where the divergence counts twice: that of a decoder of twice the variance",
      ),
      name: "divergence counted twice",
      kind: "definition",
      bugs: ["the divergence lacks its factor 1/2", "the error is not divided by 2"],
    },
    {
      ...levelOf(
        axesOf((lambda, noise) => weighted(width, lambda, noise)),
        "the best code where the divergence counts four times: the second component is not worth its price",
      ),
      name: "error averaged",
      kind: "definition",
      bugs: ["the error is averaged over the four numbers of x, where the divergence is summed"],
    },
    {
      ...levelOf(
        axesOf(ofNoiseByVariance),
        "the best code where noise is multiplied by the variance, which is less than its root: less noise than is charged for",
      ),
      name: "noise times variance",
      kind: "leak",
      bugs: ["noise is multiplied by the variance, not by the deviation exp(log-variance / 2)"],
    },
    {
      ...levelOf(
        [noiseless, noiseless],
        "without noise a code may be as small as one likes, and costs nothing; only the noise of the data is left",
      ),
      name: "no noise",
      kind: "leak",
      bugs: [
        "the decoder is given the mean of the latents, without noise",
        "the decoder sees more of x than the latents",
      ],
    },
  ],
};
