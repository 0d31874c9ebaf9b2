/** @file The loss whose gradient is that of the expected return. */
import { zip } from "../../../base/assert.ts";
import { reals } from "../../tensor.ts";
import { numbersIn, vector } from "../given.ts";
import { closed, reducedBy } from "../meanings.ts";
import type { Definition, FunctionProblem, Variant } from "../problem.ts";
import { average, bug, fractions, overRows, type Row } from "./parts.ts";

const by =
  (loss: (log: number, weight: number, weights: Row) => number): Definition =>
  (given) => {
    const weights = numbersIn(given, "weights");
    return vector(
      zip(numbersIn(given, "logProbabilities"), weights).map(([log, weight]) => loss(log, weight, weights)),
    );
  };

const variants: readonly Variant[] = [
  bug(
    "sign",
    "w log π",
    by((log, weight) => log * weight),
    "the objective is given back where a loss is meant; descent makes good actions rarer",
  ),
  bug(
    "every row against every other",
    "−log π times the mean of all w",
    by((log, _, weights) => -log * average(weights)),
    "[B, 1] meets [B] and gives [B, B]: every action gets the same weight",
  ),
  bug(
    "probability",
    "−w π",
    by((log, weight) => -Math.exp(log) * weight),
    "probabilities stand where log-probabilities are meant",
  ),
  bug(
    "not weighted",
    "−log π",
    by((log) => -log),
    "returns or advantages take no part",
  ),
  bug(
    "squared",
    "−w² log π",
    by((log, weight) => -log * weight ** 2),
    "the weight is multiplied in twice",
  ),
];

export const policyGradient: FunctionProblem = closed({
  name: "policy-gradient",
  slot: "policyGradient",
  signature: "policyGradient(logProbabilities [B], weights [B]) → mean over rows, or [B]",
  title: "the loss of REINFORCE",
  story:
    "Wanted is the mean over rows of −w log π, with the log-probability of the action and its return or advantage w.",
  source:
    "Williams 1992, Simple statistical gradient-following algorithms for connectionist reinforcement learning, as a loss",
  operations: 20,
  asked: [
    {
      name: "six actions",
      given: {
        logProbabilities: reals([6], [-1.9, -0.7, -1.11, -0.95, -1.52, -0.31]),
        weights: fractions("weights", 6),
      },
    },
  ],
  meanings: reducedBy(
    overRows,
    by((log, weight) => -log * weight),
    variants,
  ),
});
