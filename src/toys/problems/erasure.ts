/** @file A sign that dropout may blank. */

import { at, range } from "../../base/assert.ts";
import { affine } from "../certificate.ts";
import { changing } from "../changes.ts";
import { binary, head } from "../heads.ts";
import { changesWith, staysTheSame } from "../probes.ts";
import type { Problem, Rung } from "../problem.ts";
import { named, reals } from "../tensor.ts";
import { binaryEntropy, level, logit, predictsFrom, realField } from "./parts.ts";

const flip = 0.05;
const entropyOfFlip = binaryEntropy(flip);
const logitOf = (sign: number): number => logit(1 - flip) * sign;

/** The generator draws a number for every row; a row is blanked where it is below the rate. */
const dropout = (rate: number): Rung => ({
  ...level(
    entropyOfFlip + rate * (Math.log(2) - entropyOfFlip),
    `a share of ${rate} of the inputs is blank and says nothing, which costs log 2 instead of the entropy of a flip. The model draws which: the prediction stands for all of them`,
    (batch) => {
      const chances = named(batch.hidden, "chance").data;
      const ofRow = ([sign = 0]: readonly number[], index: number): number[] => [
        at(chances, index) < rate ? 0 : logitOf(sign),
      ];
      return predictsFrom("x", "label", [], ofRow)(batch);
    },
  ),
  name: `input dropout of ${rate}`,
  probeDecides: true,
  kind: "floor",
  bugs: [
    "dropout is left on in evaluation: the model is not switched, or its mode is not passed on",
    "noise is added or weights are sampled in evaluation",
  ],
  probe: changesWith(
    "the same inputs once more",
    ({ inputs }) => inputs,
    (outputs) => outputs,
  ),
});

export const erasure: Problem = {
  name: "erasure",
  title: "a label that one sign tells, and that nothing tells where the sign is blanked",
  story: `x is −1 or 1, equally likely. The label says whether it is positive, flipped with probability ${flip}. Models with dropout are
asked to leave it out in evaluation.`,
  source: "folklore: the erasure channel, Elias 1955",
  tags: ["classification", "evaluation"],
  inputs: [realField("x", [1], "a sign")],
  heads: [head("label", [], binary)],
  batch: 64,
  steps: 1200,
  draw: (rows, random) => {
    const x = range(rows).map(() => 2 * random.below(2) - 1);
    const labels = x.map((sign) => Number(sign > 0 !== random.uniform() < flip));
    return {
      rows,
      inputs: { x: reals([rows, 1], x) },
      targets: { label: reals([rows], labels) },
      hidden: { chance: reals([rows], range(rows).map(random.uniform)) },
    };
  },
  best: level(
    entropyOfFlip,
    "the entropy of a flip",
    predictsFrom("x", "label", [], ([sign = 0]) => [logitOf(sign)]),
  ),
  certificate: affine("label", [[logitOf(1)]], [0]),
  rungs: [
    dropout(0.1),
    dropout(0.5),
    {
      ...level(
        Math.log(2),
        "log 2: half of the signs are positive",
        predictsFrom("x", "label", [], () => [0]),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the input is not read", "no gradient reaches the weights", "every input is blanked"],
      probe: staysTheSame(
        "every sign is changed",
        changing("x", (sign) => -sign),
      ),
    },
  ],
};
