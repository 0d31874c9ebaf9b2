/** @file Functions that one hidden unit computes: relu(w · x) and |w · x|. */
import { at } from "../../base/assert.ts";
import { density, meanOfPositivePart } from "../normal.ts";
import { affineProbe, oddProbe } from "../probes.ts";
import type { Problem } from "../problem.ts";
import { inner, level, relu } from "./parts.ts";
import {
  constantProbe,
  evenProbe,
  functionOfNormals,
  lostProbe,
  predicts,
  xField,
  yHead,
} from "./regression.ts";

/** Of length 1, so that z = w · x is standard normal. */
const w = [Math.SQRT1_2, 1 / 2, -1 / 2];
const deviation = 0.1;
const noise = deviation ** 2;

const z = (x: readonly number[]): number => inner(w, x);
/** What is left of z where x₁ is not seen, and the deviation of what is missing. */
const known = (x: readonly number[]): number => z(x) - at(w, 0) * at(x, 0);
const missing = at(w, 0);
/** Correlation of two z that share all inputs but the first. */
const correlation = 1 - missing ** 2;

const shared = {
  inputs: xField(w.length),
  batch: 64,
  steps: 1000,
  tags: ["regression"],
  source: "Cho and Saul 2009, Kernel methods for deep learning, for the integrals",
} as const satisfies Partial<Problem>;

/** E relu(z) relu(z′) of standard normal z and z′ with this correlation (Cho and Saul 2009, equation 6). */
const reluKernel = (r: number): number =>
  (Math.sqrt(1 - r ** 2) + r * (Math.PI - Math.acos(r))) / (2 * Math.PI);

/** E |z| |z′|: of relu(z) + relu(−z), both signs alike. */
const absoluteKernel = (r: number): number => 2 * (reluKernel(r) + reluKernel(-r));

const meanOfRelu = density(0);
const meanOfAbsolute = 2 * density(0);

export const reluTeacher: Problem = {
  ...shared,
  name: "relu-teacher",
  title: "a ReLU of a linear function",
  story: `x ∈ ℝ³ normal and y = relu(w · x) + ${deviation} n with |w| = 1, so that w · x is standard normal.
The loss is squared error.`,
  heads: yHead(deviation, 1),
  draw: functionOfNormals({ size: w.length, mean: (x) => relu(z(x)), deviation }),
  best: level(
    noise,
    "the variance of the noise",
    predicts((x) => relu(z(x))),
  ),
  certificate: { hidden: { weight: [w], bias: [0] }, heads: { y: { weight: [[1]], bias: [0] } } },
  rungs: [
    {
      ...level(
        1 / 4 - meanOfRelu ** 2 + noise,
        "relu(z) = (z + |z|) / 2: an affine model gets z / 2 and the mean of |z| / 2, and misses the variance of |z| / 2, which is (1 − 2/π) / 4",
        predicts((x) => z(x) / 2 + meanOfRelu),
      ),
      name: "affine",
      kind: "floor",
      bugs: ["an activation is missing", "only one layer is trained or reached"],
      probe: affineProbe("x"),
    },
    {
      ...level(
        1 / 2 - meanOfRelu ** 2 + noise,
        "the variance of the target: E relu(z)² = 1/2, E relu(z) = 1/√(2π)",
        predicts(() => meanOfRelu),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the input is not read", "every hidden unit is dead", "the loss broadcasts [N] against [N, 1]"],
      probe: constantProbe,
    },
    {
      ...level(
        1 / 4 + noise,
        "x and −x are equally likely, so that the best odd function is the odd part z / 2 of relu(z); it misses |z| / 2, whose mean square is 1/4",
        predicts((x) => z(x) / 2),
      ),
      name: "odd",
      kind: "floor",
      bugs: [
        "biases are missing and the activation is odd, such as tanh",
        "biases and the activation are missing",
      ],
      probe: oddProbe("x"),
    },
    {
      ...level(
        1 / 4 + noise,
        "the best even function is the even part |z| / 2; it misses z / 2",
        predicts((x) => Math.abs(z(x)) / 2),
      ),
      name: "even",
      kind: "floor",
      bugs: ["the activation is even: a square or an absolute value", "the inputs lose their sign"],
      probe: evenProbe,
    },
    {
      ...level(
        1 / 2 - reluKernel(correlation) + noise,
        "without x₁ the best is E[relu(z) | x₂, x₃]; its mean square is E relu(z) relu(z′) of two z that share x₂ and x₃",
        predicts((x) => meanOfPositivePart(known(x), missing)),
      ),
      name: "first input lost",
      kind: "floor",
      bugs: ["a slice of the inputs begins one too late"],
      probe: lostProbe(0),
    },
  ],
};

export const absoluteTeacher: Problem = {
  ...shared,
  name: "absolute-teacher",
  title: "the size of a linear function",
  story: `x ∈ ℝ³ normal and y = |w · x| + ${deviation} n with |w| = 1, so that w · x is standard normal.
The loss is squared error. Two ReLUs that look in opposite directions can do it.`,
  heads: yHead(deviation, 1),
  draw: functionOfNormals({ size: w.length, mean: (x) => Math.abs(z(x)), deviation }),
  best: level(
    noise,
    "the variance of the noise",
    predicts((x) => Math.abs(z(x))),
  ),
  certificate: {
    hidden: { weight: [w, w.map((value) => -value)], bias: [0, 0] },
    heads: { y: { weight: [[1, 1]], bias: [0] } },
  },
  rungs: [
    {
      ...level(
        1 - meanOfAbsolute ** 2 + noise,
        "x and −x are equally likely and have one target, so that a best affine model is constant; it misses the variance 1 − 2/π of |z|",
        predicts(() => meanOfAbsolute),
      ),
      name: "affine",
      kind: "floor",
      bugs: [
        "an activation is missing",
        "only one layer is trained or reached",
        "the input is not read",
        "the loss broadcasts [N] against [N, 1]",
      ],
      probe: affineProbe("x"),
    },
    {
      ...level(
        1 + noise,
        "the odd part of |z| is 0, so that 0 is the best odd function; E z² = 1",
        predicts(() => 0),
      ),
      name: "odd",
      kind: "floor",
      bugs: [
        "biases are missing and the activation is odd, such as tanh",
        "biases and the activation are missing",
      ],
      probe: oddProbe("x"),
    },
    {
      ...level(
        1 - absoluteKernel(correlation) + noise,
        "without x₁ the best is E[|z| | x₂, x₃]; its mean square is E |z| |z′| of two z that share x₂ and x₃",
        predicts((x) => meanOfPositivePart(known(x), missing) + meanOfPositivePart(-known(x), missing)),
      ),
      name: "first input lost",
      kind: "floor",
      bugs: ["a slice of the inputs begins one too late"],
      probe: lostProbe(0),
    },
  ],
};
