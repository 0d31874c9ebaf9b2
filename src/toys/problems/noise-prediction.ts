/** @file The noise in a blurred normal vector: what a diffusion model learns, where its best predictor is known for every step. */
import { at, range, zip } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { mean } from "../betting.ts";
import { head, squared } from "../heads.ts";
import { exponentialMean } from "../integral.ts";
import { staysTheSame } from "../probes.ts";
import type { Batch, Predictor, Problem } from "../problem.ts";
import { indices, named, reals, row } from "../tensor.ts";
import { everyRow, indexField, level, normals, realField, redrawn } from "./parts.ts";

/** ᾱ of every step, and the variance of the data. */
const schedule = [0.95, 0.7, 0.3, 0.05];
const [dataVariance, width, steps] = [2, 2, schedule.length];

const variances = schedule.map((kept) => kept * dataVariance + 1 - kept);
/** The best predictions are these multiples of x: the covariance of noise and x over the variance of x. */
const factors = zip(schedule, variances).map(([kept, variance]) => Math.sqrt(1 - kept) / variance);

/** The loss of predictions c x at each step: E (c x − ε)² = c² v − 2 c √(1 − ᾱ) + 1. */
const lossOf = (multiples: readonly number[]): number =>
  mean(
    zip(schedule, zip(variances, multiples)).map(
      ([kept, [variance, c]]) => c ** 2 * variance - 2 * c * Math.sqrt(1 - kept) + 1,
    ),
  );

/** Predicts a multiple of x that depends on the step and on |x|²/2. */
const multiplied =
  (multiple: (step: number, half: number) => number): Predictor =>
  (batch) => ({
    noise: everyRow(batch, [width], (index) => {
      const x = Array.from(row(named(batch.inputs, "x"), index));
      const half = x.reduce((sum, value) => sum + value ** 2, 0) / 2;
      const c = multiple(at(named(batch.inputs, "t").data, index), half);
      return x.map((value) => c * value);
    }),
  });

const byStep = (multiples: readonly number[], derivation: string): ReturnType<typeof level> =>
  level(
    lossOf(multiples),
    derivation,
    multiplied((step) => at(multiples, step)),
  );

/** The mean of the factors over steps, by how likely each made an x of this length: in the plane |x|²/2v is exponential. */
function blindFactor(half: number): number {
  const likely = variances.map((variance) => Math.exp(-half / variance) / variance);
  const total = likely.reduce((sum, value) => sum + value, 0);
  return zip(likely, factors).reduce((sum, [weight, factor]) => sum + (weight / total) * factor, 0);
}

/** 1 − E |E[ε | x]|² for each of the two numbers. */
const blindLoss =
  1 -
  mean(variances.map((variance) => exponentialMean((e) => blindFactor(variance * e) ** 2 * variance * e)));

function draw(rows: number, random: Random): Batch {
  const t = range(rows).map(() => random.below(steps));
  const noise = normals(rows * width, random);
  const x = noise.map((own, index) => {
    const kept = at(schedule, at(t, Math.floor(index / width)));
    return Math.sqrt(kept * dataVariance) * random.normal() + Math.sqrt(1 - kept) * own;
  });
  return {
    rows,
    inputs: { x: reals([rows, width], x), t: indices([rows], t) },
    targets: { noise: reals([rows, width], noise) },
    hidden: {},
  };
}

export const noisePrediction: Problem = {
  name: "noise-prediction",
  title: "the noise that was added to data, at several strengths",
  story: `x₀ ∈ ℝ² has independent normal components of variance ${dataVariance}. A step t of ${steps} is drawn, and x = √ᾱₜ · x₀ + √(1 − ᾱₜ) · ε with ε standard
normal and ᾱ = ${schedule.join(", ")}. Asked is ε; the loss is the squared error for each component.`,
  source: "Ho, Jain and Abbeel 2020, Denoising diffusion probabilistic models; the normal case is folklore",
  tags: ["generative", "regression"],
  inputs: [
    realField("x", [width], "data with noise"),
    indexField("t", [], steps, "the step, which says how strong the noise is"),
  ],
  heads: [
    head(
      "noise",
      [width],
      // The variance of ε given x and t is at most this at any step.
      squared({
        variance: Math.max(...zip(schedule, variances).map(([a, v]) => (a * dataVariance) / v)),
        most: 4,
      }),
    ),
  ],
  batch: 64,
  steps: 600,
  draw,
  best: byStep(
    factors,
    "noise and x are normal together, so that the best prediction is √(1 − ᾱ) x / (ᾱ s² + 1 − ᾱ) and leaves ᾱ s² / (ᾱ s² + 1 − ᾱ)",
  ),
  rungs: [
    {
      ...level(
        blindLoss,
        "the length of x says a little of the step: the best factor is the mean over steps by how likely each made it",
        multiplied((_, half) => blindFactor(half)),
      ),
      name: "time-blind",
      kind: "floor",
      bugs: [
        "the step is not fed to the network",
        "the embedding of the step is added where nothing reads it",
      ],
      probe: staysTheSame("other steps for the same data", redrawn(draw, "t")),
    },
    {
      ...byStep(
        [0, ...factors.slice(0, -1)],
        "the factor of the step before; none at the first, before which there is no noise",
      ),
      name: "one step early",
      kind: "definition",
      bugs: ["the schedule is read one step early: its table starts with the clean data"],
    },
    {
      ...byStep(
        [...factors.slice(1), at(factors, steps - 1)],
        "the factor of the step after; at the last its own",
      ),
      name: "one step late",
      kind: "definition",
      bugs: ["the schedule is read one step late: steps count from 1, and the last is clipped to the table"],
    },
    {
      ...byStep(
        schedule.map((kept) => Math.sqrt(kept) / ((1 - kept) * dataVariance + kept)),
        "the best factor where noise and data have changed places",
      ),
      name: "signal and noise swapped",
      kind: "definition",
      bugs: ["√ᾱ and √(1 − ᾱ) are swapped where noise is added to the data"],
    },
    {
      ...byStep(
        zip(schedule, variances).map(([kept, variance]) => (Math.sqrt(kept) * dataVariance) / variance),
        "the best prediction of x₀ instead",
      ),
      name: "predicts the data",
      kind: "definition",
      bugs: ["the target is the clean data, not the noise"],
    },
    {
      ...byStep(
        zip(schedule, variances).map(
          ([kept, variance]) => (Math.sqrt(kept * (1 - kept)) * (1 - dataVariance)) / variance,
        ),
        "the best prediction of √ᾱ ε − √(1 − ᾱ) x₀ instead",
      ),
      name: "predicts the velocity",
      kind: "definition",
      bugs: ["the target is the velocity √ᾱ ε − √(1 − ᾱ) x₀, not the noise"],
    },
    {
      ...byStep(
        schedule.map(() => 0),
        "the variance of the noise",
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the input is not read", "the last layer starts at zero and gets no gradient"],
      probe: staysTheSame("other data at the same steps", redrawn(draw, "x")),
    },
  ],
};
