/** @file Steps of an optimizer on given gradients: at step t that of a parameter θ is linear_t + curvature θ, number by number. */
import { at, range, zip } from "../../../base/assert.ts";
import { outputs } from "../../tensor.ts";
import { tensorsIn } from "../given.ts";
import type { Definition, Given } from "../problem.ts";

/** For every parameter its numbers. */
export type Numbers = readonly (readonly number[])[];

/** Moves one number of a parameter: from its gradient, itself and the count of steps, which begins at 1, to the next. */
type Element = (gradient: number, theta: number, step: number) => number;

/** A number's state before the first step. */
export type Rule = () => Element;

/** How a rule is applied to all numbers of all parameters. */
export interface Loop {
  /** What of all gradients so far a step is made of; `undefined` where none is made. */
  gathered(gradients: readonly Numbers[]): Numbers | undefined;
  /** What becomes of the gradients of a step. */
  clipped(gradients: Numbers): Numbers;
  /** The count of steps that a parameter sees, from that of steps made, its own number and how many there are. */
  count(step: number, parameter: number, parameters: number): number;
  /** All parameters share one state. */
  readonly shares: boolean;
  /** How often each step is made. */
  readonly times: number;
}

export const plainLoop: Loop = {
  gathered: (gradients) => gradients.at(-1),
  clipped: (gradients) => gradients,
  count: (step) => step,
  shares: false,
  times: 1,
};

/** The gradients of all parameters at a step, 0 for the first. */
function gradientsAt(given: Given, step: number, thetas: Numbers): Numbers {
  const [linear, curvature] = [tensorsIn(given, "linear"), tensorsIn(given, "curvature")];
  return thetas.map((theta, k) => {
    const slopes = at(linear, k).data.subarray(step * theta.length, (step + 1) * theta.length);
    return theta.map((value, i) => at(slopes, i) + at(at(curvature, k).data, i) * value);
  });
}

/** What an optimizer is asked to do: its parameters after every step, [steps, …] for each. */
export const pathOf =
  (rule: Rule, loop: Loop = plainLoop): Definition =>
  (given) => {
    const start = tensorsIn(given, "start");
    const steps = at(at(tensorsIn(given, "linear"), 0).shape, 0);
    let thetas: Numbers = start.map(({ data }) => Array.from(data));
    const states = statesOf(rule, loop, thetas);
    const gradients: Numbers[] = [];
    let made = 0;
    const visited = range(steps).map((step) => {
      gradients.push(gradientsAt(given, step, thetas));
      const gathered = loop.gathered(gradients);
      if (gathered !== undefined) {
        const clipped = loop.clipped(gathered);
        for (const _ of range(loop.times)) {
          made++;
          thetas = stepped(states, loop, thetas, clipped, made);
        }
      }
      return thetas;
    });
    return start.map(({ shape }, k) =>
      outputs(
        [steps, ...shape],
        visited.flatMap((all) => at(all, k)),
      ),
    );
  };

function statesOf(rule: Rule, { shares }: Loop, thetas: Numbers): readonly (readonly Element[])[] {
  const fresh = thetas.map((theta) => theta.map(() => rule()));
  return shares ? fresh.map(() => at(fresh, 0)) : fresh;
}

const stepped = (
  states: readonly (readonly Element[])[],
  { count }: Loop,
  thetas: Numbers,
  gradients: Numbers,
  step: number,
): Numbers =>
  zip(thetas, gradients).map(([theta, gradient], k) =>
    theta.map((value, i) => at(at(states, k), i)(at(gradient, i), value, count(step, k, thetas.length))),
  );
