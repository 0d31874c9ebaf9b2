/** @file Entries for problems whose inputs are vectors, tokens or short sequences that one head answers. */
import type { Reference, Variant } from "./kinds.ts";

export const references: readonly Reference[] = [
  {
    entry: "examples/toys/perceptron.ts:model",
    problems: [
      "xor-regression",
      "bias-only",
      "contradictory-twins",
      "batch-sum",
      "sparse-parity",
      "modular-addition",
      "gaussian-mixture",
      "lookup-table",
      "erasure",
      "class-imbalance",
    ],
  },
  {
    entry: "test/toys/entries/labels.ts:linear",
    problems: ["bias-only", "gaussian-mixture", "lookup-table", "erasure", "class-imbalance"],
  },
];

const caught = (problem: string, all: readonly (readonly [name: string, rung: string])[]): Variant[] =>
  all.map(([name, rung]) => ({ entry: `test/toys/entries/labels.ts:${name}`, problem, rung }));

export const variants: readonly Variant[] = [
  {
    entry: "test/toys/entries/perceptrons.ts:withoutActivation",
    problem: "xor-regression",
    rung: "affine",
  },
  ...caught("bias-only", [
    ["linearWithoutBias", "no bias"],
    ["withSoftmax", "softmax twice"],
    ["withTanh", "tanh on the logits"],
    ["withLabelsOffByOne", "labels off by one"],
  ]),
  ...caught("contradictory-twins", [
    ["withRowNumbers", "row number seen"],
    ["withRowBefore", "earlier rows seen"],
  ]),
  ...caught("batch-sum", [
    ["withBatchNormalisation", "other rows seen"],
    ["withBatchMean", "batch instead of row"],
  ]),
  ...caught("sparse-parity", [
    ["linear", "affine"],
    ["withoutLast", "a bit not read"],
  ]),
  ...caught("modular-addition", [
    ["linear", "additive"],
    ["withoutFirst", "first operand not read"],
    ["withoutLast", "second operand not read"],
    ["withSoftmax", "softmax twice"],
    ["withTanh", "tanh on the logits"],
  ]),
  ...caught("gaussian-mixture", [
    ["withoutSecondHalf", "first half only"],
    ["withoutFirstHalf", "second half only"],
    ["linearWithoutBias", "linear without bias"],
    ["withSoftmax", "sigmoid twice"],
    ["blind", "constant"],
  ]),
  ...caught("lookup-table", [
    ["withIdsUpToTen", "ids cut off at 10"],
    ["withLowerIds", "ids 0 and 1 are one"],
    ["withPaddingZero", "token 0 is padding"],
    ["blind", "constant"],
  ]),
  ...caught("erasure", [["blind", "constant"]]),
  ...caught("class-imbalance", [
    ["withInverseFrequencies", "classes balanced"],
    ["withFrequencies", "frequencies count twice"],
    ["blind", "constant"],
  ]),
];
