/**
 * @file The closed list of operators and the attributes each carries. Their meaning is in `ops/`; a name added here is a
 * compile error there and in the test generators until it has one. Attributes are complete: defaults are applied by the
 * front ends, so inside the graph nothing is optional.
 */
import type { BitOperation, FunctionName } from "../base/functions.ts";
import type { Rational } from "../base/rational.ts";
import type { Dim, Shape } from "./dim.ts";
import type { Dtype } from "./type.ts";

type None = Readonly<Record<never, never>>;
interface Axis {
  readonly axis: number;
}
interface Axes {
  /** Sorted, unique, non-negative. */
  readonly axes: readonly number[];
}

/** How windows lie over the last axes of a tensor: one entry for each of these. Only in the body of a block are some no numbers. */
interface Windowing {
  readonly strides: readonly Dim[];
  readonly padding: readonly (readonly [before: Dim, after: Dim])[];
}
interface Dilated {
  readonly dilation: readonly Dim[];
}
interface Sizes {
  readonly sizes: readonly Dim[];
}
/** The value that a use of a block gives to a symbol of its body. */
export type Given = readonly [name: string, value: Dim];

/** A graph inside an operator; `nest` makes it and `bodyGraph` opens it. Equal bodies have equal keys. */
export interface Body {
  readonly key: string;
}

export interface OpAttrs {
  // Leaves
  /** A value that the caller supplies on each call. */
  Input: { readonly name: string; readonly shape: Shape; readonly dtype: Dtype };
  /** A value that the model stores: a trainable parameter or a buffer. */
  Parameter: { readonly name: string; readonly shape: Shape; readonly dtype: Dtype };
  Constant: { readonly value: Rational; readonly dtype: Dtype };
  /** Real numbers that are not rational, and −∞. */
  NamedConstant: { readonly name: "pi" | "e" | "negative infinity"; readonly dtype: Dtype };
  /** The integers 0, 1, … size − 1. */
  Iota: { readonly size: Dim; readonly dtype: Dtype };

  // Elementwise, with NumPy broadcasting
  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Neg: None;
  Exp: None;
  Log: None;
  Sqrt: None;
  Power: { readonly exponent: Rational };
  Sin: None;
  Cos: None;
  Erf: None;
  Abs: None;
  /** A function of one or two numbers that is known by its name. */
  Function: { readonly name: FunctionName };
  /** x / y for integers, rounded down. */
  Quotient: None;
  Bitwise: { readonly operation: BitOperation };
  Maximum: None;
  Minimum: None;
  Less: None;
  Equal: None;
  Not: None;
  And: None;
  Where: None;
  Cast: { readonly dtype: Dtype };
  StopGradient: None;

  // Reductions: the axes disappear
  Sum: Axes;
  Max: Axes;
  LogSumExp: Axis;

  /** Place of each element in the order along an axis, the largest first, from 0. */
  Rank: Axis;

  /** Two-operand einsum, "bi,ij->bj"; letters are given in order of first appearance. */
  Contract: { readonly equation: string };

  // Structure
  Transpose: { readonly permutation: readonly number[] };
  Reshape: { readonly shape: Shape };
  Broadcast: { readonly shape: Shape };
  Concat: Axis;
  /** Elements start, start + step, … of one axis, up to and without stop; 0 ≤ start ≤ stop ≤ size, step ≥ 1. */
  Slice: { readonly axis: number; readonly start: Dim; readonly stop: Dim; readonly step: number };
  /** Copies of a scalar, the second operand, around one axis and between its elements. */
  Pad: Axis & { readonly before: Dim; readonly after: Dim; readonly interior: number };
  /** One axis as two: positions of windows, `step` apart, and the `size` elements of one, `dilation` apart. */
  Windows: Axis & { readonly size: Dim; readonly step: number; readonly dilation: number };
  /** Rows of the first operand picked by integers: shape indices + table without its first axis. */
  Take: None;

