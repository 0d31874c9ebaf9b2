/** @file The clipped loss of a policy. */
import { at, range } from "../../../base/assert.ts";
import { reals } from "../../tensor.ts";
import { numberIn, numbersIn, vector } from "../given.ts";
import { closed, reducedBy } from "../meanings.ts";
import type { Definition, FunctionProblem, Variant } from "../problem.ts";
import { bug, overRows } from "./parts.ts";

/** From the logarithm of the ratio of the new probability to the old, the advantage and ε. */
type Loss = (log: number, advantage: number, epsilon: number) => number;

const by =
  (loss: Loss): Definition =>
  (given) => {
    const [now, old] = [numbersIn(given, "logProbabilities"), numbersIn(given, "oldLogProbabilities")];
    const [advantages, epsilon] = [numbersIn(given, "advantages"), numberIn(given, "epsilon")];
    return vector(range(now.length).map((i) => loss(at(now, i) - at(old, i), at(advantages, i), epsilon)));
  };

const clip = (x: number, epsilon: number): number => Math.min(1 + epsilon, Math.max(1 - epsilon, x));

const right: Loss = (log, a, epsilon) => -Math.min(Math.exp(log) * a, clip(Math.exp(log), epsilon) * a);

const variants: readonly Variant[] = [
  bug(
    "sign",
    "min(ρ A, clip(ρ) A)",
    by((...given) => -right(...given)),
    "the objective is given back where a loss is meant; descent makes good actions rarer",
  ),
  bug(
    "max in the place of min",
    "−max(ρ A, clip(ρ) A)",
    by((log, a, epsilon) => -Math.max(Math.exp(log) * a, clip(Math.exp(log), epsilon) * a)),
    "`max` of the objectives; it belongs to their negatives",
  ),
  bug(
    "not clipped",
    "−ρ A",
    by((log, a) => -Math.exp(log) * a),
    "the clipped ratio is not used",
  ),
  bug(
    "clipped only",
    "−clip(ρ) A",
    by((log, a, epsilon) => -clip(Math.exp(log), epsilon) * a),
    "the minimum with ρ A is missing: once the ratio has left the range, no gradient brings it back",
  ),
  bug(
    "ratio clipped from above only",
    "−min(ρ, clip(ρ)) A",
    by((log, a, epsilon) => -Math.min(Math.exp(log), clip(Math.exp(log), epsilon)) * a),
    "the minimum is taken of ratios, not of their products with the advantage: wrong where that is negative",
  ),
  bug(
    "ratio upside down",
    "ρ = exp(old − new)",
    by((log, ...rest) => right(-log, ...rest)),
    "the two log-probabilities are exchanged",
  ),
  bug(
    "exp left out",
    "ρ = new − old log-probability",
    by((log, a, epsilon) => -Math.min(log * a, clip(log, epsilon) * a)),
    "the difference of log-probabilities stands for the ratio",
  ),
  bug(
    "ratio of logarithms clipped",
    "the logarithm of ρ is kept within −ε … ε",
    by(
      (log, a, epsilon) =>
        -Math.min(Math.exp(log) * a, Math.exp(Math.min(epsilon, Math.max(-epsilon, log))) * a),
    ),
    "the logarithm is clipped, not the ratio: the upper end is exp ε, not 1 + ε",
  ),
  bug(
    "clipped around 0",
    "the ratio is kept within −ε … ε",
    by(
      (log, a, epsilon) =>
        -Math.min(Math.exp(log) * a, Math.min(epsilon, Math.max(-epsilon, Math.exp(log))) * a),
    ),
    "1 is missing in 1 − ε and 1 + ε",
  ),
  bug(
    "always on the policy",
    "−A: the ratio is 1",
    by((_, a) => -a),
    "the old log-probabilities are computed anew, with the policy that is trained",
  ),
];

export const policyLoss: FunctionProblem = closed({
  name: "policy-loss",
  slot: "policyLoss",
  signature:
    "policyLoss(logProbabilities [B], oldLogProbabilities [B], advantages [B], epsilon) → mean over rows, or [B]",
  title: "the clipped loss of a policy (PPO)",
  story:
    "Wanted is the mean over rows of −min(ρ A, clip(ρ, 1 − ε, 1 + ε) A) with ρ = exp(new − old log-probability) and the advantage A.",
  source: "Schulman et al. 2017, Proximal policy optimization algorithms, equation 7, as a loss",
  operations: 30,
  asked: [
    {
      name: "ratios below, within and above the range, with good and bad actions",
      given: {
        logProbabilities: reals([6], [-1.9, -0.7, -1.11, -0.95, -1.52, -0.31]),
        oldLogProbabilities: reals([6], [-1.33, -1.37, -1.05, -0.99, -0.84, -0.93]),
        advantages: reals([6], [0.83, 1.21, -0.47, 0.66, -1.35, -0.58]),
        epsilon: 0.2,
      },
    },
  ],
  meanings: reducedBy(overRows, by(right), variants),
});
