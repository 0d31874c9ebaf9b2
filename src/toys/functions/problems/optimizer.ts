/** @file An optimizer's steps on given gradients: which optimizer it is, and what is wrong with it. */
import { range } from "../../../base/assert.ts";
import { reals, type Tensor } from "../../tensor.ts";
import { adam, adamVariants, adamWithEarlyEpsilon } from "../optimizers/adam.ts";
import { lion, lionVariants } from "../optimizers/lion.ts";
import { loopOf, loopVariants } from "../optimizers/loops.ts";
import { pathOf, type Rule } from "../optimizers/path.ts";
import { firstRate } from "../optimizers/rate.ts";
import { rmsprop, rmspropVariants, rmspropWithEarlyEpsilon } from "../optimizers/rmsprop.ts";
import { nameOf, type Settings, settingsIn } from "../optimizers/settings.ts";
import { sgd, sgdVariants } from "../optimizers/sgd.ts";
import { isPlain, usualSettings } from "../optimizers/usual.ts";
import type { Answer, Definition, FunctionProblem, Meaning, Question, Variant } from "../problem.ts";
import { fractions } from "./parts.ts";

const usualRate = 0.1;

/** The rule, the same in other forms that are as good, and bugs. */
function kindOf(settings: Settings): {
  readonly rule: Rule;
  readonly otherForm?: { readonly rule: Rule; readonly derivation: string };
  readonly variants: (path: (rule: Rule) => Definition) => readonly Variant[];
} {
  switch (settings.kind) {
    case "sgd":
      return { rule: sgd(settings), variants: (path) => sgdVariants(settings, path) };
    case "adam":
    case "adamw":
      return {
        rule: adam(settings),
        otherForm: {
          rule: adamWithEarlyEpsilon(settings),
          derivation: "ε is added before the correction, as by TensorFlow",
        },
        variants: (path) => adamVariants(settings, path),
      };
    case "rmsprop":
      return {
        rule: rmsprop(settings),
        otherForm: {
          rule: rmspropWithEarlyEpsilon(settings),
          derivation: "ε stands under the root, as in optax and Keras",
        },
        variants: (path) => rmspropVariants(settings, path),
      };
    case "lion":
      return { rule: lion(settings), variants: (path) => lionVariants(settings, path) };
  }
}

/** What settings mean: as defined, and in other forms. */
function meaningsOf(settings: Settings, bugs: "with bugs" | "alone"): Meaning[] {
  const { rule, otherForm, variants } = kindOf(settings);
  const path = (own: Rule): Definition => pathOf(own, loopOf(settings));
  const meaning = (own: Rule, derivation: string): Meaning => ({
    name: nameOf(settings),
    derivation,
    usual: true,
    answer: path(own),
    variants: bugs === "alone" ? [] : [...variants(path), ...loopVariants(settings, rule)],
  });
  const others = otherForm === undefined ? [] : [meaning(otherForm.rule, otherForm.derivation)];
  return [meaning(rule, "as defined"), ...others];
}

const steps = 12;
/** At these steps gradients are small, so that a clipped norm is not always too large. */
const quiet = [6, 7, 8];
const loudness = (step: number): number => (quiet.includes(step) ? 0.05 : 1);

const slopes = (of: (step: number) => readonly number[]): Tensor =>
  reals(
    [steps, 2, 2],
    range(steps).flatMap((step) => of(step).map((slope) => slope * loudness(step))),
  );

const drawn = (label: string): ((step: number) => readonly number[]) => {
  const { data } = fractions(label, steps, 4);
  return (step) => Array.from(data.subarray(4 * step, 4 * step + 4));
};

const first = drawn("slopes of the first");
const second = drawn("slopes of the second");

const parameters = {
  start: [
    reals([2, 2], [1.2, -0.7, 0.4, 2]),
    reals([2, 2], [0.9, -1.1, 0.3, 1.6]),
    reals([2, 2], [1, 0, 0.5, 2]),
  ],
  linear: [
    slopes(first),
    // A parameter that a few batches say nothing of.
    slopes((step) => (step === 4 || step === 5 ? [0, 0, 0, 0] : second(step).map((slope) => slope / 20))),
    // Nothing, next to nothing, always the same, and to and fro.
    slopes((step) => [0, 3e-8, 1, (-1) ** step]),
  ],
  curvature: [
    reals([2, 2], [0.05, 0.1, 0.05, 0.1]),
    reals([2, 2], [0, 0, 0, 0]),
    reals([2, 2], [0, 0, 0, 0]),
  ],
};

