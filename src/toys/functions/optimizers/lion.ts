/** @file Lion: steps by the sign of a running mean. Chen et al. 2023, Symbolic discovery of optimization algorithms, algorithm 2. */
import type { Definition, Variant } from "../problem.ts";
import { bug } from "../problems/parts.ts";
import type { Rule } from "./path.ts";
import type { SettingsOf } from "./settings.ts";

type Settings = SettingsOf<"lion">;

interface Rules {
  /** Shares of the old in the direction and in the running mean. */
  readonly inDirection: number;
  readonly inMean: number;
  readonly intoGradient: number;
  readonly offNumber: number;
  step(direction: number): number;
}

const rulesOf = ({ beta1, beta2, weightDecay, learningRate }: Settings): Rules => ({
  inDirection: beta1,
  inMean: beta2,
  intoGradient: 0,
  offNumber: learningRate * weightDecay,
  step: Math.sign,
});

const ruleOf =
  ({ learningRate }: Settings, rules: Rules): Rule =>
  () => {
    let mean = 0;
    return (slope, theta) => {
      const gradient = slope + rules.intoGradient * theta;
      const direction = rules.inDirection * mean + (1 - rules.inDirection) * gradient;
      mean = rules.inMean * mean + (1 - rules.inMean) * gradient;
      return theta - rules.offNumber * theta - learningRate * rules.step(direction);
    };
  };

export const lion = (settings: Settings): Rule => ruleOf(settings, rulesOf(settings));

export function lionVariants(settings: Settings, path: (rule: Rule) => Definition): Variant[] {
  const right = rulesOf(settings);
  const { beta1, beta2, weightDecay } = settings;
  const by = (rules: Partial<Rules>): Definition => path(ruleOf(settings, { ...right, ...rules }));
  return [
    bug(
      "sign left out",
      "θ − η (β₁ m + (1 − β₁) g)",
      by({ step: (direction) => direction }),
      "the step is not made of signs",
    ),
    ...(beta1 === beta2
      ? []
      : [
          bug(
            "β₁ and β₂ exchanged",
            "β₂ in the direction, β₁ in the running mean",
            by({ inDirection: beta2, inMean: beta1 }),
            "the two are given or taken in the other order",
          ),
          bug(
            "β₁ in both",
            "β₁ in the direction and in the running mean",
            by({ inMean: beta1 }),
            "the running mean is what the direction was made of",
          ),
        ]),
    ...(weightDecay > 0
      ? [
          bug(
            "weight decay left out",
            "no weight decay",
            by({ offNumber: 0 }),
            "the parameters are in no group with weight decay, or it is not used",
          ),
          bug(
            "weight decay without learning rate",
            "θ − λ θ, less the step",
            by({ offNumber: weightDecay }),
            "λ is not multiplied by the learning rate",
          ),
          bug(
            "weight decay in the gradient",
            "signs of means of g + λ θ",
            by({ intoGradient: weightDecay, offNumber: 0 }),
            "L2 regularisation in the place of decoupled weight decay",
          ),
        ]
      : []),
  ];
}
