/** @file Advantages of actions: exponentially weighted sums of what was better than expected. */
import { at, range } from "../../../base/assert.ts";
import { reals } from "../../tensor.ts";
import { numberIn, numbersIn, numbersOf, vector } from "../given.ts";
import { closed, reducedBy } from "../meanings.ts";
import type { Answer, Definition, FunctionProblem, Given, Variant } from "../problem.ts";
import { bug, fractions } from "./parts.ts";

/** What was met at each step, and which steps ended an episode. */
interface Steps {
  readonly rewards: readonly number[];
  readonly values: readonly number[];
  readonly nextValues: readonly number[];
  readonly terminated: readonly number[];
  readonly truncated: readonly number[];
  readonly gamma: number;
  readonly lambda: number;
}

const stepsOf = (given: Given): Steps => ({
  rewards: numbersIn(given, "rewards"),
  values: numbersIn(given, "values"),
  nextValues: numbersIn(given, "nextValues"),
  terminated: numbersIn(given, "terminated"),
  truncated: numbersIn(given, "truncated"),
  gamma: numberIn(given, "gamma"),
  lambda: numberIn(given, "lambda"),
});

/** What makes up A_t = target_t − V_t + carry_t A_{t+1}. */
interface Rules {
  target(steps: Steps, t: number): number;
  carry(steps: Steps, t: number): number;
}

const goesOn = (flags: readonly number[], t: number): number => 1 - (flags[t] ?? 0);

/** Where an episode neither terminated nor was truncated. */
const lasts = ({ terminated, truncated }: Steps, t: number): number =>
  goesOn(terminated, t) * goesOn(truncated, t);

const right: Rules = {
  target: ({ rewards, nextValues, terminated, gamma }, t) =>
    at(rewards, t) + gamma * goesOn(terminated, t) * at(nextValues, t),
  carry: (steps, t) => steps.gamma * steps.lambda * lasts(steps, t),
};

const errors = (steps: Steps, { target }: Rules): number[] =>
  steps.values.map((value, t) => target(steps, t) - value);

function backwards(steps: Steps, rules: Rules): number[] {
  let following = 0;
  return errors(steps, rules)
    .toReversed()
    .map((error, index, { length }) => {
      following = error + rules.carry(steps, length - 1 - index) * following;
      return following;
    })
    .toReversed();
}

function forwards(steps: Steps): number[] {
  let before = 0;
  return errors(steps, right).map((error, t) => {
    before = error + right.carry(steps, t) * before;
    return before;
  });
}

const by =
  (rules: Partial<Rules>): Definition =>
  (given) =>
    vector(backwards(stepsOf(given), { ...right, ...rules }));

