/** @file Adam, and AdamW with weight decay that is no part of the gradient. */

import type { Definition, Variant } from "../problem.ts";
import { bug } from "../problems/parts.ts";
import type { Rule } from "./path.ts";
import type { AdamSettings as Settings } from "./settings.ts";

/** Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2, where λ is multiplied by the learning rate. */
interface Rules {
  /** What weight decay adds to the gradient, and what it takes off the number itself. */
  readonly intoGradient: number;
  readonly offNumber: number;
  first(before: number, gradient: number): number;
  second(before: number, gradient: number, first: number): number;
  /** What the moments are divided by at a step. */
  firstCorrection(step: number): number;
  secondCorrection(step: number): number;
  /** What a step is divided by, from the second moment and its correction. */
  size(second: number, correction: number): number;
  /** What a step follows. */
  direction(first: number, gradient: number): number;
  /** The next number, from the step. */
  moved(theta: number, step: number, offNumber: number): number;
}

const averaged = (share: number, before: number, now: number): number => share * before + (1 - share) * now;

function rulesOf(settings: Settings): Rules {
  const { beta1, beta2, epsilon, weightDecay, learningRate } = settings;
  const decoupled = settings.kind === "adamw";
  return {
    intoGradient: decoupled ? 0 : weightDecay,
    offNumber: decoupled ? learningRate * weightDecay : 0,
    first: (before, gradient) => averaged(beta1, before, gradient),
    second: (before, gradient) => averaged(beta2, before, gradient ** 2),
    firstCorrection: (step) => 1 - beta1 ** step,
    secondCorrection: (step) => 1 - beta2 ** step,
    size: (second, correction) => Math.sqrt(second / correction) + epsilon,
    direction: (first) => first,
    moved: (theta, step, offNumber) => theta - offNumber * theta - step,
  };
}

const ruleOf =
  ({ learningRate }: Settings, rules: Rules): Rule =>
  () => {
    let [first, second] = [0, 0];
    return (slope, theta, step) => {
      const gradient = slope + rules.intoGradient * theta;
      first = rules.first(first, gradient);
      second = rules.second(second, gradient, first);
      const direction = rules.direction(first / rules.firstCorrection(step), gradient);
      const size = rules.size(second, rules.secondCorrection(step));
      return rules.moved(theta, (learningRate * direction) / size, rules.offNumber);
    };
  };

export const adam = (settings: Settings): Rule => ruleOf(settings, rulesOf(settings));

/** ε before the correction, as TensorFlow has it (Kingma and Ba 2015, end of section 2): a little larger at first. */
export const adamWithEarlyEpsilon = (settings: Settings): Rule =>
  ruleOf(settings, {
    ...rulesOf(settings),
    size: (second, correction) => (Math.sqrt(second) + settings.epsilon) / Math.sqrt(correction),
  });

