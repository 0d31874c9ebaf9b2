/** @file Every kind of difference that a verdict can name; each has a page in `docs/findings/`. */
const findings = {
  "missing-activation": "an activation of the spec is not in the code",
  "extra-activation": "the code applies an activation where the spec has none",
  "wrong-activation": "the code applies another activation",
  "missing-bias": "a parameter that the spec adds or multiplies by is not in the code",
  "extra-bias": "the code adds a bias that the spec does not have",
  "bias-added-twice": "the code applies a bias or gain twice",
  "missing-term": "a term or factor is left out",
  "missing-skip-connection": "a skip connection is left out",
  "wrong-operand": "another value stands in the place of the one that is meant",
  "wrong-skip-connection": "a skip connection begins at another value",
  "missing-normalisation": "a normalisation is left out",
  "missing-operation": "a step of the computation is left out",
  "wrong-axis": "a softmax, norm, sum or mean runs along another axis",
  "wrong-reduction": "a sum, mean or maximum is another of the three",
  "wrong-order": "two steps follow each other in the other order",
  "wrong-layout": "axes are exchanged by a view, which mixes their numbers up",
  "wrong-window": "a convolution or pool has another size, stride, padding or dilation",
  "wrong-groups": "a convolution reads its channels in other groups",
  "wrong-operation": "two values are combined by another operation",
  "wrong-constant": "a constant of the spec is another number in the code",
  "wrong-scale": "a value is multiplied by a constant that the spec does not have",
  "shared-parameter": "the code has one parameter where the spec has several",
  "separate-parameters": "the code has several parameters where the spec has one",
  "scaled-parameter": "the code uses a multiple of its parameter",
  "untrained-parameter": "a parameter of the spec is a fixed buffer in the code",
  interface: "the code takes or gives other things than the spec",
  "output-layout": "an output has the right numbers in another shape",
  unnamed: "the two differ, and no small change of the spec explains how",
} as const;

export type FindingKind = keyof typeof findings;
export const findingKinds: readonly FindingKind[] = Object.keys(findings) as FindingKind[];
