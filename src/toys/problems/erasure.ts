/** @file A sign that dropout may blank. */
import { at, range } from "../../base/assert.ts";
import { mean, upperBound } from "../betting.ts";
import { affine } from "../certificate.ts";
import { changing } from "../changes.ts";
import { binary, head } from "../heads.ts";
import { difference, rounding, staysTheSame } from "../probes.ts";
import type { Problem, Rung } from "../problem.ts";
import { type Numbers, named, reals, type Tensors } from "../tensor.ts";
import { binaryEntropy, level, logit, predictsFrom, realField } from "./parts.ts";

const flip = 0.05;
const entropyOfFlip = binaryEntropy(flip);
const logitOf = (sign: number): number => logit(1 - flip) * sign;

/** Of the inputs that the rung's predictor blanks. */
const rate = 0.1;

/** How often the same inputs are asked again. */
const repeats = 31;
/** The chance that a bound on the rate is wrong. */
const risk = 1e-3;

/** The generator draws a number for every row; a row is blanked where it is below the rate. */
const leftOn: Rung = {
  ...level(
    entropyOfFlip + rate * (Math.log(2) - entropyOfFlip),
    `at a rate of ${rate} that share of the inputs is blank and says nothing, which costs log 2 instead of the entropy of a flip; a higher rate costs more. The model draws which: the prediction stands for all of them`,
    (batch) => {
      const chances = named(batch.hidden, "chance").data;
      const ofRow = ([sign = 0]: readonly number[], index: number): number[] => [
        at(chances, index) < rate ? 0 : logitOf(sign),
      ];
      return predictsFrom("x", "label", [], ofRow)(batch);
    },
  ),
  name: "dropout left on",
  probeDecides: true,
  kind: "floor",
  bugs: [
    "dropout is left on in evaluation: the model is not switched, or its mode is not passed on",
    "noise is added or weights are sampled in evaluation",
  ],
  probe: {
    says: "the same inputs once more: outputs change that may not",
    inputs: ({ inputs }) => range(repeats).map(() => inputs),
    confirms: (plain, others) => others.some((again) => difference(plain, again) >= rounding),
    measures: ({ inputs }, answers) => rateOf(named(inputs, "x").data, answers),
  },
};

/**
 * The rate at which an input is blank, where each sign gets an answer of its own or one that both signs get. Dropout elsewhere, and
 * noise, have other answers, which tell no rate.
 */
function rateOf(signs: Numbers, answers: readonly Tensors[]): string | undefined {
  const all = answers.flatMap((one) =>
    Array.from(named(one, "label").data, (value, row) => ({ value, sign: at(signs, row) })),
  );
  const size = Math.max(...all.map(({ value }) => Math.abs(value)));
  const isSame = (a: number, b: number): boolean => Math.abs(a - b) < rounding * size;
  const answersTo = (sign: number): number[] =>
    all.reduce<number[]>((found, one) => {
      const isNew = one.sign === sign && !found.some((value) => isSame(value, one.value));
      return isNew ? [...found, one.value] : found;
    }, []);
  const [plus, minus] = [answersTo(1), answersTo(-1)];
  const [blank, ...others] = plus.filter((value) => minus.some((other) => isSame(value, other)));
  if (blank === undefined || others.length > 0 || plus.length !== 2 || minus.length !== 2) return undefined;
  const isBlank = all.map(({ value }) => Number(isSame(value, blank)));
  const most = (values: readonly number[]): number => upperBound({ values, low: 0, high: 1 }, risk);
  const [low, high] = [1 - most(isBlank.map((yes) => 1 - yes)), most(isBlank)];
  return `both signs get the same answer with a chance of ${mean(isBlank).toFixed(2)} (${low.toFixed(2)} … ${high.toFixed(2)}), as where that share of the inputs is dropped`;
}

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
    leftOn,
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
