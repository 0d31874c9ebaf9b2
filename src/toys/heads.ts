/**
 * @file What a model is asked for, and what it costs to be wrong. A head's output says everything about the predicted law,
 * so that the oracle, a broken class's best predictor and the model speak one language, and the expected loss of one where
 * another tells the truth has a closed form, without the noise of labels.
 */
import { at } from "../base/assert.ts";
import { density, distribution, quantile as normalQuantile } from "./normal.ts";

type Values = ArrayLike<number>;

/** How outputs, targets and losses of one item relate: one label, one number, one position of a sequence. */
export interface Scoring {
  /** As the workers know it. */
  readonly kind: "categorical" | "binary" | "squared" | "gaussian" | "quantile" | "latent";
  /** How many numbers a model gives for one item. */
  readonly width: number;
  /** What they are. */
  readonly says: string;
  /** What the loss of one item is called, and its unit. */
  readonly lossName: string;
  /** The quantile that is asked for, where one is. */
  readonly level?: number;
  loss(output: Values, target: number): number;
  /** The expected loss above the lowest one, where `truth` is the output that tells the law. */
  divergence(truth: Values, output: Values): number;
  /** The most of it that counts when predictors are compared. */
  readonly mostDivergence: number;
  /**
   * Logarithm of how much likelier `output`, with a share of a guess mixed in, makes the target than `truth` does; absent
   * where no law is known.
   */
  readonly advantage?: (output: Values, truth: Values, target: number) => number;
}

export interface Head {
  readonly name: string;
  /** Sizes of the items of one row: [T] for a sequence, [] for one item. */
  readonly items: readonly number[];
  readonly scoring: Scoring;
  /** Its share in the total loss. */
  readonly weight: number;
}

export const head = (name: string, items: readonly number[], scoring: Scoring, weight: number = 1): Head => ({
  name,
  items,
  scoring,
  weight,
});

/**
 * Share of a uniform guess that is mixed into what a model predicts before it is compared, so that a single too certain
 * prediction costs a bounded amount. The loss that is printed is unmixed.
 */
const guess = 1e-3;

/** log Σ exp, which is subtracted from logits to make log-probabilities of them. */
function logSumExp(logits: Values): number {
  let most = -Infinity;
  for (let i = 0; i < logits.length; i++) most = Math.max(most, at(logits, i));
  if (most === -Infinity) return most;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(at(logits, i) - most);
  return most + Math.log(sum);
}

/** The logarithm of a probability that a share of a guess is mixed into. */
const mixed = (logProbability: number, classes: number): number =>
  Math.log((1 - guess) * Math.exp(logProbability) + guess / classes);

/** Logits of classes, with cross-entropy in nats; a target is the class. */
export const categorical = (classes: number): Scoring => ({
  kind: "categorical",
  width: classes,
  says: `logits of ${classes} classes`,
  lossName: "cross-entropy",
  loss: (logits, target) => logSumExp(logits) - at(logits, target),
  divergence: (truth, logits) => {
    const [own, others] = [logSumExp(truth), logSumExp(logits)];
    let sum = 0;
    for (let i = 0; i < classes; i++) {
      const log = at(truth, i) - own;
      if (log > -Infinity) sum += Math.exp(log) * (log - mixed(at(logits, i) - others, classes));
    }
    return sum;
  },
  mostDivergence: Math.log(classes / guess),
  advantage: (logits, truth, target) =>
    mixed(at(logits, target) - logSumExp(logits), classes) - (at(truth, target) - logSumExp(truth)),
});

const two = categorical(2);
const asTwo = (logit: Values): readonly number[] => [0, at(logit, 0)];

/** One logit, with cross-entropy in nats; a target is 0 or 1. */
export const binary: Scoring = {
  kind: "binary",
  width: 1,
  says: "one logit",
  lossName: two.lossName,
  loss: (logit, target) => two.loss(asTwo(logit), target),
  divergence: (truth, logit) => two.divergence(asTwo(truth), asTwo(logit)),
  mostDivergence: two.mostDivergence,
  advantage: (logit, truth, target) => two.advantage?.(asTwo(logit), asTwo(truth), target) ?? 0,
};

/**
 * A mean, with squared error. `variance` is that of targets around their mean, and `most` the largest squared distance
 * that is counted when predictors are compared.
 */
