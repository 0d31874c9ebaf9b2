/** @file A normal law for a teacher with two modes: which one depends on the direction of the divergence. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { inRows } from "../changes.ts";
import { gaussian, head } from "../heads.ts";
import { integral } from "../integral.ts";
import { density } from "../normal.ts";
import { answersSo, staysTheSame } from "../probes.ts";
import type { Batch, Predictor, Problem } from "../problem.ts";
import { named, reals } from "../tensor.ts";
import { level, predictsFrom, realField, redrawn } from "./parts.ts";

/** The heavier of the two components has this weight; they lie this far to both sides of the middle, and have this deviation. */
const [weight, reach, deviation] = [0.7, 1.5, 0.5];
const within = deviation ** 2;

/** A normal law; its mean is counted from the middle of the two components, the heavier in the positive direction. */
interface Fit {
  readonly mean: number;
  readonly variance: number;
}

/** That of the teacher's mean and variance. */
const moments: Fit = {
  mean: (2 * weight - 1) * reach,
  variance: within + 4 * weight * (1 - weight) * reach ** 2,
};

/** The expected negative log-likelihood, which depends on the teacher by its mean and variance alone. */
const lossOf = ({ mean, variance }: Fit): number =>
  (Math.log(2 * Math.PI * variance) + (moments.variance + (moments.mean - mean) ** 2) / variance) / 2;

/** The first two derivatives of the teacher's log-density. */
function slopes(y: number): readonly [number, number] {
  const odds = (weight / (1 - weight)) * Math.exp((2 * reach * y) / within);
  const heavier = odds / (1 + odds);
  const centre = (2 * heavier - 1) * reach;
  return [(centre - y) / within, (4 * heavier * (1 - heavier) * reach ** 2) / within ** 2 - 1 / within];
}

/** Steps that the search for the mode takes at most. */
const mostSteps = 200;

/**
 * The normal law of the least divergence to the teacher, E log q − log p under q. It has no slope where E (log p)′ = 0 and
 * variance = −1 / E (log p)″; both are repeated from the heavier component until nothing changes.
 */
function modeSeeking(): Fit {
  let fit: Fit = { mean: reach, variance: within };
  for (let step = 0; step < mostSteps; step++) {
    const { mean, variance } = fit;
    const [slope, curvature] = range(2).map((order) =>
      integral((n) => density(n) * at(slopes(mean + Math.sqrt(variance) * n), order), -9, 9, 100),
    ) as [number, number];
    fit = { mean: mean + variance * slope, variance: -1 / curvature };
    if (Math.abs(fit.mean - mean) + Math.abs(fit.variance - variance) < 1e-13) break;
  }
  return fit;
}

const means = realField("means", [2], "the means of the heavier and of the lighter component");

/** Says this law for the means of the heavier and the lighter component. */
const says = ({ mean, variance }: Fit): Predictor =>
  predictsFrom("means", "y", [2], ([heavier = 0, lighter = 0]) => [
    (heavier + lighter) / 2 + Math.sign(heavier - lighter) * mean,
    Math.log(variance),
  ]);

const levelOf = (fit: Fit, derivation: string): ReturnType<typeof level> =>
  level(lossOf(fit), derivation, says(fit));

/** The variance of y where nothing is known: of the middle, of the side, and within a component. */
const overall = 1 + reach ** 2 + within;

function draw(rows: number, random: Random): Batch {
  const all = range(rows).map(() => {
    const [middle, side] = [random.normal(), random.below(2) === 0 ? reach : -reach];
    const own = random.uniform() < weight ? side : -side;
    return { centres: [middle + side, middle - side], y: middle + own + deviation * random.normal() };
  });
  return {
    rows,
    inputs: {
      means: reals(
        [rows, 2],
        all.flatMap(({ centres }) => centres),
      ),
    },
    targets: {
      y: reals(
        [rows],
        all.map(({ y }) => y),
      ),
    },
    hidden: {},
  };
}

export const klDirection: Problem = {
  name: "kl-direction",
  title: "a normal law for a teacher with two modes",
  story: `The teacher's law of y is a mixture of two normal laws of deviation ${deviation}, with weights ${weight} and ${(1 - weight).toFixed(1)}. Their means, the heavier first, are
the input: ${reach} to either side of a middle that is standard normal. The model says a normal law; the loss is the negative log-likelihood, as
low as the divergence from the teacher to the model is. The best law covers both modes.`,
  source:
    "Minka 2005, Divergence measures and message passing; Gu and others 2024, MiniLLM, for distillation",
  tags: ["generative", "regression"],
  inputs: [means],
  heads: [head("y", [], gaussian({ most: 2, otherLaw: true }))],
  batch: 64,
  steps: 1000,
  draw,
  best: levelOf(moments, "log(2πe V)/2: the best normal law has the teacher's mean and variance V"),
  rungs: [
    {
      ...levelOf(
        modeSeeking(),
        "the normal law of the least divergence in the other direction, found numerically: it keeps to the heavier mode",
      ),
      name: "mode seeking",
      kind: "definition",
      bugs: [
        "the divergence is taken from the model to the teacher, E log q − log p under the model's own samples",
      ],
    },
    {
      ...levelOf(
        { mean: 0, variance: within + reach ** 2 },
        "the mean and variance of y where it is not known which component is the heavier",
      ),
      name: "weights unknown",
      kind: "floor",
      bugs: ["both components get the same weight", "the order of the two means is lost"],
      probe: staysTheSame(
        "the two means change places",
        inRows(means, ([one = 0, other = 0]) => [other, one]),
      ),
    },
    {
      ...levelOf(
        { mean: moments.mean, variance: 1 },
        "the best mean where the variance is 1: half of the squared error and a constant",
      ),
      name: "variance 1",
      kind: "floor",
      bugs: ["the log-variance is not learned: the mean is trained by squared error"],
      probe: answersSo(
        "the log-variance of every row is 0",
        ({ inputs }) => inputs,
        (answers) =>
          Array.from(named(answers, "y").data).every((value, i) => i % 2 === 0 || Math.abs(value) < 1e-3),
      ),
    },
    {
      ...levelOf(
        { mean: moments.mean, variance: within },
        "the right mean with the variance of one component",
      ),
      name: "variance of one component",
      kind: "definition",
      bugs: ["variances of components are averaged, and the distance between their means is forgotten"],
    },
    {
      ...level(
        Math.log(2 * Math.PI * Math.E * overall) / 2,
        "the mean and variance of y where no input is known",
        predictsFrom("means", "y", [2], () => [0, Math.log(overall)]),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the input is not read", "no gradient reaches the weights"],
      probe: staysTheSame("other means", redrawn(draw, "means")),
    },
  ],
};
