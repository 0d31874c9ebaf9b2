/** @file A mean and a variance that both depend on the input, and the ways in which variances are mixed up. */

import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { affine } from "../certificate.ts";
import { gaussian, head } from "../heads.ts";
import { density } from "../normal.ts";
import { itemsStayTheSame, staysTheSame } from "../probes.ts";
import type { Predictor, Problem, Rung } from "../problem.ts";
import { named, reals, row } from "../tensor.ts";
import { everyRow, level, realField } from "./parts.ts";
import { changed, lostProbe } from "./regression.ts";

const slope = 2;
/** Deviations where the flag is −1 and where it is 1. */
const deviations = [1, 4];

/** What is said of one input: the mean, and the logarithm of the variance. */
type Says = (x1: number, deviation: number) => readonly [mean: number, logVariance: number];

/** Logarithms of both variances. */
const [lowLog, highLog] = [Math.log(at(deviations, 0) ** 2), Math.log(at(deviations, 1) ** 2)];

const deviationAt = (flag: number): number => at(deviations, flag > 0 ? 1 : 0);

const says =
  (f: Says): Predictor =>
  (batch) => ({
    y: everyRow(batch, [2], (index) => {
      const x = row(named(batch.inputs, "x"), index);
      return f(at(x, 0), deviationAt(at(x, 1)));
    }),
  });

const overFlags = (f: (variance: number) => number): number =>
  deviations.reduce((sum, deviation) => sum + f(deviation ** 2), 0) / deviations.length;

/** The negative log-likelihood of a normal law with variance `said`, where squared errors have the mean `squares`. */
const loss = (said: number, squares: number): number => (Math.log(2 * Math.PI * said) + squares / said) / 2;

/** The trapezoidal rule is exact to float64 for functions as smooth as these (Trefethen and Weideman 2014). */
function overX1(f: (x1: number) => number): number {
  const [step, reach] = [1 / 16, 10];
  return range((2 * reach) / step + 1).reduce((sum, i) => {
    const x1 = i * step - reach;
    return sum + step * density(x1) * f(x1);
  }, 0);
}

/** The mean square of errors where the mean is 0 whatever x₁ is. */
const around0 = (x1: number, variance: number): number => variance + (slope * x1) ** 2;

const pooled = overFlags((variance) => variance);

/** The right mean, with a variance that is a function of the true one. */
const withVariance = (
  said: (variance: number) => number,
  derivation: string,
): Omit<Rung, "name" | "kind" | "bugs"> =>
  level(
    overFlags((variance) => loss(said(variance), variance)),
    derivation,
    says((x, s) => [slope * x, Math.log(said(s ** 2))]),
  );

const otherX1 = (value: number, place: number, random: Random): number =>
  place === 0 ? random.normal() : value;
const otherFlag = (value: number, place: number): number => (place === 1 ? -value : value);

const definition = (name: string, said: (variance: number) => number, bugs: readonly string[]): Rung => ({
  ...withVariance(said, "the right mean, and in both cases the loss of the variance that is said"),
  name,
  kind: "definition",
  bugs,
});

export const heteroscedastic: Problem = {
  name: "heteroscedastic",
  title: "a linear function with noise whose size a flag tells",
  story: `x₁ normal, x₂ = −1 or 1 as a flag, and y = ${slope} x₁ + s n, where the deviation s is ${deviations.join(" or ")} as the
flag says. The model gives a mean and the logarithm of a variance; the loss is the negative log-likelihood in nats.`,
  source: "Nix and Weigend 1994, Estimating the mean and variance of the target probability distribution",
  tags: ["regression", "likelihood"],
  inputs: [realField("x", [2], "a standard normal number and a flag of −1 or 1")],
  heads: [head("y", [], gaussian({ most: 2 }))],
  batch: 128,
  steps: 1500,
  draw: (rows, random) => {
    const x = reals(
      [rows, 2],
      range(rows).flatMap(() => [random.normal(), random.below(2) === 1 ? 1 : -1]),
    );
    const y = range(rows).map((index) => {
      const own = row(x, index);
      return slope * at(own, 0) + deviationAt(at(own, 1)) * random.normal();
    });
    return { rows, inputs: { x }, targets: { y: reals([rows], y) }, hidden: {} };
  },
  best: withVariance(
    (variance) => variance,
    "the entropy ½ log(2πe s²) of the noise, on average over the flag",
  ),
  certificate: affine(
    "y",
    [
      [slope, 0],
      [0, (highLog - lowLog) / 2],
    ],
    [0, (highLog + lowLog) / 2],
  ),
  rungs: [
    {
      ...withVariance(
        () => pooled,
        "one variance for both cases: the best is the mean square of the errors, with a loss of ½ log(2πe) more than half its logarithm",
      ),
      name: "homoscedastic",
      kind: "floor",
      bugs: [
        "the variance is one parameter, no output",
        "the flag is not read",
        "no gradient reaches the variance's output",
      ],
      probe: itemsStayTheSame(
        "variances where the flag is flipped",
        (batch) => changed(batch, otherFlag),
        [1],
      ),
    },
    {
      ...level(
        overFlags((variance) => overX1((x1) => loss(around0(x1, variance), around0(x1, variance)))),
        "a mean that is always the same is best 0 by symmetry; the variance can still tell how far x₁ takes the target from there",
        says((x1, s) => [0, Math.log(around0(x1, s ** 2))]),
      ),
      name: "mean not learned",
      kind: "floor",
      bugs: ["no gradient reaches the mean's output"],
      probe: itemsStayTheSame(
        "means where x₁ is another",
        (batch, random) => changed(batch, (value, place) => otherX1(value, place, random)),
        [0],
      ),
    },
    {
      ...level(
        overFlags((variance) => loss(variance + slope ** 2, variance + slope ** 2)),
        "without x₁ the target is spread by its slope too",
        says((_, s) => [0, Math.log(s ** 2 + slope ** 2)]),
      ),
      name: "first input lost",
      kind: "floor",
      bugs: ["a slice of the inputs begins one too late"],
      probe: lostProbe(0),
    },
    {
      ...level(
        loss(pooled + slope ** 2, pooled + slope ** 2),
        "one normal law for all targets: its best variance is that of the targets",
        says(() => [0, Math.log(pooled + slope ** 2)]),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the input is not read", "the loss broadcasts [N] against [N, 1]"],
      probe: staysTheSame("another x₁ and the flag flipped", (batch, random) =>
        changed(batch, (value, place) => otherFlag(otherX1(value, place, random), place)),
      ),
    },
    definition("variance of 1", () => 1, [
      "the loss is the squared error, and the variance stays where it started",
    ]),
    definition("logarithm of the deviation", (variance) => Math.sqrt(variance), [
      "the output is trained as log s in place of log s²",
      "exp(output) is taken for the deviation",
    ]),
    definition("deviation", (variance) => Math.exp(Math.sqrt(variance)), [
      "the output is trained as s in place of log s²",
    ]),
    definition("variance", (variance) => Math.exp(variance), [
      "the output is trained as s² in place of log s²",
    ]),
    definition("precision", (variance) => 1 / variance, [
      "the output is trained as the logarithm of the precision 1/s²",
      "a minus is missing in exp(−log s²)",
    ]),
    definition("half the variance", (variance) => variance / 2, [
      "the loss is log s² + (y − m)² / (2 s²): only the second term has its ½",
    ]),
    definition("twice the variance", (variance) => 2 * variance, [
      "the loss is ½ log s² + (y − m)² / s²: only the first term has its ½",
    ]),
  ],
};
