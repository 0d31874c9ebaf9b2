/** @file Labels that nothing foretells: all that can be learned is how often each occurs. */

import { at, range } from "../../base/assert.ts";
import { constantly } from "../certificate.ts";
import { categorical, head } from "../heads.ts";
import { answersSo } from "../probes.ts";
import type { Predictor, Problem } from "../problem.ts";
import { indices, named, reals, row, zerosLike } from "../tensor.ts";
import { crossEntropyOf, drawnClass, entropy, everyRow, level, realField } from "./parts.ts";
import { bestProbabilities, bestWithin, givesProbabilities, staysWithin } from "./ranges.ts";

const [classes, width] = [10, 4];
const shares = range(classes).map((label) => 2 ** -label);
const total = shares.reduce((sum, share) => sum + share, 0);
const law = shares.map((share) => share / total);

const always =
  (logits: readonly number[]): Predictor =>
  (batch) => ({ label: everyRow(batch, [classes], () => logits) });

const constant = (logits: readonly number[], derivation: string): ReturnType<typeof level> =>
  level(crossEntropyOf(law, logits), derivation, always(logits));

const rolled = range(classes).map((label) => Math.log(at(law, (label + classes - 1) % classes)));

export const biasOnly: Problem = {
  name: "bias-only",
  title: "labels that the input says nothing of",
  story: `x ∈ ℝ⁴ is standard normal and tells nothing. Of the ${classes} labels 0 … ${classes - 1} each is half as frequent as the one before.
The loss is the cross-entropy.`,
  source: "folklore: the initial loss and the bias of a classifier's last layer",
  tags: ["classification"],
  inputs: [realField("x", [width], "noise")],
  heads: [head("label", [], categorical(classes))],
  batch: 64,
  steps: 600,
  draw: (rows, random) => ({
    rows,
    inputs: { x: reals([rows, width], range(rows * width).map(random.normal)) },
    targets: {
      label: indices(
        [rows],
        range(rows).map(() => drawnClass(law, random)),
      ),
    },
    hidden: {},
  }),
  best: level(
    entropy(law),
    "the entropy of the labels, of which the input says nothing",
    always(law.map(Math.log)),
  ),
  certificate: constantly("label", width, law.map(Math.log)),
  rungs: [
    {
      ...constant(
        law.map(() => 0),
        `log ${classes}. Changing the sign of the input changes no law, and the loss is convex: the best logits that change their sign with it are 0`,
      ),
      name: "no bias",
      kind: "floor",
      bugs: ["the last layer has no bias", "the last layer starts at zero and gets no gradient"],
      probe: answersSo(
        "an input of zeros gets the same logit for every class",
        ({ inputs }) => ({ x: zerosLike(named(inputs, "x")) }),
        (answers) => {
          const logits = Array.from(row(named(answers, "label"), 0));
          return Math.max(...logits) - Math.min(...logits) < 1e-3;
        },
      ),
    },
    {
      ...constant(
        bestProbabilities(law),
        "logits that are probabilities: the best give all to the most frequent label, which leads the next far enough",
      ),
      name: "softmax twice",
      kind: "floor",
      bugs: ["the model applies a softmax, and the loss another"],
      probe: givesProbabilities("label"),
    },
    {
      ...constant(
        bestWithin(-1, 1, law),
        "logits between −1 and 1: the best are log p plus a shift where that lies between, else at an end",
      ),
      name: "tanh on the logits",
      kind: "floor",
      bugs: ["an activation with values between −1 and 1 follows the last layer"],
      probe: staysWithin(-1, 1, "label"),
    },
    {
      ...constant(rolled, "the cross-entropy of the labels' law and the same law moved on by one label"),
      name: "labels off by one",
      kind: "definition",
      bugs: ["labels are one higher in training than in evaluation, and the highest becomes 0"],
    },
  ],
};
