/** @file RMSprop: gradients over the root of a running mean of their squares. Tieleman and Hinton 2012, lecture 6e. */
import type { Definition, Variant } from "../problem.ts";
import { bug } from "../problems/parts.ts";
import type { Rule } from "./path.ts";
import type { SettingsOf } from "./settings.ts";

type Settings = SettingsOf<"rmsprop">;

interface Rules {
  readonly intoGradient: number;
  square(before: number, gradient: number): number;
  size(square: number): number;
}

const rulesOf = ({ beta2, epsilon, weightDecay }: Settings): Rules => ({
  intoGradient: weightDecay,
  square: (before, gradient) => beta2 * before + (1 - beta2) * gradient ** 2,
  size: (square) => Math.sqrt(square) + epsilon,
});

const ruleOf =
  ({ learningRate }: Settings, rules: Rules): Rule =>
  () => {
    let square = 0;
    return (slope, theta) => {
      const gradient = slope + rules.intoGradient * theta;
      square = rules.square(square, gradient);
      return theta - (learningRate * gradient) / rules.size(square);
    };
  };

export const rmsprop = (settings: Settings): Rule => ruleOf(settings, rulesOf(settings));

/** ε under the root, as optax and Keras have it. */
export const rmspropWithEarlyEpsilon = (settings: Settings): Rule =>
  ruleOf(settings, { ...rulesOf(settings), size: (square) => Math.sqrt(square + settings.epsilon) });

export function rmspropVariants(settings: Settings, path: (rule: Rule) => Definition): Variant[] {
  const right = rulesOf(settings);
  const { beta2, epsilon, weightDecay } = settings;
  const by = (rules: Partial<Rules>): Definition => path(ruleOf(settings, { ...right, ...rules }));
  return [
    bug(
      "root left out",
      "g / (v + ε)",
      by({ size: (square) => square + epsilon }),
      "the root of the running mean is missing",
    ),
    bug(
      "shares exchanged",
      "v = (1 − β) v + β g²",
      by({ square: (before, gradient) => (1 - beta2) * before + beta2 * gradient ** 2 }),
      "β stands before the square of the gradient, not before the running mean",
    ),
    bug(
      "squares added up",
      "v = v + g²",
      by({ square: (before, gradient) => before + gradient ** 2 }),
      "a sum in the place of a running mean, as in Adagrad: steps become ever smaller",
    ),
    ...(weightDecay > 0
      ? [
          bug(
            "weight decay left out",
            "no weight decay",
            by({ intoGradient: 0 }),
            "the parameters are in no group with weight decay, or it is not used",
          ),
        ]
      : []),
  ];
}
