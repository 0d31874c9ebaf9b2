/** @file What goes wrong around an optimizer's rule, whatever the rule is: gradients that are kept, clipped or counted wrongly. */
import { zip } from "../../../base/assert.ts";
import type { Definition, Variant } from "../problem.ts";
import { bug, total } from "../problems/parts.ts";
import { type Loop, type Numbers, pathOf, plainLoop, type Rule } from "./path.ts";
import type { Settings } from "./settings.ts";

const scaled = (gradients: Numbers, factor: number): Numbers =>
  gradients.map((row) => row.map((value) => factor * value));

const added = (all: readonly Numbers[]): Numbers =>
  all.reduce((sum, gradients) => zip(sum, gradients).map(([a, b]) => zip(a, b).map(([x, y]) => x + y)));

const norm = (gradients: Numbers): number => Math.sqrt(total(gradients.flat().map((value) => value ** 2)));

const clippedTo =
  (most: number) =>
  (gradients: Numbers): Numbers =>
    scaled(gradients, Math.min(1, most / norm(gradients)));

/** The gradients of a step after every `count`, as `of` makes them from all so far. */
const every =
  (count: number, of: (gradients: readonly Numbers[]) => Numbers): Loop["gathered"] =>
  (gradients) =>
    gradients.length % count === 0 ? of(gradients) : undefined;

const meanOfLast =
  (count: number) =>
  (gradients: readonly Numbers[]): Numbers =>
    scaled(added(gradients.slice(-count)), 1 / count);

/** Around the rule of these settings. */
export const loopOf = ({ accumulate, mostNorm }: Settings): Loop => ({
  ...plainLoop,
  gathered: every(accumulate, meanOfLast(accumulate)),
  clipped: mostNorm === undefined ? plainLoop.clipped : clippedTo(mostNorm),
});

export function loopVariants(settings: Settings, rule: Rule): Variant[] {
  const { kind, accumulate } = settings;
  const right = loopOf(settings);
  const by = (loop: Partial<Loop>): Definition => pathOf(rule, { ...right, ...loop });
  const ascending: Rule = () => {
    const element = rule();
    return (gradient, ...rest) => element(-gradient, ...rest);
  };
  const state = kind !== "sgd" || settings.momentum > 0;
  return [
    bug(
      "up the slope",
      "the step is made with −g",
      pathOf(ascending, right),
      "the sign of the step: the loss rises",
    ),
    bug(
      "every step made twice",
      "two steps with the same gradient",
      by({ times: 2 }),
      "`step` is called twice, or the parameters are registered twice",
    ),
    bug(
      "gradients not reset",
      "each step follows the sum of all gradients so far",
      by({ gathered: every(accumulate, (all) => scaled(added(all), 1 / accumulate)) }),
      "`zero_grad` is missing, or does nothing",
    ),
    ...(state
      ? [
          bug(
            "one state for all parameters",
            "parameters see each other's running means and sums",
            by({ shares: true }),
            "the state is kept once, not for every parameter",
          ),
        ]
      : []),
    ...(kind === "adam" || kind === "adamw"
      ? [
          bug(
            "every parameter counts as a step",
            "the count of steps rises with every parameter",
            by({ count: (step, parameter, parameters) => (step - 1) * parameters + parameter + 1 }),
            "the count is raised in the loop over parameters, not before it",
          ),
        ]
      : []),
    ...clippingVariants(settings, by),
    ...accumulationVariants(settings, by),
  ];
}

type By = (loop: Partial<Loop>) => Definition;

function clippingVariants({ mostNorm }: Settings, by: By): Variant[] {
  if (mostNorm === undefined) return [];
  const clip = clippedTo(mostNorm);
  return [
    bug(
      "not clipped",
      "gradients as they are",
      by({ clipped: (gradients) => gradients }),
      "the result of the clipping is not used, or comes after the step",
    ),
    bug(
      "each tensor clipped by itself",
      "a factor for every tensor",
      by({ clipped: (gradients) => gradients.flatMap((one) => clip([one])) }),
      "the norm is that of one tensor: the direction of the step changes",
    ),
    bug(
      "always scaled",
      "g mostNorm / ‖g‖, also where that is larger than g",
      by({ clipped: (gradients) => scaled(gradients, mostNorm / norm(gradients)) }),
      "the minimum with 1 is missing: small gradients grow",
    ),
  ];
}

function accumulationVariants({ accumulate, mostNorm }: Settings, by: By): Variant[] {
  if (accumulate === 1) return [];
  const last = meanOfLast(1);
  return [
    bug(
      "sum of gradients",
      "a step follows the sum of the gathered gradients",
      by({ gathered: every(accumulate, (all) => added(all.slice(-accumulate))) }),
      "the sum is not divided by the number of gradients",
    ),
    bug(
      "a step for every gradient",
      "nothing is gathered",
      by({ gathered: last }),
      "`step` is called for every micro-batch",
    ),
    bug(
      "last gradient only",
      "a step follows the last of the gathered gradients",
      by({ gathered: every(accumulate, last) }),
      "gradients are reset for every micro-batch, so that all but the last are lost",
    ),
    bug(
      "mean divided again",
      "a step follows the mean over their number",
      by({ gathered: every(accumulate, (all) => scaled(meanOfLast(accumulate)(all), 1 / accumulate)) }),
      "both the loss and the gathered gradients are divided",
    ),
    ...(mostNorm === undefined
      ? []
      : [
          bug(
            "each gradient clipped by itself",
            "gradients are clipped before they are gathered",
            by({
              gathered: every(accumulate, (all) =>
                scaled(added(all.slice(-accumulate).map(clippedTo(mostNorm))), 1 / accumulate),
              ),
              clipped: (gradients) => gradients,
            }),
            "the clipping is inside the loop over micro-batches",
          ),
        ]),
  ];
}
