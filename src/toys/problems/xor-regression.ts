/** @file XOR of two signs and a linear function of a third, with two heads. */
import { at, range } from "../../base/assert.ts";
import { binary, head, squared } from "../heads.ts";
import { affineProbe } from "../probes.ts";
import type { Batch, Predictor, Problem } from "../problem.ts";
import { named, reals, row, type Tensors } from "../tensor.ts";
import { draw, lowestAffineLosses, lowestLosses, standard } from "../xor-regression.ts";
import { binaryEntropy, everyRow, level, logit, realField } from "./parts.ts";

const { flip, slope, noise, weights } = standard;

/** What each head says of the three signs. */
const says =
  (label: (x: readonly number[]) => number, value: (x: readonly number[]) => number): Predictor =>
  (batch: Batch): Tensors => {
    const of = (f: (x: readonly number[]) => number) =>
      everyRow(batch, [], (index) => [f(Array.from(row(named(batch.inputs, "x"), index)))]);
    return { label: of(label), target: of(value) };
  };

const rightLabel = ([x1, x2]: readonly number[]): number => logit(x1 === x2 ? flip : 1 - flip);
const rightValue = (x: readonly number[]): number => slope * at(x, 2);

const [best, affine] = [lowestLosses(standard), lowestAffineLosses(standard)];
const unexplained = slope ** 2 + noise ** 2;

export const xorRegression: Problem = {
  name: "xor-regression",
  title: "the XOR of two signs, and a linear function of a third",
  story: `x ∈ {−1, 1}³ uniform. The label says whether x₁ ≠ x₂, and is flipped with probability ${flip}; the target is ${slope} · x₃ plus
noise of deviation ${noise}. The loss is the sum of the label's cross-entropy and the target's squared error.`,
  source: "folklore; Minsky and Papert 1969, Perceptrons, for the first half",
  tags: ["classification", "regression"],
  inputs: [realField("x", [3], "three signs")],
  heads: [
    head("label", [], binary, weights.label),
    head("target", [], squared({ variance: noise ** 2, most: 4 * slope ** 2 }), weights.target),
  ],
  batch: 64,
  steps: 600,
  draw: (rows, random) => {
    const { x, labels, targets } = draw(standard, rows, random);
    return {
      rows,
      inputs: { x: reals([rows, 3], x) },
      targets: { label: reals([rows], labels), target: reals([rows], targets) },
      hidden: {},
    };
  },
  best: level(
    best.total,
    "the entropy of a flipped label, and the variance of the noise",
    says(rightLabel, rightValue),
  ),
  certificate: {
    hidden: {
      weight: [
        [1, 1, 0],
        [-1, -1, 0],
        [0, 0, 1],
        [0, 0, -1],
      ],
      bias: [0, 0, 0, 0],
    },
    heads: {
      // |x₁ + x₂| is 2 where the signs are equal and 0 where they are not.
      label: { weight: [[-logit(1 - flip), -logit(1 - flip), 0, 0]], bias: [logit(1 - flip)] },
      target: { weight: [[0, 0, slope, -slope]], bias: [0] },
    },
  },
  rungs: [
    {
      ...level(
        affine.total,
        "flipping x₁ and x₂ together, or x₃, changes no law; the loss is convex, so some best affine logit is constant",
        says(() => 0, rightValue),
      ),
      name: "affine",
      kind: "floor",
      bugs: ["an activation is missing", "only one layer is trained or reached"],
      probe: affineProbe("x"),
    },
    {
      ...level(
        best.crossEntropy + unexplained,
        "the variance of the target",
        says(rightLabel, () => 0),
      ),
      name: "target not learned",
      kind: "floor",
      bugs: [
        "the loss of the target broadcasts [B, 1] against [B], so that every prediction meets every target",
        "the third input or the second head gets no gradient",
      ],
    },
    {
      ...level(
        Math.log(2) + unexplained,
        "the entropy of the label and the variance of the target",
        says(
          () => 0,
          () => 0,
        ),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the input is not read", "no gradient reaches the weights"],
    },
    {
      ...level(
        (Math.log(1 + Math.E) - (1 - flip) + Math.log(2)) / 2 + noise ** 2,
        "logits of 0 … 1: the best are 1 where the label is likely and 0 where it is not",
        says((x) => Number(x[0] !== x[1]), rightValue),
      ),
      name: "sigmoid twice",
      kind: "floor",
      bugs: ["the model applies a sigmoid, and the loss another"],
    },
    localMinimum("one of four", 1),
    localMinimum("two of four", 2),
  ],
};

/** Hidden units that fell together separate only some of the four pairs of signs from the rest, which get their mean. */
function localMinimum(name: string, separated: number): Problem["rungs"][number] {
  const pairs = range(4);
  const right = (pair: number): number => (pair === 1 || pair === 2 ? 1 - flip : flip);
  const choices = pairs.flatMap((a) => (separated === 1 ? [[a]] : pairs.slice(a + 1).map((b) => [a, b])));
  const fits = choices.map((own) => {
    const others = pairs.filter((pair) => !own.includes(pair));
    const together = others.reduce((sum, pair) => sum + right(pair), 0) / others.length;
    const chance = (pair: number): number => (own.includes(pair) ? right(pair) : together);
    const loss = (others.length * binaryEntropy(together) + own.length * binaryEntropy(flip)) / 4;
    return { loss, chance };
  });
  // Where the others share one law, nothing is lost.
  const worse = fits.filter((fit) => fit.loss > best.crossEntropy + 1e-9);
  const loss = Math.min(...worse.map((fit) => fit.loss));
  const code = (x: readonly number[]): number => (x[0] === 1 ? 2 : 0) + (x[1] === 1 ? 1 : 0);
  return {
    loss: loss + noise ** 2,
    derivation: `${separated} of the four pairs of signs get their own logit, the others their mean`,
    predictors: worse
      .filter((fit) => fit.loss < loss + 1e-9)
      .map(({ chance }) => says((x) => logit(chance(code(x))), rightValue)),
    name,
    kind: "local-minimum",
    bugs: ["too few hidden units, or an unlucky start: the model can do it, this run did not"],
  };
}
