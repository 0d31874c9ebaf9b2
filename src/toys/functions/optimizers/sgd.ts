/** @file Gradient descent with momentum, as PyTorch and optax have it. */

import type { Definition, Variant } from "../problem.ts";
import { bug } from "../problems/parts.ts";
import type { Rule } from "./path.ts";
import type { SettingsOf } from "./settings.ts";

type Settings = SettingsOf<"sgd">;

interface Rules {
  /** What weight decay adds to the gradient, and what it takes off the number itself. */
  readonly intoGradient: number;
  readonly offNumber: number;
  /** The running sum after a gradient; `first` where there was none before. */
  sum(before: number, gradient: number, first: boolean): number;
  /** What a step follows. */
  direction(sum: number, gradient: number): number;
}

const rulesOf = ({
  momentum,
  nesterov,
  dampening,
  weightDecay,
  decoupled,
  learningRate,
}: Settings): Rules => ({
  intoGradient: decoupled ? 0 : weightDecay,
  offNumber: decoupled ? learningRate * weightDecay : 0,
  // The first gradient is not dampened.
  sum: (before, gradient, first) => (first ? gradient : momentum * before + (1 - dampening) * gradient),
  direction: (sum, gradient) => (nesterov ? gradient + momentum * sum : sum),
});

const ruleOf =
  ({ learningRate }: Settings, { intoGradient, offNumber, sum, direction }: Rules): Rule =>
  () => {
    let running = 0;
    let first = true;
    return (slope, theta) => {
      const gradient = slope + intoGradient * theta;
      running = sum(running, gradient, first);
      first = false;
      return theta - offNumber * theta - learningRate * direction(running, gradient);
    };
  };

export const sgd = (settings: Settings): Rule => ruleOf(settings, rulesOf(settings));

export function sgdVariants(settings: Settings, path: (rule: Rule) => Definition): Variant[] {
  const right = rulesOf(settings);
  const { momentum, nesterov, dampening, weightDecay, decoupled, learningRate } = settings;
  const by = (rules: Partial<Rules>): Definition => path(ruleOf(settings, { ...right, ...rules }));
  const withMomentum = [
    bug(
      "momentum left out",
      "θ − η g",
      by({ direction: (_, gradient) => gradient }),
      "the running sum is not stored, or not used",
    ),
    nesterov
      ? bug(
          "Nesterov left out",
          "θ − η v",
          by({ direction: (sum) => sum }),
          "the step follows the running sum alone",
        )
      : bug(
          "Nesterov",
          "θ − η (g + μ v)",
          by({ direction: (sum, gradient) => gradient + momentum * sum }),
          "Nesterov's form where the plain one is meant",
        ),
    ...(dampening === momentum
      ? []
      : [
          bug(
            "running mean",
            "v = μ v + (1 − μ) g",
            by({ sum: (before, gradient) => momentum * before + (1 - momentum) * gradient }),
            "a running mean in the place of the running sum: steps are 1 − μ as large",
          ),
        ]),
    ...(dampening === 0
      ? []
      : [
          bug(
            "dampening left out",
            "v = μ v + g",
            by({ sum: (before, gradient) => momentum * before + gradient }),
            "1 − dampening is missing before the gradient",
          ),
        ]),
  ];
  const withDecay = [
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
    bug(
      "weight decay without learning rate",
      "θ − λ θ, less the step",
      by({ intoGradient: 0, offNumber: weightDecay }),
      "λ is not multiplied by the learning rate",
    ),
    // Without momentum both are one.
    ...(momentum === 0
      ? []
      : [
          decoupled
            ? bug(
                "weight decay in the gradient",
                "g + λ θ enters the running sum",
                by({ intoGradient: weightDecay, offNumber: 0 }),
                "L2 regularisation in the place of decoupled weight decay",
              )
            : bug(
                "weight decay decoupled",
                "θ − η λ θ, less the step",
                by({ intoGradient: 0, offNumber: learningRate * weightDecay }),
                "decoupled weight decay in the place of L2 regularisation",
              ),
        ]),
  ];
  return [...(momentum > 0 ? withMomentum : []), ...(weightDecay > 0 ? withDecay : [])];
}