export const squared = ({
  variance,
  most,
}: {
  readonly variance: number;
  readonly most: number;
}): Scoring => ({
  kind: "squared",
  width: 1,
  says: "a mean",
  lossName: "squared error",
  loss: (output, target) => (at(output, 0) - target) ** 2,
  divergence: (truth, output) => (at(truth, 0) - at(output, 0)) ** 2,
  mostDivergence: most,
  ...(variance > 0 && {
    advantage: (output: Values, truth: Values, target: number) =>
      ((at(truth, 0) - target) ** 2 - (at(output, 0) - target) ** 2) / (2 * variance),
  }),
});

/**
 * A mean and the logarithm of a variance, with the negative log-likelihood of a normal law in nats. Where targets follow another
 * law, whose mean and variance the truth tells, expected losses are the same, but likelihood ratios mean nothing.
 */
export const gaussian = ({
  most,
  otherLaw = false,
}: {
  readonly most: number;
  readonly otherLaw?: boolean;
}): Scoring => ({
  kind: "gaussian",
  width: 2,
  says: "a mean and the logarithm of a variance",
  lossName: "negative log-likelihood",
  loss: gaussianLoss,
  divergence: normalDivergence,
  mostDivergence: most,
  ...(!otherLaw && {
    advantage: (output: Values, truth: Values, target: number) =>
      gaussianLoss(truth, target) - gaussianLoss(output, target),
  }),
});

function gaussianLoss(output: Values, target: number): number {
  const [mean, logVariance] = [at(output, 0), at(output, 1)];
  return (Math.log(2 * Math.PI) + logVariance + (target - mean) ** 2 * Math.exp(-logVariance)) / 2;
}

/**
 * A quantile, with the pinball loss (Koenker and Bassett 1978). Targets follow a normal law of the given deviation, whose
 * mean is what the model must learn.
 */
export function quantile({
  level,
  deviation,
  most,
}: {
  readonly level: number;
  readonly deviation: number;
  readonly most: number;
}): Scoring {
  const centre = normalQuantile(level);
  const error = (target: number, output: Values): number => (target - at(output, 0)) / deviation;
  // Of a standard normal target: E max(τ (n − u), (τ − 1) (n − u)) = u (Φ(u) − τ) + φ(u), lowest where Φ(u) = τ.
  const expected = (u: number): number => u * (distribution(u) - level) + density(u);
  return {
    kind: "quantile",
    width: 1,
    says: `the quantile of level ${level}`,
    lossName: "pinball loss",
    level,
    loss: (output, target) =>
      Math.max(level * error(target, output), (level - 1) * error(target, output)) * deviation,
    divergence: (truth, output) =>
      deviation * (expected(centre - error(at(truth, 0), output)) - expected(centre)),
    mostDivergence: most,
    advantage: (output, truth, target) =>
      ((error(target, truth) + centre) ** 2 - (error(target, output) + centre) ** 2) / 2,
  };
}

/**
 * A mean and the logarithm of a variance, with the Kullback–Leibler divergence from the standard normal law in nats; the
 * target is the noise that the latent is drawn with, z = mean + exp(log-variance / 2) · noise.
 */
export const latent = ({ most }: { readonly most: number }): Scoring => ({
  kind: "latent",
  width: 2,
  says: "a mean and the logarithm of a variance",
  lossName: "Kullback–Leibler divergence from the standard normal law",
  loss: (output) => normalDivergence(output, [0, 0]),
  divergence: normalDivergence,
  mostDivergence: most,
  // Where a head beside it tells p(x | z), the sum over both is log p(x | z) p(z) / q(z | x) of the output minus that of the
  // truth, log p(x). Its exponential has a mean of at most 1 for every decoder of z (Burda, Grosse and Salakhutdinov 2016).
  advantage: (output, truth, noise) => logPriorOverCode(output, noise) - logPriorOverCode(truth, noise),
});

/** The divergence of a normal law from another, both as a mean and the logarithm of a variance. */
function normalDivergence(law: Values, other: Values): number {
  const [gap, ratio] = [at(law, 0) - at(other, 0), at(law, 1) - at(other, 1)];
  return (Math.expm1(ratio) - ratio + gap ** 2 * Math.exp(-at(other, 1))) / 2;
}

/** log p(z) − log q(z) of the latent that is drawn with this noise. */
function logPriorOverCode(output: Values, noise: number): number {
  const [mean, logVariance] = [at(output, 0), at(output, 1)];
  const z = mean + Math.exp(logVariance / 2) * noise;
  return (noise ** 2 + logVariance - z ** 2) / 2;
}
