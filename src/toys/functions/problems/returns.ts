/** @file Discounted sums of what is still to come. */
import { at } from "../../../base/assert.ts";
import { reals } from "../../tensor.ts";
import { numberIn, numbersIn, vector } from "../given.ts";
import { closed, reducedBy } from "../meanings.ts";
import type { Definition, FunctionProblem, Variant } from "../problem.ts";
import { bug, fractions, type Row, total } from "./parts.ts";

interface Steps {
  readonly rewards: Row;
  readonly terminated: Row;
  readonly gamma: number;
}

const by =
  (returns: (steps: Steps) => Row): Definition =>
  (given) =>
    vector(
      returns({
        rewards: numbersIn(given, "rewards"),
        terminated: numbersIn(given, "terminated"),
        gamma: numberIn(given, "gamma"),
      }),
    );

/** G_t = r_t + γ (1 − terminated_t) G_{t+1}, where `goesOn` says whether an episode does so after a row. */
function backwards({ rewards, gamma }: Steps, goesOn: (t: number) => number): Row {
  let following = 0;
  return rewards
    .map((reward, t) => ({ reward, t }))
    .toReversed()
    .map(({ reward, t }) => {
      following = reward + gamma * goesOn(t) * following;
      return following;
    })
    .toReversed();
}

const right = (steps: Steps): Row => backwards(steps, (t) => 1 - at(steps.terminated, t));

/** The first row of the episode of row t. */
const firstOf = (terminated: Row, t: number): number => terminated.slice(0, t).lastIndexOf(1) + 1;

/** First and last row of the episode of every row. */
const episodes = ({ terminated }: Steps): { readonly first: number; readonly last: number }[] =>
  terminated.map((_, t) => {
    const end = terminated.indexOf(1, t);
    return { first: firstOf(terminated, t), last: end === -1 ? terminated.length - 1 : end };
  });

const variants: readonly Variant[] = [
  bug(
    "ends not seen",
    "sums run on into the next episode",
    by((steps) => backwards(steps, () => 1)),
    "1 − terminated is missing in G = r + γ G(next)",
  ),
  bug(
    "ends one row late",
    "row t is masked by the flag of row t + 1",
    by((steps) => backwards(steps, (t) => 1 - (steps.terminated[t + 1] ?? 0))),
    "flags that tell whether row t + 1 begins an episode are mixed up with flags that tell whether row t ends one",
  ),
  bug(
    "ends one row early",
    "row t is masked by the flag of row t − 1",
    by((steps) => backwards(steps, (t) => 1 - (steps.terminated[t - 1] ?? 0))),
    "the flags are moved by one row",
  ),
  bug(
    "not discounted",
    "sums of rewards",
    by((steps) => right({ ...steps, gamma: 1 })),
    "γ is not used",
  ),
  bug(
    "discounted from the start",
    "Σ γ^k r, with k counted from the first row of the episode",
    by((steps) => {
      const all = episodes(steps);
      return right(steps).map((value, t) => value * steps.gamma ** (t - at(all, t).first));
    }),
    "powers of γ are counted from the start of the episode, not from the row itself",
  ),
  bug(
    "whole episodes",
    "every row has the return of its episode's first",
    by((steps) => {
      const values = right(steps);
      return episodes(steps).map(({ first }) => at(values, first));
    }),
    "one return for all actions of an episode, though rewards before an action say nothing of it",
  ),
  bug(
    "own reward left out",
    "G of the next row, not discounted",
    by((steps) => {
      const values = right(steps);
      return values.map((_, t) => (1 - at(steps.terminated, t)) * (values[t + 1] ?? 0));
    }),
    "the value is stored before the reward of its row is added",
  ),
  bug(
    "discounted once too often",
    "γ G",
    by((steps) => right(steps).map((value) => steps.gamma * value)),
    "the reward of a row is discounted as if it came a step later",
  ),
  bug(
    "sums of the past",
    "G of row t from the rewards up to it",
    by(({ rewards, terminated, gamma }) =>
      rewards.map((_, t) => {
        const first = firstOf(terminated, t);
        return total(rewards.slice(first, t + 1).map((reward, k) => reward * gamma ** (t - first - k)));
      }),
    ),
    "the loop runs from the first row to the last",
  ),
  bug(
    "order reversed",
    "the returns of every episode, the last row first",
    by((steps) => {
      const values = right(steps);
      return episodes(steps).map(({ first, last }, t) => at(values, first + last - t));
    }),
    "returns are gathered from the end, and not turned round",
  ),
];

export const returns: FunctionProblem = closed({
  name: "returns",
  slot: "returns",
  signature: "returns(rewards [T], terminated [T], gamma) → [T]",
  title: "discounted returns",
  story: `Row t has a reward r_t, and tells by 0 or 1 whether the episode terminated there. Wanted is
G_t = r_t + γ (1 − terminated_t) G_{t+1}. Nothing follows the last row.`,
  source: "Sutton and Barto 2018, Reinforcement learning: an introduction, equation 3.9",
  operations: 40,
  asked: [
    {
      name: "two episodes that end, and one that the buffer's end cuts",
      given: {
        rewards: fractions("returns", 9),
        terminated: reals([9], [0, 0, 1, 0, 0, 0, 1, 0, 0]),
        gamma: 0.9,
      },
    },
  ],
  meanings: reducedBy(
    [{ name: "returns", derivation: "as defined", usual: true, reduce: (answer) => answer }],
    by(right),
    variants,
  ),
});
