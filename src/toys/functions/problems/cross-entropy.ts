/** @file Cross-entropy of classes. */
import { at, zip } from "../../../base/assert.ts";
import { indices } from "../../tensor.ts";
import { numbersIn, rowsIn, vector } from "../given.ts";
import { closed, reducedBy } from "../meanings.ts";
import type { Definition, FunctionProblem, Variant } from "../problem.ts";
import {
  alongColumns,
  average,
  bug,
  fractions,
  logSoftmax,
  overRows,
  type Row,
  type Rows,
  softmax,
} from "./parts.ts";

const classes = 5;

/** From logarithms of probabilities and a label. */
const by =
  (
    loss: (logs: Row, label: number) => number,
    logs: (logits: Rows) => Rows = (logits) => logits.map(logSoftmax),
  ): Definition =>
  (given) =>
    vector(
      zip(logs(rowsIn(given, "logits")), numbersIn(given, "labels")).map(([row, label]) => loss(row, label)),
    );

const right = (logs: Row, label: number): number => -at(logs, label);

const smoothing = 0.1;

const variants: readonly Variant[] = [
  bug(
    "softmax twice",
    "−log softmax(softmax(z)) of the label",
    by(right, (logits) => logits.map((row) => logSoftmax(softmax(row)))),
    "probabilities are given where logits are wanted, as to `torch.nn.functional.cross_entropy`",
  ),
  bug(
    "logits not normalised",
    "−z of the label",
    by(right, (logits) => logits),
    "the softmax is missing: logits are given where log-probabilities are wanted, as to `nll_loss`",
  ),
  bug(
    "logarithm left out",
    "−p of the label",
    by((logs, label) => -Math.exp(at(logs, label))),
    "probabilities are given where log-probabilities are wanted, as to `nll_loss`",
  ),
  bug(
    "normalised over rows",
    "−log p of the label, where p sums to 1 over rows",
    by(right, (logits) => alongColumns(logits, logSoftmax)),
    "the softmax runs over the batch",
  ),
  bug(
    "sign",
    "log p of the label",
    by((logs, label) => -right(logs, label)),
    "− is missing: descent makes the label less likely",
  ),
  bug(
    "bits",
    "−log₂ p of the label",
    by((logs, label) => right(logs, label) / Math.LN2),
    "log2 in the place of the natural logarithm",
  ),
  bug(
    "mean over classes too",
    "−(1/C) log p of the label",
    by((logs, label) => right(logs, label) / classes),
    "a mean over the product with one-hot labels, which has C numbers for each row",
  ),
  bug(
    "all classes",
    "−Σ log p of all classes",
    by((logs) => -classes * average(logs)),
    "the label takes no part: the product with one-hot labels is missing",
  ),
  bug(
    "label smoothing",
    `−${1 - smoothing} log p of the label − ${smoothing} times the mean of all log p`,
    by((logs, label) => (1 - smoothing) * right(logs, label) - smoothing * average(logs)),
    `label smoothing of ${smoothing} is left on`,
  ),
  bug(
    "labels one too high",
    "−log p of the class after the label",
    by((logs, label) => right(logs, (label + 1) % classes)),
    "labels are counted from 1 by one side, from 0 by the other",
  ),
  bug(
    "labels one too low",
    "−log p of the class before the label",
    by((logs, label) => right(logs, (label + classes - 1) % classes)),
    "labels are counted from 0 by one side, from 1 by the other",
  ),
];

export const crossEntropyOfClasses: FunctionProblem = closed({
  name: "cross-entropy",
  slot: "crossEntropy",
  signature: "crossEntropy(logits [B, C], labels [B]) → mean over rows, or [B]",
  title: "cross-entropy of classes",
  story:
    "Wanted is the mean over rows of −log p of the label, in nats, with p = softmax(logits) over the C classes.",
  source: "folklore; Good 1952, Rational decisions",
  operations: 40,
  asked: [
    {
      name: "four rows of five classes",
      given: { logits: fractions("cross-entropy", 4, classes), labels: indices([4], [2, 0, 4, 2]) },
    },
  ],
  meanings: reducedBy(overRows, by(right), variants),
});
