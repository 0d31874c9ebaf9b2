/** @file Functions of one number that may stand in each other's place. */
import { rational } from "../base/rational.ts";
import { applied, attributeText, type Builder, type Node } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { newBuilder } from "../ops/table.ts";

/** An operator with fixed attributes, for putting in another's place. */
export interface Variant {
  readonly op: OpName;
  readonly words: string;
  readonly apply: (builder: Builder, x: Node) => Node;
}

function variant<N extends OpName>(op: N, attrs: OpAttrs[N], words: string = op.toLowerCase()): Variant {
  return { op, words, apply: (builder, x) => applied(builder, op, [x], attrs) };
}

/** Every activation of the operator table, with the attributes that frameworks use by default. */
export const activations: readonly Variant[] = [
  variant("Tanh", {}),
  variant("Sigmoid", {}),
  variant("Relu", {}),
  variant("LeakyRelu", { slope: rational(1, 100) }, "leaky_relu"),
  variant("Elu", {}),
  variant("Silu", {}),
  variant("Gelu", { approximate: "none" }, "gelu (erf form)"),
  variant("Gelu", { approximate: "tanh" }, "gelu (tanh form)"),
  variant("Softplus", {}),
];

/** Other functions of one real number. */
export const functions: readonly Variant[] = [
  variant("Exp", {}),
  variant("Log", {}),
  variant("Sqrt", {}),
  variant("Square", {}),
  variant("Abs", {}),
  variant("Erf", {}),
  variant("Sin", {}),
  variant("Cos", {}),
];

/** Normalisations to a size, each with what tells it from the other. */
export const sizeNormalisations = [
  { op: "Normalize", words: "the mean is subtracted" },
  { op: "RmsNormalize", words: "the mean is not subtracted" },
] as const;

/** Normalisations that take the same attributes. */
export const normalisations: readonly (readonly { readonly op: OpName; readonly words: string }[])[] = [
  sizeNormalisations,
  [
    { op: "Softmax", words: "no logarithm is taken" },
    { op: "LogSoftmax", words: "the logarithm is taken" },
  ],
];

/** The name of a node's operator in a sentence. */
export const opWords = (node: Node): string => activationWords(node) ?? node.op.toLowerCase();

function activationWords(node: Node): string | undefined {
  const made = activations.filter(({ op }) => op === node.op);
  return (made.find(({ apply }) => sameAttrs(apply, node)) ?? made[0])?.words;
}

const sameAttrs = (apply: Variant["apply"], node: Node): boolean => {
  const builder = newBuilder();
  const x = builder.node("Input", [], { name: "x", shape: [], dtype: "float32" });
  return attributeText(apply(builder, x).attrs) === attributeText(node.attrs);
};

const done: Readonly<Record<string, string>> = {
  Add: "added",
  Sub: "subtracted",
  Mul: "multiplied",
  Div: "divided",
};
/** What is done to the operands of an operator of two, in a sentence. */
export const operationWords = (op: OpName): string => done[op] ?? "combined";
