/** @file What action values are trained towards. */
import { at, zip } from "../../../base/assert.ts";
import { reals } from "../../tensor.ts";
import { numberIn, numbersIn, rowsIn, vector } from "../given.ts";
import { closed, reducedBy } from "../meanings.ts";
import type { Definition, FunctionProblem, Variant } from "../problem.ts";
import { average, bug, fractions, type Row, total } from "./parts.ts";

type Target = (reward: number, next: Row, ended: number, gamma: number) => number;

const by =
  (target: Target): Definition =>
  (given) => {
    const [rewards, ended] = [numbersIn(given, "rewards"), numbersIn(given, "terminated")];
    const gamma = numberIn(given, "gamma");
    return vector(
      zip(rewards, rowsIn(given, "nextValues")).map(([reward, next], i) =>
        target(reward, next, at(ended, i), gamma),
      ),
    );
  };

const best = (next: Row): number => Math.max(...next);
const right: Target = (reward, next, ended, gamma) => reward + gamma * (1 - ended) * best(next);

const variants: readonly Variant[] = [
  bug(
    "termination not seen",
    "r + γ max Q",
    by((reward, next, _, gamma) => reward + gamma * best(next)),
    "1 − terminated is missing: values grow as if every episode went on",
  ),
  bug(
    "mask upside down",
    "r + γ terminated max Q",
    by((reward, next, ended, gamma) => reward + gamma * ended * best(next)),
    "the mask is 1 where the episode is over",
  ),
  bug(
    "reward masked too",
    "(1 − terminated) (r + γ max Q)",
    by((...given) => (1 - given[2]) * right(...given)),
    "the mask is multiplied onto the whole target: the last reward is never learned",
  ),
  bug(
    "not discounted",
    "r + (1 − terminated) max Q",
    by((reward, next, ended) => right(reward, next, ended, 1)),
    "γ is not used",
  ),
  bug(
    "reward discounted too",
    "γ (r + (1 − terminated) max Q)",
    by((reward, next, ended, gamma) => gamma * right(reward, next, ended, 1)),
    "γ is multiplied onto the whole target",
  ),
  bug(
    "mean over actions",
    "the mean of Q in the place of its maximum",
    by((reward, next, ended, gamma) => right(reward, [average(next)], ended, gamma)),
    "`mean` in the place of `max`",
  ),
  bug(
    "sum over actions",
    "the sum of Q in the place of its maximum",
    by((reward, next, ended, gamma) => right(reward, [total(next)], ended, gamma)),
    "`sum` in the place of `max`",
  ),
  bug(
    "smallest value",
    "the minimum of Q in the place of its maximum",
    by((reward, next, ended, gamma) => right(reward, [Math.min(...next)], ended, gamma)),
    "`min` in the place of `max`",
  ),
  bug(
    "number of the action",
    "the index of the best action in the place of its value",
    by((reward, next, ended, gamma) => right(reward, [next.indexOf(best(next))], ended, gamma)),
    "`argmax` in the place of `max`, as where a maximum comes with its indices and the wrong one is used",
  ),
  bug(
    "first action",
    "Q of the first action",
    by((reward, next, ended, gamma) => right(reward, [at(next, 0)], ended, gamma)),
    "no maximum is taken",
  ),
];

export const qTargets: FunctionProblem = closed({
  name: "q-targets",
  slot: "qTargets",
  signature: "qTargets(rewards [B], nextValues [B, A], terminated [B], gamma) → [B]",
  title: "targets of action values",
  story:
    "Wanted is r + γ (1 − terminated) max Q over the A actions of the next state, where terminated is 0 or 1.",
  source:
    "Watkins and Dayan 1992, Q-learning; Mnih et al. 2015, Human-level control through deep reinforcement learning, algorithm 1",
  operations: 20,
  asked: [
    {
      name: "five steps, two of which end an episode",
      given: {
        rewards: fractions("rewards of steps", 5),
        nextValues: fractions("next action values", 5, 3),
        terminated: reals([5], [0, 1, 0, 0, 1]),
        gamma: 0.9,
      },
    },
  ],
  meanings: reducedBy(
    [{ name: "q-targets", derivation: "as defined", usual: true, reduce: (answer) => answer }],
    by(right),
    variants,
  ),
});
