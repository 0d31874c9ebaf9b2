/** @file Linear regression: the bias, single features, the scale of the inputs and the range of the outputs can be lost. */

import { at } from "../../base/assert.ts";
import { affine } from "../certificate.ts";
import { squareOfPositivePart } from "../normal.ts";
import { oddProbe, staysTheSame } from "../probes.ts";
import type { Problem, Rung } from "../problem.ts";
import { inner, level } from "./parts.ts";
import { staysWithin } from "./ranges.ts";
import {
  centred,
  changed,
  constantProbe,
  functionOfNormals,
  lostProbe,
  predicts,
  xField,
  yHead,
} from "./regression.ts";

const w = [1.2, -0.9, 0.3, 0.8];
const size = w.length;
const bias = 1;
const deviation = 0.3;
const noise = deviation ** 2;

const mean = (x: readonly number[]): number => bias + inner(w, x);
const explained = inner(w, w);

const sum = w.reduce((total, weight) => total + weight, 0);
/** The part of w that sees differences between features, and what is left of it in the loss of the other part. */
const centredWeights = w.map((weight) => weight - sum / size);
const lostWithMean = sum ** 2 / size;

/** The mean length of n independent standard normal numbers: √2 Γ((n + 1)/2) / Γ(n/2), by its recurrence in steps of two. */
const meanLength = (n: number): number =>
  n === 1
    ? Math.sqrt(2 / Math.PI)
    : n === 2
      ? Math.sqrt(Math.PI / 2)
      : ((n - 1) / (n - 2)) * meanLength(n - 2);

/** The share of a linear function's variance that is lost with the length of n normal numbers, which leaves their direction. */
const lostWithLength = (n: number): number => 1 - meanLength(n) ** 2 / n;

const direction = (x: readonly number[]): number[] => x.map((value) => value / Math.sqrt(inner(x, x)));

/** Outputs in low … high: the best of them is the mean, moved to the closer end where it lies outside. */
function limited(name: string, low: number, high: number): Rung {
  const s = Math.sqrt(explained);
  const below = low === -Infinity ? 0 : squareOfPositivePart(low - bias, s);
  const above = high === Infinity ? 0 : squareOfPositivePart(bias - high, s);
  return {
    ...level(
      below + above + noise,
      `outputs of ${low} … ${asText(high)}: w · x + ${bias} is normal with variance |w|²; where it lies outside, the square of its distance is lost`,
      predicts((x) => Math.min(Math.max(mean(x), low), high)),
    ),
    name,
    kind: "floor",
    bugs: [`a ${name} stands after the last layer`],
    probe: staysWithin(low, high, "y"),
  };
}

const asText = (end: number): string => (end === Infinity ? "∞" : String(end));

function featureLost(place: number, says: string, bug: string): Rung {
  return {
    ...level(
      at(w, place) ** 2 + noise,
      "features are independent, so that the square of the lost weight is lost",
      predicts((x) => mean(x) - at(w, place) * at(x, place)),
    ),
    name: says,
    kind: "floor",
    bugs: [bug],
    probe: lostProbe(place),
  };
}

export const linearRegression: Problem = {
  name: "linear-regression",
  title: "a linear function of four features",
  story: `x ∈ ℝ⁴ normal and y = w · x + ${bias} + ${deviation} n with w = (${w.join(", ")}). The loss is squared error.`,
  source: "Hastie, Tibshirani and Friedman 2009, The elements of statistical learning, section 3.2",
  tags: ["regression"],
  inputs: xField(size),
  heads: yHead(deviation, 4),
  batch: 64,
  steps: 600,
  draw: functionOfNormals({ size, mean, deviation }),
  best: level(noise, "the variance of the noise", predicts(mean)),
  certificate: affine("y", [w], [bias]),
  rungs: [
    {
      ...level(
        bias ** 2 + noise,
        "x and −x are equally likely, so that the best odd function is the odd part w · x of the mean; the bias is lost",
        predicts((x) => mean(x) - bias),
      ),
      name: "no bias",
      kind: "floor",
      bugs: ["the bias is missing, frozen at 0 or not among the parameters that are trained"],
      probe: oddProbe("x"),
    },
    {
      ...level(
        explained + noise,
        "the variance of the target",
        predicts(() => bias),
      ),
      name: "constant",
      kind: "floor",
      bugs: [
        "the loss broadcasts [N] against [N, 1], so that every prediction meets every target",
        "the input is not read",
        "inputs and targets are shuffled apart",
      ],
      probe: constantProbe,
    },
    featureLost(0, "first feature lost", "a slice of the features begins one too late"),
    featureLost(size - 1, "last feature lost", "a slice of the features ends one too early"),
    {
      ...level(
        explained * lostWithLength(size) + noise,
        "the direction of x is independent of its length |x|, for which a best model takes its mean; the variance of |x| is lost",
        predicts((x) => bias + meanLength(size) * inner(w, direction(Array.from(x)))),
      ),
      name: "length lost",
      kind: "floor",
      bugs: ["the raw inputs of a row are divided by their root mean square, as RMSNorm does"],
      probe: staysTheSame("2 x in place of x", (batch) => changed(batch, (value) => 2 * value)),
    },
    {
      ...level(
        lostWithMean + noise,
        "the mean of x is independent of the rest and lost: (Σ w)² times its variance 1/4",
        predicts((x) => bias + inner(centredWeights, x)),
      ),
      name: "offset lost",
      kind: "floor",
      bugs: ["means are subtracted from every row in place of every feature"],
      probe: staysTheSame("x + 2 in place of x", (batch) => changed(batch, (value) => value + 2)),
    },
    {
      ...level(
        lostWithMean + (explained - lostWithMean) * lostWithLength(size - 1) + noise,
        "the mean of x is lost, and of the rest, which has three dimensions, the length",
        predicts((x) => bias + meanLength(size - 1) * inner(w, direction(centred(x)))),
      ),
      name: "layer-normalised",
      kind: "floor",
      bugs: ["the raw inputs are layer-normalised", "rows are standardised in place of features"],
      probe: staysTheSame("2 x + 2 in place of x", (batch) => changed(batch, (value) => 2 * value + 2)),
    },
    limited("ReLU", 0, Infinity),
    limited("tanh", -1, 1),
    limited("sigmoid", 0, 1),
  ],
};