const asked = (learningRate: number): Question => ({
  name: "twelve gradients, some of them none, tiny or constant",
  given: { learningRate, ...parameters },
});

/** What is usual, with the rate of the answer's first step; and with bugs what most people use, with the rate that was given. */
function usualMeanings(claim: unknown, answer: Answer): Meaning[] {
  const own = claim === undefined ? undefined : settingsIn(claim, usualRate);
  const given = own?.learningRate ?? usualRate;
  const met = usualSettings(own).flatMap((settings) => {
    const rate = firstRate(
      settings,
      (other) => pathOf(kindOf(other).rule, loopOf(other)),
      parameters,
      answer,
    );
    return rate === undefined ? [] : meaningsOf({ ...settings, learningRate: rate }, "alone");
  });
  const plain = usualSettings(own).filter(isPlain);
  return [
    ...met,
    ...plain.flatMap((settings) => meaningsOf({ ...settings, learningRate: given }, "with bugs")),
  ];
}

export const optimizer: FunctionProblem = {
  name: "optimizer",
  slot: "optimizer",
  signature:
    "optimizer(learningRate) → { init(params), update(gradients, state, params) → [changes, state] }",
  title: "which optimizer it is, from its steps",
  story: `Three parameters are moved by twelve steps on gradients that are given (linear_t + curvature θ). In Python the function is
\`optimizer(parameters, learning_rate)\`, or \`optimizer(parameters)\`, and gives an optimizer of PyTorch's form. Where the entry says nothing, Assay looks for a
known optimizer with usual constants whose steps these are. It is better said:
\`optimizerIs: { kind: "adamw", learningRate: 0.01, weightDecay: 0.1 }\`, with \`beta1\` 0.9, \`beta2\` 0.999 and \`epsilon\` 1e-8 unless they are given; \`"adam"\`, whose
\`weightDecay\` is a part of the gradient; \`"sgd"\` with \`momentum\`, \`nesterov\`, \`dampening\`, \`weightDecay\` and \`decoupled\`; \`"rmsprop"\` with \`beta2\` and \`epsilon\`;
\`"lion"\`. Each may have \`mostNorm\`, the global norm to which gradients are clipped, and \`accumulate\`, the number of gradients whose mean a step follows. The
learning rate is the one that the function is given (${usualRate}) unless it is said. Weight decay takes η λ θ off a parameter.`,
  source:
    "Kingma and Ba 2015; Loshchilov and Hutter 2019; Sutskever et al. 2013; Tieleman and Hinton 2012; Chen et al. 2023; in the forms of PyTorch and optax",
  operations: 10 * steps,
  open: true,
  examples: [
    { kind: "adamw", weightDecay: 0.1 },
    { kind: "adam" },
    { kind: "adam", weightDecay: 0.05, beta1: 0.8, mostNorm: 1 },
    { kind: "sgd" },
    { kind: "sgd", momentum: 0.9, weightDecay: 0.01 },
    {
      kind: "sgd",
      momentum: 0.8,
      nesterov: true,
      weightDecay: 0.05,
      decoupled: true,
      accumulate: 3,
      mostNorm: 1,
    },
    { kind: "sgd", momentum: 0.9, dampening: 0.5 },
    { kind: "rmsprop", beta2: 0.9, weightDecay: 0.1 },
    { kind: "lion", weightDecay: 0.1 },
  ],
  questions: (claim) => [asked(claim === undefined ? usualRate : settingsIn(claim, usualRate).learningRate)],
  meant: (claim) => (claim === undefined ? [] : meaningsOf(settingsIn(claim, usualRate), "with bugs")),
  known: (claim, [answer = []]) => usualMeanings(claim, answer),
  place: (output, [step = 0, ...rest]) => `parameter ${output} after step ${step + 1}, [${rest.join(", ")}],`,
};