  // Nested and unknown
  /**
   * A recurrence along the first axis of its sequences. Operands: the carries' start values, the sequences, and values that
   * stay the same; the body's inputs are one step's carries, elements and those values, in this order. The body's outputs
   * are the next carries, then further values of the step. The result is the body's output at position `output`, stacked over
   * the steps along a new first axis; in a reversed scan the last element is the first step.
   */
  Scan: {
    readonly body: Body;
    readonly carries: number;
    readonly sequences: number;
    readonly output: number;
    readonly reverse: boolean;
  };
  /**
   * One result of a use of a block: what the output of its body at this place is for these arguments and parameters. Operands
   * are a value for each input of the body, then one for each of its parameters. Uses that share parameters have the number
   * of their set; 0 says that the use has parameters of its own. `given` are the values of symbols that the operands do not
   * decide.
   */
  Call: {
    readonly body: Body;
    readonly instance: number;
    readonly given: readonly Given[];
    readonly output: number;
  };
  /** A function that Assay has no definition for: equal arguments give equal results, and nothing else is assumed. */
  Opaque: {
    readonly name: string;
    readonly attributes: string;
    readonly shape: Shape;
    readonly dtype: Dtype;
  };

  // Composites
  /** base^x for a positive number. */
  PowerOf: { readonly base: Rational };
  Reciprocal: None;
  Square: None;
  Tanh: None;
  Sigmoid: None;
  Relu: None;
  LeakyRelu: { readonly slope: Rational };
  Elu: None;
  Silu: None;
  Gelu: { readonly approximate: "none" | "tanh" };
  Softplus: None;
  Mean: Axes;
  /** Sum of squared deviations over (count − correction). */
  Variance: Axes & { readonly correction: number };
  Softmax: Axis;
  LogSoftmax: Axis;
  /** The element at the places that integers, the second operand, say; the axis disappears. */
  TakeAlong: Axis;
  /** The place of the largest element, of equals the first; the axis disappears. */
  Argmax: Axis;
  /** The same of the smallest element. */
  Argmin: Axis;
  /** −log_softmax at the places that integers, the second operand, say; the axis disappears. */
  CrossEntropy: Axis;
  /** (x − mean) / √(variance + ε) over the axes: LayerNorm before its affine map. */
  Normalize: Axes & { readonly epsilon: Rational };
  /** x / √(mean(x²) + ε) over the axes: RMSNorm before its gain. */
  RmsNormalize: Axes & { readonly epsilon: Rational };
  /** […, channels, spatial…] with filters [filters, channels / groups, sizes…]. */
  Convolution: Windowing & Dilated & { readonly groups: Dim };
  /** A convolution and a vector along its filters. */
  BiasedConvolution: Windowing & Dilated & { readonly groups: Dim };
  /** γ (x − μ) / √(σ² + ε) + β with vectors along one axis. */
  BatchNormalize: Axis & { readonly epsilon: Rational };
  GroupNormalize: Axis & { readonly groups: number; readonly epsilon: Rational };
  MaxPool: Sizes & Windowing & Dilated;
  /** `countPadding`: whether the zeros around count as elements. */
  AveragePool: Sizes & Windowing & { readonly countPadding: boolean };
  /** […, T, H k] as […, H, T, k]. */
  SplitHeads: { readonly heads: Dim };
  /** […, H, T, k] as […, T, H k]. */
  MergeHeads: None;
  /** Each element along the axis so many times, one behind the other. */
  Repeat: Axis & { readonly count: number };
  /** Operands of one shape joined along a new axis. */
  Stack: Axis;
  /** The second half of the last axis with its sign changed, then the first. */
  RotateHalf: None;
  /** Elements of the last axes of its operands by turns. */
  Interleave: None;
  /** Scores […, T, T] with −∞ where the key, the last axis, stands behind the query, or `window` places before it or more. */
  Causal: { readonly window?: number };
  /** Scores […, keys] with −∞ at the keys that the second operand marks, for each element of the first axis. */
  Hide: None;
  /** Pairs of features, neighbours or those of the two halves of the last axis, turned by angles, the second operand. */
  Rotary: { readonly neighbours: boolean };
}

export type OpName = keyof OpAttrs;
