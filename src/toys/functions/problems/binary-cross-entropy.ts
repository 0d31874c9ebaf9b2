/** @file Cross-entropy of labels 0 and 1. */
import { zip } from "../../../base/assert.ts";
import { reals } from "../../tensor.ts";
import { numbersIn, vector } from "../given.ts";
import { closed, reducedBy } from "../meanings.ts";
import type { Definition, FunctionProblem, Variant } from "../problem.ts";
import { bug, fractions, logSumExp, overRows } from "./parts.ts";

const by =
  (loss: (logit: number, label: number) => number): Definition =>
  (given) =>
    vector(
      zip(numbersIn(given, "logits"), numbersIn(given, "labels")).map(([logit, label]) => loss(logit, label)),
    );

const softplus = (z: number): number => logSumExp([0, z]);
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
/** −log σ(z) = softplus(−z), and −log(1 − σ(z)) = softplus(z). */
const right = (z: number, y: number): number => y * softplus(-z) + (1 - y) * softplus(z);

const variants: readonly Variant[] = [
  bug(
    "sigmoid twice",
    "the loss of σ(z) as a logit",
    by((z, y) => right(sigmoid(z), y)),
    "probabilities are given where logits are wanted, as to `binary_cross_entropy_with_logits`",
  ),
  bug(
    "label 0 left out",
    "−y log σ(z)",
    by((z, y) => y * softplus(-z)),
    "(1 − y) log(1 − p) is missing: the loss is lowest where all is called 1",
  ),
  bug(
    "label 1 left out",
    "−(1 − y) log(1 − σ(z))",
    by((z, y) => (1 - y) * softplus(z)),
    "y log p is missing: the loss is lowest where all is called 0",
  ),
  bug(
    "labels exchanged",
    "the loss of 1 − y",
    by((z, y) => right(z, 1 - y)),
    "y and 1 − y are exchanged, or p and 1 − p",
  ),
  bug(
    "sign",
    "y log p + (1 − y) log(1 − p)",
    by((z, y) => -right(z, y)),
    "− is missing: descent makes labels less likely",
  ),
  bug(
    "bits",
    "the loss with log₂",
    by((z, y) => right(z, y) / Math.LN2),
    "log2 in the place of the natural logarithm",
  ),
  bug(
    "labels of −1 and 1",
    "log(1 + exp(−y z))",
    by((z, y) => softplus(-y * z)),
    "the formula is the one for labels of −1 and 1; label 0 has always log 2",
  ),
  bug(
    "logarithms left out",
    "−y σ(z) − (1 − y) (1 − σ(z))",
    by((z, y) => -y * sigmoid(z) - (1 - y) * sigmoid(-z)),
    "probabilities stand where their logarithms are meant",
  ),
];

export const binaryCrossEntropy: FunctionProblem = closed({
  name: "binary-cross-entropy",
  slot: "binaryCrossEntropy",
  signature: "binaryCrossEntropy(logits [B], labels [B]) → mean over rows, or [B]",
  title: "cross-entropy of labels 0 and 1",
  story:
    "Wanted is the mean over rows of −y log σ(z) − (1 − y) log(1 − σ(z)), in nats, for logits z and labels y of 0 and 1 as real numbers.",
  source: "folklore; Cox 1958, The regression analysis of binary sequences",
  operations: 30,
  asked: [
    { name: "six logits", given: { logits: fractions("binary", 6), labels: reals([6], [0, 1, 1, 0, 1, 0]) } },
  ],
  meanings: reducedBy(overRows, by(right), variants),
});