const variants: readonly Variant[] = [
  bug(
    "truncation taken for termination",
    "the value that follows is left out where an episode was cut off, as if nothing more could be won there",
    by({
      target: (steps, t) => at(steps.rewards, t) + steps.gamma * lasts(steps, t) * at(steps.nextValues, t),
    }),
    "`done = terminated or truncated` masks the value of the next state",
  ),
  bug(
    "termination not seen by the target",
    "the value that follows counts even where the episode is over",
    by({ target: ({ rewards, nextValues, gamma }, t) => at(rewards, t) + gamma * at(nextValues, t) }),
    "1 − terminated is missing in δ = r + γ (1 − terminated) V(next) − V",
  ),
  bug(
    "sums run over truncation",
    "A of the next episode is added where an episode was cut off",
    by({ carry: ({ gamma, lambda, terminated }, t) => gamma * lambda * goesOn(terminated, t) }),
    "only `terminated` stops the sum; a truncated episode is over as well",
  ),
  bug(
    "sums run over all ends",
    "A of the next episode is added at every end",
    by({ carry: ({ gamma, lambda }) => gamma * lambda }),
    "the mask is missing in A = δ + γ λ (1 − done) A(next)",
  ),
  bug(
    "no ends at all",
    "all rows are one endless episode",
    by({
      target: ({ rewards, nextValues, gamma }, t) => at(rewards, t) + gamma * at(nextValues, t),
      carry: ({ gamma, lambda }) => gamma * lambda,
    }),
    "the flags of ends are not used, or are always 0",
  ),
  bug(
    "ends one row late",
    "row t is masked by the flags of row t + 1",
    by({
      target: ({ rewards, nextValues, terminated, gamma }, t) =>
        at(rewards, t) + gamma * goesOn(terminated, t + 1) * at(nextValues, t),
      carry: (steps, t) => steps.gamma * steps.lambda * lasts(steps, t + 1),
    }),
    "flags that tell whether row t + 1 begins an episode are mixed up with flags that tell whether row t ends one",
  ),
  bug(
    "ends one row early",
    "row t is masked by the flags of row t − 1",
    by({
      target: ({ rewards, nextValues, terminated, gamma }, t) =>
        at(rewards, t) + gamma * goesOn(terminated, t - 1) * at(nextValues, t),
      carry: (steps, t) => steps.gamma * steps.lambda * lasts(steps, t - 1),
    }),
    "the flags are moved by one row",
  ),
  bug(
    "value of the next row",
    "V of row t + 1 stands for the value of the next state, though after a cut that row is another episode's first",
    by({
      target: ({ rewards, values, nextValues, terminated, gamma }, t) =>
        at(rewards, t) + gamma * goesOn(terminated, t) * (values[t + 1] ?? at(nextValues, t)),
    }),
    "`values[t + 1]` in the place of the value of the state that the step led to",
  ),
  bug(
    "λ left out",
    "sums are weighted by γ alone, as for λ = 1",
    by({ carry: (steps, t) => steps.gamma * lasts(steps, t) }),
    "γ λ was meant in A = δ + γ λ A(next)",
  ),
  bug(
    "γ left out of the sum",
    "sums are weighted by λ alone",
    by({ carry: (steps, t) => steps.lambda * lasts(steps, t) }),
    "γ λ was meant in A = δ + γ λ A(next)",
  ),
  bug(
    "γ and λ exchanged",
    "λ discounts the value that follows; their product is the same",
    by({
      target: ({ rewards, nextValues, terminated, lambda }, t) =>
        at(rewards, t) + lambda * goesOn(terminated, t) * at(nextValues, t),
    }),
    "the two arguments are given or taken in the other order",
  ),
  bug(
    "one step only",
    "δ alone, as for λ = 0",
    by({ carry: () => 0 }),
    "the running sum is reset at every row, or never read",
  ),
  bug(
    "sums of the past",
    "what came before a step is added, not what came after",
    (given) => vector(forwards(stepsOf(given))),
    "the loop runs from the first row to the last",
  ),
  bug(
    "value not subtracted",
    "sums of r + γ V(next)",
    by({ target: (steps, t) => right.target(steps, t) + at(steps.values, t) }),
    "− V is missing in δ = r + γ V(next) − V",
  ),
  bug(
    "returns",
    "A + V, what the value is trained towards",
    (given) => {
      const steps = stepsOf(given);
      return vector(backwards(steps, right).map((advantage, t) => advantage + at(steps.values, t)));
    },
    "the targets of the value function were given back in the place of advantages",
  ),
];

/** Advantages less their mean, in units of their deviation; `lost` degrees of freedom are taken off. */
const normalised =
  (lost: number) =>
  (answer: Answer): Answer => {
    const values = numbersOf(answer);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - lost);
    return vector(values.map((value) => (value - mean) / Math.sqrt(variance)));
  };

// Ten steps: an end at 2, a cut at 5, and a last episode that the buffer's end cuts without a flag.
const count = 10;
const flags = (...rows: readonly number[]) =>
  reals(
    [count],
    range(count).map((t) => Number(rows.includes(t))),
  );

export const advantages: FunctionProblem = closed({
  name: "advantages",
  slot: "advantages",
  signature:
    "advantages(rewards [T], values [T], nextValues [T], terminated [T], truncated [T], gamma, lambda) → [T]",
  title: "generalized advantage estimates",
  story: `Row t has a reward r_t, the value V_t of its state and the value V'_t of the state that it led to, and tells by 0 or 1
whether the episode terminated there, so that nothing follows, or was truncated, so that only its record ends. Wanted is
A_t = δ_t + γ λ (1 − terminated_t) (1 − truncated_t) A_{t+1} with δ_t = r_t + γ (1 − terminated_t) V'_t − V_t. Nothing follows the last row.`,
  source:
    "Schulman et al. 2016, High-dimensional continuous control using generalized advantage estimation, equation 16",
  operations: 8 * count,
  asked: [
    {
      name: "one episode that ends, one that is cut off, and one that goes on",
      given: {
        rewards: fractions("rewards", count),
        values: fractions("values", count),
        nextValues: fractions("next values", count),
        terminated: flags(2),
        truncated: flags(5),
        gamma: 0.9,
        lambda: 0.8,
      },
    },
  ],
  meanings: reducedBy(
    [
      { name: "advantages", derivation: "as defined", usual: true, reduce: (answer) => answer },
      {
        name: "normalised",
        derivation: "less their mean, over their deviation with T − 1",
        usual: true,
        reduce: normalised(1),
      },
      {
        name: "normalised with T",
        derivation: "less their mean, over their deviation with T",
        usual: true,
        reduce: normalised(0),
      },
    ],
    by({}),
    variants,
  ),
});
