/** @file The entropy of a policy over actions. */
import { rowsIn, vector } from "../given.ts";
import { closed, reducedBy } from "../meanings.ts";
import type { Definition, FunctionProblem, Variant } from "../problem.ts";
import {
  alongColumns,
  bug,
  fractions,
  logSoftmax,
  overRows,
  products,
  type Row,
  type Rows,
  softmax,
  total,
} from "./parts.ts";

const ofRows =
  (entropy: (logits: Row) => number, prepared: (logits: Rows) => Rows = (same) => same): Definition =>
  (given) =>
    vector(prepared(rowsIn(given, "logits")).map(entropy));

const entropy = (logits: Row): number => -total(products(softmax(logits), logSoftmax(logits)));

const variants: readonly Variant[] = [
  bug(
    "sign",
    "Σ p log p, which is not above 0",
    ofRows((logits) => -entropy(logits)),
    "− is missing; a bonus then punishes what it should reward",
  ),
  bug(
    "bits",
    "−Σ p log₂ p",
    ofRows((logits) => entropy(logits) / Math.LN2),
    "log2 in the place of the natural logarithm",
  ),
  bug(
    "mean over actions",
    "−(1/A) Σ p log p",
    ofRows((logits) => entropy(logits) / logits.length),
    "a mean over the actions in the place of the sum",
  ),
  bug(
    "logits not normalised",
    "−Σ exp(z) z",
    ofRows((logits) => -total(products(logits.map(Math.exp), logits))),
    "logits are taken for log-probabilities",
  ),
  bug(
    "normaliser left out",
    "−Σ p z",
    ofRows((logits) => -total(products(softmax(logits), logits))),
    "logits stand where log-probabilities are meant: −Σ softmax(z) z",
  ),
  bug(
    "not weighted",
    "−Σ log p",
    ofRows((logits) => -total(logSoftmax(logits))),
    "the probabilities before the logarithms are missing",
  ),
  bug(
    "softmax twice",
    "the entropy of softmax(softmax(z))",
    ofRows((logits) => entropy(softmax(logits))),
    "probabilities are taken for logits",
  ),
  bug(
    "normalised over rows",
    "−Σ p log p over actions, where p sums to 1 over rows",
    ofRows(
      (logs) => -total(products(logs.map(Math.exp), logs)),
      (logits) => alongColumns(logits, logSoftmax),
    ),
    "the softmax runs over the batch",
  ),
];

export const entropyOfPolicy: FunctionProblem = closed({
  name: "entropy",
  slot: "entropy",
  signature: "entropy(logits [B, A]) → [B], or its mean over rows",
  title: "the entropy of a policy",
  story:
    "Row by row, logits z of A actions. Wanted is −Σ p log p in nats with p = softmax(z) over the actions.",
  source:
    "Shannon 1948; Williams and Peng 1991, Function optimization using connectionist reinforcement learning algorithms, for the bonus",
  operations: 40,
  asked: [{ name: "three rows of four logits", given: { logits: fractions("entropy", 3, 4) } }],
  meanings: reducedBy(overRows, ofRows(entropy), variants),
});
