/** @file The velocity on straight lines from noise to data, both standard normal: what flow matching learns, known for every time. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { head, squared } from "../heads.ts";
import { integral } from "../integral.ts";
import { staysTheSame } from "../probes.ts";
import type { Batch, Predictor, Problem } from "../problem.ts";
import { named, reals, row } from "../tensor.ts";
import { everyRow, level, normals, realField, redrawn } from "./parts.ts";

const width = 2;

/** No |x|²/2 is longer, but for a chance of 10⁻²⁰; its variance is at most 1. */
const longest = 46;

/** The variance of x at a time. */
const variance = (t: number): number => t ** 2 + (1 - t) ** 2;
/** The best prediction is this multiple of x: the covariance of velocity and x over the variance of x. */
const factor = (t: number): number => (2 * t - 1) / variance(t);

/** Predicts a multiple of x that depends on the time and on |x|²/2. */
const multiplied =
  (multiple: (t: number, half: number) => number): Predictor =>
  (batch) => ({
    velocity: everyRow(batch, [width], (index) => {
      const x = Array.from(row(named(batch.inputs, "x"), index));
      const half = x.reduce((sum, value) => sum + value ** 2, 0) / 2;
      const c = multiple(at(named(batch.inputs, "t").data, index), half);
      return x.map((value) => c * value);
    }),
  });

/** What the best prediction leaves: ∫ 1 / (t² + (1 − t)²) dt = π/2. */
const lowest = Math.PI / 2;

/** The integral over times before 1/2 of f, times how likely each makes an x of this length: |x|²/2v is exponential in the plane. */
const early = (half: number, f: (t: number) => number): number =>
  integral((t) => (Math.exp(-half / variance(t)) / variance(t)) * f(t), 0, 1 / 2, 16);

/** The mean of the factors over the times before 1/2; after it they change their sign and nothing else. */
const earlyFactor = (half: number): number => early(half, factor) / early(half, () => 1);

/** 2 − E |E[v | x, side of 1/2]|² for each number; twice the integral is a mean over both sides. */
const roundedLoss =
  2 - 2 * integral((half) => half * early(half, factor) * earlyFactor(half), 0, longest, 400);

function draw(rows: number, random: Random): Batch {
  const t = range(rows).map(random.uniform);
  const [noise, data] = [normals(rows * width, random), normals(rows * width, random)];
  const time = (index: number): number => at(t, Math.floor(index / width));
  const x = noise.map((start, index) => (1 - time(index)) * start + time(index) * at(data, index));
  return {
    rows,
    inputs: { x: reals([rows, width], x), t: reals([rows], t) },
    targets: {
      velocity: reals(
        [rows, width],
        noise.map((start, index) => at(data, index) - start),
      ),
    },
    hidden: {},
  };
}

/** Other times on the same side of 1/2. */
function otherTimes({ rows, inputs }: Batch, random: Random): Batch["inputs"] {
  const { data } = named(inputs, "t");
  const other = range(rows).map((index) => (Math.round(at(data, index)) + random.uniform()) / 2);
  return { ...inputs, t: reals([rows], other) };
}

export const flowMatching: Problem = {
  name: "flow-matching",
  title: "the velocity on straight lines from noise to data",
  story: `Noise x₀ and data x₁ ∈ ℝ² are standard normal, t is uniform in [0, 1], and x = (1 − t) x₀ + t x₁. Asked is the velocity x₁ − x₀; the
loss is the squared error for each component.`,
  source:
    "Lipman and others 2023, Flow matching for generative modeling; Liu, Gong and Liu 2023, Rectified flow",
  tags: ["generative", "regression"],
  inputs: [
    realField("x", [width], "a point on the line"),
    realField("t", [], "the time, from noise at 0 to data at 1"),
  ],
  // The variance of the velocity given x and t is 1 / (t² + (1 − t)²).
  heads: [head("velocity", [width], squared({ variance: 2, most: 4 }))],
  batch: 128,
  steps: 1500,
  draw,
  best: level(
    lowest,
    "π/2: velocity and x are normal together, so that the best prediction is (2t − 1) x / (t² + (1 − t)²) and leaves 1 / (t² + (1 − t)²)",
    multiplied(factor),
  ),
  rungs: [
    {
      ...level(
        roundedLoss,
        "the mean of the factors on one side of 1/2, by how likely each time made an x of this length",
        multiplied((t, half) => (t < 1 / 2 ? 1 : -1) * earlyFactor(half)),
      ),
      name: "time rounded",
      kind: "floor",
      bugs: ["the time is rounded to a whole number, as the index of an embedding"],
      probe: staysTheSame("other times on the same side of 1/2", otherTimes),
    },
    {
      ...level(
        2,
        "noise and data may change places with t and 1 − t: x stays, its law stays, and the velocity changes its sign",
        multiplied(() => 0),
      ),
      name: "time-blind",
      kind: "floor",
      bugs: [
        "the time is not fed to the network",
        "the embedding of the time is added where nothing reads it",
        "the time is cut to a whole number, which is 0",
      ],
      probe: staysTheSame("other times at the same points", redrawn(draw, "t")),
    },
    {
      ...level(
        2,
        "the variance of the velocity",
        multiplied(() => 0),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the point is not read", "the last layer starts at zero and gets no gradient"],
      probe: staysTheSame("other points at the same times", redrawn(draw, "x")),
    },
    {
      ...level(
        // E (−v̂ − v)² = E v² + 3 E v̂², and E v̂² = 2 − π/2.
        2 + 3 * (2 - lowest),
        "minus the best prediction, which is also that of the time 1 − t",
        multiplied((t) => -factor(t)),
      ),
      name: "reversed",
      kind: "definition",
      bugs: ["the velocity is x₀ − x₁ in training", "time runs from data to noise in training"],
    },
    {
      ...level(
        // Its factor t / v differs from the best by (1 − t) / v, and ∫ (1 − t)² / v dt = 1/2.
        lowest + 1 / 2,
        "the best prediction of x₁, t x / (t² + (1 − t)²)",
        multiplied((t) => t / variance(t)),
      ),
      name: "predicts the data",
      kind: "definition",
      bugs: ["the target is the data, not the velocity"],
    },
    {
      ...level(
        // Its factor (1 − t) / v differs from the best by (2 − 3t) / v, and ∫ (2 − 3t)² / v dt = 9/2 − π.
        lowest + 9 / 2 - Math.PI,
        "the best prediction of x₀, (1 − t) x / (t² + (1 − t)²)",
        multiplied((t) => (1 - t) / variance(t)),
      ),
      name: "predicts the noise",
      kind: "definition",
      bugs: ["the target is the noise, as in diffusion, not the velocity"],
    },
  ],
};
