/** @file The divergence of a diagonal Gaussian from the standard one, as in variational autoencoders. */
import { zip } from "../../../base/assert.ts";
import { rowsIn } from "../given.ts";
import { closed, reducedBy } from "../meanings.ts";
import type { Definition, FunctionProblem, Variant } from "../problem.ts";
import { bug, fractions, matrix, overElements } from "./parts.ts";

/** From a mean μ and the logarithm s of a variance. */
const by =
  (term: (mean: number, s: number) => number): Definition =>
  (given) =>
    matrix(
      zip(rowsIn(given, "mean"), rowsIn(given, "logVariance")).map(([means, logs]) =>
        zip(means, logs).map(([mean, s]) => term(mean, s)),
      ),
    );

const right = (mean: number, s: number): number => (mean ** 2 + Math.exp(s) - s - 1) / 2;

const variants: readonly Variant[] = [
  bug(
    "sign",
    "−KL, which is not above 0",
    by((mean, s) => -right(mean, s)),
    "½ Σ (1 + s − μ² − exp s) without the sign before it",
  ),
  bug(
    "twice",
    "Σ (μ² + exp s − s − 1)",
    by((mean, s) => 2 * right(mean, s)),
    "½ is missing",
  ),
  bug(
    "other direction",
    "KL(N(0, 1) ‖ N(μ, σ²)) = ½ Σ ((1 + μ²) / σ² + s − 1)",
    by((mean, s) => ((1 + mean ** 2) * Math.exp(-s) + s - 1) / 2),
    "the two laws are exchanged",
  ),
  bug(
    "logarithm of a deviation",
    "½ Σ (μ² + exp 2s − 2s − 1)",
    by((mean, s) => right(mean, 2 * s)),
    "what the encoder gives is taken for log σ here, and for log σ² elsewhere",
  ),
  bug(
    "deviation",
    "½ Σ (μ² + s² − log s² − 1)",
    by((mean, s) => (mean ** 2 + s ** 2 - Math.log(s ** 2) - 1) / 2),
    "what the encoder gives is taken for σ",
  ),
  bug(
    "exp left out",
    "½ Σ (μ² + s − s − 1)",
    by((mean) => (mean ** 2 - 1) / 2),
    "the logarithm of the variance stands for the variance",
  ),
  bug(
    "1 left out",
    "½ Σ (μ² + exp s − s)",
    by((mean, s) => right(mean, s) + 1 / 2),
    "1 is missing, so that the lowest value is ½ for each latent",
  ),
  bug(
    "mean not squared",
    "½ Σ (μ + exp s − s − 1)",
    by((mean, s) => (mean + Math.exp(s) - s - 1) / 2),
    "μ in the place of μ²",
  ),
  bug(
    "means only",
    "½ Σ μ²",
    by((mean) => mean ** 2 / 2),
    "the variance takes no part",
  ),
];

export const klOfGaussian: FunctionProblem = closed({
  name: "kl",
  slot: "kl",
  signature: "kl(mean [B, d], logVariance [B, d]) → [B], or its mean or sum over rows",
  title: "how far a diagonal Gaussian is from the standard one",
  story:
    "Wanted is KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − log σ² − 1) over the d latents, in nats, from μ and log σ².",
  source: "Kingma and Welling 2014, Auto-encoding variational Bayes, appendix B",
  operations: 40,
  asked: [
    {
      name: "three rows of four latents",
      given: { mean: fractions("mean", 3, 4), logVariance: fractions("log-variance", 3, 4) },
    },
  ],
  meanings: reducedBy(overElements, by(right), variants),
});
