/** @file Entries for problems whose labels, batches or what of the input is read matter. */
import { type Names, type Reference, type Variant, variantsIn } from "./kinds.ts";

const perceptron = "examples/toys/networks.py:Perceptron";

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
  {
    entry: "examples/toys/networks_jax.py:perceptron",
    problems: ["xor-regression", "sparse-parity", "modular-addition"],
  },
  {
    entry: perceptron,
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
];

const general = "hidden_layers.py";
const labels = "labels.py";

const broken = (problem: string, names: Names, file: string = labels): Variant[] =>
  variantsIn(file, problem, names);

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
  ...broken("xor-regression", { affine: "WithoutActivation", constant: "MaskInverted" }, general),
  ...broken("xor-regression", {
    "target not learned": "xor_broadcast",
    "sigmoid twice": "XorSigmoidTwice",
    "one of four": "XorEqualUnits",
    "two of four": "XorOneGate",
  }),
  ...broken(
    "bias-only",
    { "softmax twice": "SoftmaxTwice", "tanh on the logits": "TanhOnTheOutput" },
    general,
  ),
  ...broken("bias-only", { "no bias": "WithoutBias", "labels off by one": "labels_off_by_one" }),
  ...broken("contradictory-twins", {
    "row number seen": "PositionsAlongTheBatch",
    "earlier rows seen": "AttentionAlongTheBatch",
  }),
  ...broken("batch-sum", {
    "other rows seen": "BatchStatistics",
    "batch instead of row": "MeanOverTheBatch",
  }),
  ...broken("sparse-parity", { affine: "WithoutActivation", "a bit not read": "FirstColumnLost" }, general),
  ...broken("sparse-parity", { "not found yet": "BarelyTrained" }),
  ...broken(
    "modular-addition",
    { "softmax twice": "SoftmaxTwice", "tanh on the logits": "TanhOnTheOutput" },
    general,
  ),
  ...broken("modular-addition", {
    additive: "AddedEmbeddings",
    "first operand not read": "FirstOperandLost",
    "second operand not read": "SecondOperandLost",
  }),
  ...broken("gaussian-mixture", { "sigmoid twice": "SigmoidTwice", constant: "MaskInverted" }, general),
  ...broken("gaussian-mixture", {
    "first half only": "SecondHalfLost",
    "second half only": "FirstHalfLost",
    "linear without bias": "WithoutBias",
  }),
  ...broken("lookup-table", {
    "ids cut off at 10": "SmallTable",
    "ids 0 and 1 are one": "ReservedToken",
    "token 0 is padding": "PaddingIsAToken",
    constant: "SegmentsForTokens",
  }),
  ...broken("erasure", {
    "dropout left on": "DropoutLeftOn",
    constant: "KeptShareForRate",
  }),
  ...broken("erasure", { "dropout left on": "HalfDroppedOut" }),
  ...broken("class-imbalance", {
    "classes balanced": "balanced",
    "frequencies count twice": "weighted_by_frequency",
    constant: "SegmentsForTokens",
  }),
];
