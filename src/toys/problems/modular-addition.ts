/** @file The sum of two residues. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import type { Certificate } from "../certificate.ts";
import { changing } from "../changes.ts";
import { categorical, head } from "../heads.ts";
import { staysTheSame, sumsAgree } from "../probes.ts";
import type { Batch, Level, Problem, Rung } from "../problem.ts";
import { indices, type Tensors } from "../tensor.ts";
import { crossEntropyOf, entropy, indexField, level, predictsFrom } from "./parts.ts";
import { bestProbabilities, bestWithin, givesProbabilities, staysWithin } from "./ranges.ts";

const [modulus, wrong] = [7, 0.02];

const lawOf = (sum: number): number[] =>
  range(modulus).map((label) => (label === sum ? 1 - wrong : wrong / (modulus - 1)));

/** A level whose logits depend on the sum alone; moving the sum on moves them on, so that all sums lose the same. */
const fromSum = (derivation: string, logitsOf: (law: readonly number[]) => readonly number[]): Level =>
  level(
    crossEntropyOf(lawOf(0), logitsOf(lawOf(0))),
    derivation,
    predictsFrom("pair", "label", [modulus], ([a = 0, b = 0]) => logitsOf(lawOf((a + b) % modulus))),
  );

const uniform = (derivation: string): Level => fromSum(derivation, (law) => law.map(() => 0));

const unread = (name: string, unseen: number): Rung => ({
  ...uniform(`log ${modulus}: either operand alone leaves every sum equally likely`),
  name,
  kind: "floor",
  bugs: ["an operand is sliced away, masked or overwritten by the other"],
  probe: staysTheSame(
    `the ${unseen === 0 ? "first" : "second"} operand is another`,
    changing("pair", (operand, place) => (operand + Number(place === unseen)) % modulus),
  ),
});

/** Other pairs, and pairs with either operand from them. */
function exchanged(batch: Batch, random: Random): readonly Tensors[] {
  const others = range(2 * batch.rows).map(() => random.below(modulus));
  return [[0, 1], [1], [0]].map((places) =>
    changing("pair", (operand, place, index) =>
      places.includes(place) ? at(others, 2 * index + place) : operand,
    )(batch, random),
  );
}

/** A function of the sum a + b that bends at whole numbers only: a unit for every bend, and its logits for each label. */
const sums = range(2 * modulus - 1);
const logitsOfSum = sums.map((sum) => lawOf(sum % modulus).map(Math.log));
const certificate: Certificate = {
  hidden: {
    weight: sums.slice(1).map(() => [...range(modulus), ...range(modulus)]),
    bias: sums.slice(1).map((sum) => 1 - sum),
  },
  heads: {
    label: {
      weight: range(modulus).map((label) => {
        const rise = (sum: number): number =>
          sum < 1 ? 0 : at(at(logitsOfSum, sum), label) - at(at(logitsOfSum, sum - 1), label);
        return sums.slice(1).map((sum) => rise(sum) - rise(sum - 1));
      }),
      bias: at(logitsOfSum, 0),
    },
  },
};

export const modularAddition: Problem = {
  name: "modular-addition",
  title: `the sum of two residues modulo ${modulus}`,
  story: `a and b are uniform in 0 … ${modulus - 1}. The label is (a + b) mod ${modulus}; with probability ${wrong} it is one of the others, each
equally likely.`,
  source: "Power and others 2022, Grokking (arXiv 2201.02177), here with all pairs in training",
  tags: ["classification", "tokens", "features"],
  inputs: [indexField("pair", [2], modulus, "two residues")],
  heads: [head("label", [], categorical(modulus))],
  batch: 64,
  steps: 900,
  draw: (rows, random) => {
    const drawn = range(rows).map(() => range(2).map(() => random.below(modulus)));
    const labels = drawn.map(([a = 0, b = 0]) => {
      const moved = random.uniform() < wrong ? 1 + random.below(modulus - 1) : 0;
      return (a + b + moved) % modulus;
    });
    return {
      rows,
      inputs: { pair: indices([rows, 2], drawn.flat()) },
      targets: { label: indices([rows], labels) },
      hidden: {},
    };
  },
  best: level(
    entropy(lawOf(0)),
    "the entropy of a label that is sometimes wrong",
    ...fromSum("", (law) => law.map(Math.log)).predictors,
  ),
  certificate,
  rungs: [
    {
      ...uniform(
        `log ${modulus}: moving a, b and the label on by s, t and s + t changes no law, and the loss is convex; averaged over s and t, logits f(a) + g(b) are constant`,
      ),
      name: "additive",
      kind: "floor",
      bugs: [
        "an activation is missing",
        "embeddings of the operands are added, and one linear layer follows",
      ],
      probe: sumsAgree("f(a, b) + f(c, d) = f(a, d) + f(c, b) holds for operands", exchanged),
    },
    unread("first operand not read", 0),
    unread("second operand not read", 1),
    {
      ...fromSum("logits that are probabilities: the best give all to the right sum", bestProbabilities),
      name: "softmax twice",
      kind: "floor",
      bugs: ["the model applies a softmax, and the loss another"],
      probe: givesProbabilities("label"),
    },
    {
      ...fromSum("logits between −1 and 1: the best are 1 for the right sum and −1 for others", (law) =>
        bestWithin(-1, 1, law),
      ),
      name: "tanh on the logits",
      kind: "floor",
      bugs: ["an activation with values between −1 and 1 follows the last layer"],
      probe: staysWithin(-1, 1, "label"),
    },
  ],
};
