/** @file The parity of three of many bits. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { type Change, changing } from "../changes.ts";
import { binary, head } from "../heads.ts";
import { affineProbe, staysTheSame } from "../probes.ts";
import type { Predictor, Problem } from "../problem.ts";
import { reals } from "../tensor.ts";
import { binaryEntropy, level, logit, predictsFrom, realField } from "./parts.ts";

const [width, flip] = [12, 0.05];
/** The first, a middle one and the last, so that an input cut short at either end lacks one. */
const bits = [0, 6, 11];

const sign = (x: readonly number[]): number => bits.reduce((product, bit) => product * at(x, bit), 1);

const constant: Predictor = predictsFrom("x", "label", [], () => [0]);

const otherBit = (bit: number): Change => changing("x", (value, place) => (place === bit ? -value : value));

const drawX = (random: Random): number[] => range(width).map(() => 2 * random.below(2) - 1);

export const sparseParity: Problem = {
  name: "sparse-parity",
  title: `the parity of three of ${width} signs`,
  story: `x ∈ {−1, 1}¹², uniform. The label says whether the product of x₁, x₇ and x₁₂ is positive, flipped with probability ${flip}. The
other signs tell nothing. Training shows nothing for a while, and then learns all.`,
  source: "Barak and others 2022, Hidden progress in deep learning (arXiv 2207.08799)",
  tags: ["classification", "features"],
  inputs: [realField("x", [width], "signs")],
  heads: [head("label", [], binary)],
  batch: 64,
  steps: 900,
  draw: (rows, random) => {
    const x = range(rows).map(() => drawX(random));
    const labels = x.map((values) => Number(sign(values) > 0 !== random.uniform() < flip));
    return {
      rows,
      inputs: { x: reals([rows, width], x.flat()) },
      targets: { label: reals([rows], labels) },
      hidden: {},
    };
  },
  best: level(
    binaryEntropy(flip),
    "the entropy of a flip",
    predictsFrom("x", "label", [], (x) => [logit(1 - flip) * sign(x)]),
  ),
  certificate: {
    hidden: {
      weight: [1, 1, 1].map(() => range(width).map((place) => Number(bits.includes(place)))),
      bias: [3, 1, -1],
    },
    // Of the sum −3, −1, 1 or 3 of the three signs: −1, 1, −1 or 1.
    heads: {
      label: { weight: [[1, -2, 2].map((turn) => turn * logit(1 - flip))], bias: [-logit(1 - flip)] },
    },
  },
  rungs: [
    {
      ...level(
        Math.log(2),
        "log 2: changing the signs of two of the three bits, or any other bit, changes no law; the loss is convex, so some best affine logit has no slope",
        constant,
      ),
      name: "affine",
      kind: "floor",
      bugs: ["an activation is missing", "only one layer is trained or reached"],
      probe: affineProbe("x"),
    },
    {
      ...level(Math.log(2), "log 2: without one of the three bits the label is as likely as not", constant),
      name: "a bit not read",
      kind: "floor",
      bugs: [
        "the first or the last feature is cut off",
        "features are masked or dropped in evaluation",
        "the input is not read",
      ],
      probe: staysTheSame("one of the three signs is changed, in one of three trials", ...bits.map(otherBit)),
    },
    {
      ...level(Math.log(2), "log 2: parity has no part that is learned before the rest", constant),
      name: "not found yet",
      kind: "local-minimum",
      bugs: ["training is too short, or its learning rate too small: the model can do it, this run did not"],
    },
  ],
};