export function adamVariants(settings: Settings, path: (rule: Rule) => Definition): Variant[] {
  const right = rulesOf(settings);
  const { beta1, beta2, epsilon } = settings;
  const by = (rules: Partial<Rules>): Definition => path(ruleOf(settings, { ...right, ...rules }));
  const none = (): number => 1;
  return [
    bug(
      "no bias correction",
      "m / (√v + ε)",
      by({ firstCorrection: none, secondCorrection: none }),
      "the division by 1 − β^t is missing: the first steps are too large or too small",
    ),
    bug(
      "first moment not corrected",
      "m / (√v̂ + ε)",
      by({ firstCorrection: none }),
      "the division by 1 − β₁^t is missing",
    ),
    bug(
      "second moment not corrected",
      "m̂ / (√v + ε)",
      by({ secondCorrection: none }),
      "the division by 1 − β₂^t is missing",
    ),
    bug(
      "steps counted from 2",
      "1 − β^(t + 1)",
      by({
        firstCorrection: (step) => right.firstCorrection(step + 1),
        secondCorrection: (step) => right.secondCorrection(step + 1),
      }),
      "the count is raised twice before the first correction",
    ),
    bug(
      "count stands still",
      "1 − β",
      by({
        firstCorrection: () => right.firstCorrection(1),
        secondCorrection: () => right.secondCorrection(1),
      }),
      "the count of steps is not raised, or not stored",
    ),
    bug(
      "root left out",
      "m̂ / (v̂ + ε)",
      by({ size: (second, correction) => second / correction + epsilon }),
      "the root of the second moment is missing",
    ),
    ...(epsilon > 0
      ? [
          bug(
            "ε under the root",
            "m̂ / √(v̂ + ε)",
            by({ size: (second, correction) => Math.sqrt(second / correction + epsilon) }),
            "ε is added before the root: small gradients hardly move anything",
          ),
        ]
      : []),
    bug(
      "squares not averaged",
      "v = g²",
      by({ second: (_, gradient) => gradient ** 2, secondCorrection: none }),
      "the second moment is not stored, or β₂ is not used",
    ),
    bug(
      "squares added up",
      "v = v + g²",
      by({ second: (before, gradient) => before + gradient ** 2, secondCorrection: none }),
      "a sum in the place of a running mean, as in Adagrad: steps become ever smaller",
    ),
    bug(
      "square of the first moment",
      "v = β₂ v + (1 − β₂) m²",
      by({ second: (before, _, first) => averaged(beta2, before, first ** 2) }),
      "the second moment is made of the first, not of the gradient",
    ),
    ...(beta1 > 0
      ? [
          bug(
            "gradient for the first moment",
            "g / (√v̂ + ε)",
            by({ direction: (_, gradient) => gradient }),
            "the step follows the gradient, as in RMSprop",
          ),
          bug(
            "first moment a sum",
            "m = β₁ m + g",
            by({ first: (before, gradient) => beta1 * before + gradient }),
            "1 − β₁ is missing before the gradient",
          ),
        ]
      : []),
    ...(beta1 === beta2
      ? []
      : [
          bug(
            "β₁ and β₂ exchanged",
            "β₂ in the first moment, β₁ in the second",
            path(ruleOf(settings, { ...rulesOf({ ...settings, beta1: beta2, beta2: beta1 }) })),
            "the two are given or taken in the other order",
          ),
        ]),
    ...(settings.weightDecay > 0 ? decayVariants(settings, right, by) : []),
  ];
}

function decayVariants(
  settings: Settings,
  right: Rules,
  by: (rules: Partial<Rules>) => Definition,
): Variant[] {
  const { weightDecay, learningRate } = settings;
  return [
    bug(
      "weight decay left out",
      "no weight decay",
      by({ intoGradient: 0, offNumber: 0 }),
      "the parameters are in no group with weight decay, or it is not used",
    ),
    bug(
      "weight decay with the wrong sign",
      "numbers grow",
      by({ intoGradient: -right.intoGradient, offNumber: -right.offNumber }),
      "the sign of the weight decay",
    ),
    ...(settings.kind === "adamw"
      ? [
          bug(
            "weight decay without learning rate",
            "θ − λ θ, less the step",
            by({ offNumber: weightDecay }),
            "λ is not multiplied by the learning rate (in the paper it is multiplied by a schedule that begins at 1)",
          ),
          bug(
            "weight decay times the learning rate twice",
            "θ − η² λ θ, less the step",
            by({ offNumber: learningRate ** 2 * weightDecay }),
            "λ is multiplied by the learning rate, and the whole step again",
          ),
          bug(
            "weight decay in the gradient",
            "m and v of g + λ θ",
            by({ intoGradient: weightDecay, offNumber: 0 }),
            "L2 regularisation, as in Adam, in the place of decoupled weight decay: the division by √v̂ undoes most of it",
          ),
          bug(
            "weight decay after the step",
            "(θ − step) (1 − η λ)",
            by({ moved: (theta, step, offNumber) => (theta - step) * (1 - offNumber) }),
            "the updated number decays, not the one before",
          ),
        ]
      : [
          bug(
            "weight decay decoupled",
            "θ − η λ θ, less the step",
            by({ intoGradient: 0, offNumber: learningRate * weightDecay }),
            "decoupled weight decay, as in AdamW, in the place of L2 regularisation",
          ),
        ]),
  ];
}
