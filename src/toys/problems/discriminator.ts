/** @file Real or generated: what the discriminator of a generative adversarial network learns while the generator rests. */
import { range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { changing } from "../changes.ts";
import { crossEntropy } from "../convex.ts";
import { binary, head } from "../heads.ts";
import { exponentialMean, integral } from "../integral.ts";
import { density } from "../normal.ts";
import { affineProbe, staysTheSame } from "../probes.ts";
import type { Batch, Problem } from "../problem.ts";
import { reals } from "../tensor.ts";
import { level, normals, predictsFrom, realField, redrawn } from "./parts.ts";
import { staysWithin } from "./ranges.ts";

/** Components of real x have the variance 1, of generated x this one. */
const [width, spread] = [2, 9];

/** The logarithm of how much likelier x of this |x|²/2 in so many dimensions is where it is real. */
const ratio = (half: number, dimensions: number): number =>
  (dimensions / 2) * Math.log(spread) - half * (1 - 1 / spread);

/** The loss of a logit that depends on |x|²/2, which is exponential in the plane. */
const lossOf = (logit: (half: number) => number): number =>
  (exponentialMean((e) => crossEntropy(logit(e), 1)) +
    exponentialMean((e) => crossEntropy(logit(spread * e), 0))) /
  2;

/** The loss of a logit that depends on the square of one standard normal component, halved. */
const oneNumberLoss = integral(
  (n) =>
    (density(n) *
      (crossEntropy(ratio(n ** 2 / 2, 1), 1) + crossEntropy(ratio((spread * n ** 2) / 2, 1), 0))) /
    2,
  -10,
  10,
  400,
);

const halfSquare = (x: readonly number[]): number => x.reduce((sum, value) => sum + value ** 2, 0) / 2;

/** A level whose logit depends on the logarithm of the likelihood ratio. */
const levelOf = (change: (ratio: number) => number, derivation: string): ReturnType<typeof level> =>
  level(
    lossOf((half) => change(ratio(half, width))),
    derivation,
    predictsFrom("x", "real", [], (x) => [change(ratio(halfSquare(x), width))]),
  );

const often = 3;

function draw(rows: number, random: Random): Batch {
  const labels = range(rows).map(() => random.below(2));
  const x = labels.flatMap((label) =>
    normals(width, random).map((value) => (label === 1 ? value : Math.sqrt(spread) * value)),
  );
  return {
    rows,
    inputs: { x: reals([rows, width], x) },
    targets: { real: reals([rows], labels) },
    hidden: {},
  };
}

export const discriminator: Problem = {
  name: "discriminator",
  title: "real data or generated: the discriminator's half of an adversarial game",
  story: `Half of the rows are real: x ∈ ℝ² is standard normal. The generator, which rests, has learned too wide a law: its components have the
variance ${spread}. The label is 1 for real rows; the loss is the cross-entropy.`,
  source: "Goodfellow and others 2014, Generative adversarial nets, proposition 1",
  tags: ["classification", "generative"],
  inputs: [realField("x", [width], "a point, real or generated")],
  heads: [head("real", [], binary)],
  batch: 64,
  steps: 600,
  draw,
  best: levelOf(
    (logit) => logit,
    "the logit of the best discriminator is log p(x)/q(x); log 2 less the Jensen–Shannon divergence of both laws is left",
  ),
  rungs: [
    {
      ...levelOf(
        () => 0,
        "changing the sign of x changes no law, and the loss is convex: the best affine logit is constant",
      ),
      name: "affine",
      kind: "floor",
      bugs: ["an activation is missing"],
      probe: affineProbe("x"),
    },
    {
      ...levelOf(() => 0, "log 2, the entropy of the label"),
      name: "constant",
      kind: "floor",
      bugs: ["the input is not read", "no gradient reaches the weights"],
      probe: staysTheSame("other points", redrawn(draw, "x")),
    },
    {
      ...level(
        oneNumberLoss,
        "the entropy of the label given one of the two numbers",
        ...range(width).map((place) =>
          predictsFrom("x", "real", [], (x) => [ratio((x[place] ?? 0) ** 2 / 2, 1)]),
        ),
      ),
      name: "one number",
      kind: "floor",
      bugs: ["one of the two numbers is not read"],
      probe: staysTheSame(
        "one of the numbers becomes another",
        ...range(width).map((place) => changing("x", (value, own) => (own === place ? value + 1 : value))),
      ),
    },
    {
      ...levelOf(
        (logit) => Math.min(1, Math.max(0, logit)),
        "logits of 0 … 1: each is the closest to the best one, as the loss is convex in it",
      ),
      name: "sigmoid twice",
      kind: "floor",
      bugs: ["the discriminator ends in a sigmoid, and the loss applies another"],
      probe: staysWithin(0, 1, "real"),
    },
    {
      ...levelOf((logit) => logit - Math.log(often), `the best logit less log ${often}`),
      name: "more generated than real",
      kind: "definition",
      bugs: [`training sees ${often} generated rows for every real one`],
    },
    {
      ...levelOf((logit) => -logit, "minus the best logit"),
      name: "labels swapped",
      kind: "definition",
      bugs: ["real rows are labelled 0 in training, generated ones 1"],
    },
  ],
};
