/** @file The divergence between two laws of classes, as in distillation and in penalties on policies. */
import { zip } from "../../../base/assert.ts";
import { rowsIn } from "../given.ts";
import { closed, reducedBy } from "../meanings.ts";
import type { Definition, FunctionProblem, Variant } from "../problem.ts";
import {
  alongColumns,
  bug,
  fractions,
  logSoftmax,
  matrix,
  overElements,
  type Row,
  type Rows,
  softmax,
} from "./parts.ts";

/** Terms of the sum over classes, from the logarithms of p and q. */
const by =
  (
    term: (p: number, q: number) => number,
    logs: (logits: Rows) => Rows = (logits) => logits.map(logSoftmax),
  ): Definition =>
  (given) =>
    matrix(
      zip(logs(rowsIn(given, "logits")), logs(rowsIn(given, "otherLogits"))).map(([ps, qs]) =>
        zip(ps, qs).map(([p, q]) => term(p, q)),
      ),
    );

const right = (p: number, q: number): number => Math.exp(p) * (p - q);

/** The logits themselves in the logarithm, beside proper weights. */
const unnormalised: Definition = (given) => {
  const pairs = zip(rowsIn(given, "logits"), rowsIn(given, "otherLogits"));
  const terms = ([z, other]: readonly [Row, Row]): number[] =>
    zip(softmax(z), zip(z, other)).map(([p, [a, b]]) => p * (a - b));
  return matrix(pairs.map(terms));
};

const variants: readonly Variant[] = [
  bug(
    "other direction",
    "KL(q ‖ p)",
    by((p, q) => right(q, p)),
    "the two laws are exchanged; `torch.nn.functional.kl_div(log q, p)` is KL(p ‖ q)",
  ),
  bug(
    "sign",
    "Σ p (log q − log p), which is not above 0",
    by((p, q) => -right(p, q)),
    "the two logarithms are exchanged",
  ),
  bug(
    "probability for a logarithm",
    "Σ p (log p − q)",
    by((p, q) => Math.exp(p) * (p - Math.exp(q))),
    "probabilities are given where log-probabilities are wanted, as by `torch.nn.functional.kl_div(q, p)`",
  ),
  bug(
    "entropy left out",
    "−Σ p log q",
    by((p, q) => -Math.exp(p) * q),
    "that is the cross-entropy; p log p is missing",
  ),
  bug(
    "not weighted",
    "Σ (log p − log q)",
    by((p, q) => p - q),
    "p before the logarithms is missing",
  ),
  bug(
    "weighted by the other",
    "Σ q (log p − log q)",
    by((p, q) => Math.exp(q) * (p - q)),
    "the weights are those of the second law",
  ),
  bug("normaliser left out", "Σ p (z − z′)", unnormalised, "logits stand where log-probabilities are meant"),
  bug(
    "bits",
    "Σ p (log₂ p − log₂ q)",
    by((p, q) => right(p, q) / Math.LN2),
    "log2 in the place of the natural logarithm",
  ),
  bug(
    "softmax twice",
    "KL of softmax(softmax(z)) and softmax(softmax(z′))",
    by(right, (logits) => logits.map((row) => logSoftmax(softmax(row)))),
    "probabilities are taken for logits",
  ),
  bug(
    "normalised over rows",
    "Σ p (log p − log q) over classes, where p and q sum to 1 over rows",
    by(right, (logits) => alongColumns(logits, logSoftmax)),
    "the softmax runs over the batch",
  ),
];

export const divergence: FunctionProblem = closed({
  name: "divergence",
  slot: "divergence",
  signature: "divergence(logits [B, C], otherLogits [B, C]) → [B], or its mean or sum over rows",
  title: "how far one law of classes is from another",
  story:
    "Wanted is KL(p ‖ q) = Σ p (log p − log q) over the C classes, in nats, with p = softmax(logits) and q = softmax(otherLogits).",
  source:
    "Kullback and Leibler 1951; Hinton, Vinyals and Dean 2015, Distilling the knowledge in a neural network",
  operations: 40,
  asked: [
    {
      name: "three rows of four classes",
      given: { logits: fractions("first law", 3, 4), otherLogits: fractions("second law", 3, 4) },
    },
  ],
  meanings: reducedBy(overElements, by(right), variants),
});
