/** @file A quantile of a normal law around a linear function. */

import { at } from "../../base/assert.ts";
import { affine } from "../certificate.ts";
import { head, quantile } from "../heads.ts";
import { density, quantile as normalQuantile } from "../normal.ts";
import { oddProbe } from "../probes.ts";
import type { Problem } from "../problem.ts";
import { inner, level } from "./parts.ts";
import { constantProbe, functionOfNormals, lostProbe, predicts, xField } from "./regression.ts";

const w = [2.4, 1.8];
const wanted = 0.9;
/** Of the noise. */
const deviation = 1;

const centre = normalQuantile(wanted);
const mean = (x: readonly number[]): number => inner(w, x);

/** The quantile's own loss is φ(z) times the deviation of what is not known. */
const lowest = (variance: number): number => Math.sqrt(variance) * density(centre);

export const quantileRegression: Problem = {
  name: "quantile",
  title: "the upper tenth of a normal law around a linear function",
  story: `x ∈ ℝ² normal and y = w · x + n with w = (${w.join(", ")}). The model gives the quantile of level τ = ${wanted} of y,
which is w · x + ${centre.toFixed(4)}; the loss is the pinball loss max(τ (y − q), (τ − 1) (y − q)).`,
  source: "Koenker and Bassett 1978, Regression quantiles",
  tags: ["regression", "quantile"],
  inputs: xField(w.length),
  heads: [head("y", [], quantile({ level: wanted, deviation, most: 2 }))],
  batch: 128,
  steps: 1000,
  draw: functionOfNormals({ size: w.length, mean, deviation }),
  best: level(
    lowest(deviation ** 2),
    "at the quantile q = m + σ z the loss is σ φ(z), with Φ(z) = τ",
    predicts((x) => mean(x) + deviation * centre),
  ),
  certificate: affine("y", [w], [deviation * centre]),
  rungs: [
    {
      ...level(
        lowest(deviation ** 2) + deviation * (2 * wanted - 1) * centre,
        "at u = −z the loss is u (Φ(u) − τ) + φ(u) with Φ(−z) = 1 − τ: (2 τ − 1) z more than at z",
        predicts((x) => mean(x) - deviation * centre),
      ),
      name: "level swapped",
      kind: "definition",
      bugs: ["τ and 1 − τ are swapped", "the sign of y − q is wrong in the loss"],
    },
    {
      ...level(
        deviation * density(0),
        "at the mean half of the mean size of the noise is lost, whatever τ; no odd function does better, since its mean loss at x and −x is half the absolute error, which is least at the mean",
        predicts(mean),
      ),
      name: "mean",
      kind: "floor",
      bugs: ["the loss is squared or absolute error, τ is not used", "the bias is missing"],
      probe: oddProbe("x"),
    },
    {
      ...level(
        lowest(deviation ** 2 + inner(w, w)),
        "the quantile of all targets, whose variance is |w|² + σ²",
        predicts(() => Math.sqrt(deviation ** 2 + inner(w, w)) * centre),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the input is not read", "the loss broadcasts [N] against [N, 1]"],
      probe: constantProbe,
    },
    {
      ...level(
        lowest(deviation ** 2 + at(w, 0) ** 2),
        "without x₁ the target's variance is w₁² + σ²",
        predicts((x) => at(w, 1) * at(x, 1) + Math.sqrt(deviation ** 2 + at(w, 0) ** 2) * centre),
      ),
      name: "first input lost",
      kind: "floor",
      bugs: ["a slice of the inputs begins one too late"],
      probe: lostProbe(0),
    },
  ],
};
