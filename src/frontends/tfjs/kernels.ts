/** @file How a kernel of TensorFlow.js is written as a node of a TensorFlow graph, which has the same operations by other names. */
import { NotCovered } from "../common/keras/problem.ts";
import type { Attribute, GraphNode } from "./graph/schema.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** A node whose further inputs are integers that the kernel has as attributes. */
interface Written {
  readonly op: string;
  /** Names of the kernel's inputs in the order of the node's. */
  readonly inputs: readonly string[];
  readonly attr?: GraphNode["attr"];
  /** Lists of integers, or single ones, behind the inputs. */
  readonly integers?: readonly (number | readonly number[])[];
}
type Write = (attrs: Attributes, shapes: readonly (readonly number[])[]) => Written;

const text = (value: string): Attribute => ({ s: btoa(value) });
const texts = (values: readonly string[]): Attribute => ({ list: { s: values.map((value) => btoa(value)) } });
const list = (values: readonly number[]): Attribute => ({ list: { i: [...values] } });
const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : [Number(value)]);

const same =
  (op: string, ...inputs: readonly string[]): Write =>
  () => ({ op, inputs });
const unary = (...names: readonly string[]): Record<string, Write> =>
  Object.fromEntries(names.map((name) => [name, same(name, "x")]));
const binary = (names: Readonly<Record<string, string>>): Record<string, Write> =>
  Object.fromEntries(Object.entries(names).map(([kernel, op]) => [kernel, same(op, "a", "b")]));

/** All axes where none is given; kernels call them by two names. */
const reduction =
  (op: string): Write =>
  (attrs, [shape = []]) => {
    if (!("axis" in attrs) && !("reductionIndices" in attrs))
      throw new NotCovered(`the kernel ${op} without axes`);
    const axis = attrs["axis"] ?? attrs["reductionIndices"];
    const axes = axis === undefined || axis === null ? [...shape.keys()] : numbers(axis);
    return { op, inputs: ["x"], integers: [axes], attr: { keep_dims: { b: attrs["keepDims"] === true } } };
  };

/** Sizes of parts, or how many equal ones. */
const split: Write = ({ numOrSizeSplits, axis }, [shape = []]) => {
  const place = Number(axis) < 0 ? Number(axis) + shape.length : Number(axis);
  const size = shape[place] ?? 0;
  const count = Number(numOrSizeSplits);
  const sizes = Array.isArray(numOrSizeSplits)
    ? numbers(numOrSizeSplits)
    : Array.from({ length: count }, () => size / count);
  return { op: "SplitV", inputs: ["x"], integers: [sizes, place] };
};

/** Steps that follow a product in one kernel. */
function fused({ activation, leakyreluAlpha }: Attributes, hasBias: boolean): NonNullable<GraphNode["attr"]> {
  const names: Readonly<Record<string, string>> = {
    relu: "Relu",
    relu6: "Relu6",
    elu: "Elu",
    sigmoid: "Sigmoid",
    leakyrelu: "LeakyRelu",
    prelu: "Prelu",
  };
  const step =
    typeof activation === "string" && activation !== "linear" ? [names[activation] ?? activation] : [];
  return {
    fused_ops: texts([...(hasBias ? ["BiasAdd"] : []), ...step]),
    ...(typeof leakyreluAlpha === "number" ? { leakyrelu_alpha: { f: leakyreluAlpha } } : {}),
  };
}
function windows({ strides, dilations, pad, filterSize }: Attributes): NonNullable<GraphNode["attr"]> {
  const around = (value: unknown): Attribute => {
    const [first = 1, second = first] = numbers(value ?? 1);
    return list([1, first, second, 1]);
  };
  const isNamed = typeof pad === "string";
  const width = isNamed ? 0 : Number(pad);
  return {
    data_format: text("NHWC"),
    strides: around(strides),
    dilations: around(dilations),
    padding: text(isNamed ? pad.toUpperCase() : "EXPLICIT"),
    ...(isNamed ? {} : { explicit_paddings: list([0, 0, width, width, width, width, 0, 0]) }),
    ...(filterSize === undefined ? {} : { ksize: around(filterSize) }),
  };
}
const convolution =
  (op: string): Write =>
  (attrs) => ({
    op,
    inputs: ["x", "filter", "bias", "preluActivationWeights"],
    attr: { ...windows(attrs), ...fused(attrs, true) },
  });
const plainConvolution =
  (op: string): Write =>
  (attrs) => ({ op, inputs: ["x", "filter"], attr: windows(attrs) });
const pool =
  (op: string): Write =>
  (attrs) => ({ op, inputs: ["x"], attr: windows(attrs) });

const types: Readonly<Record<string, string>> = { float32: "DT_FLOAT", int32: "DT_INT32", bool: "DT_BOOL" };

export const kernels: ReadonlyMap<string, Write> = new Map(
  Object.entries<Write>({
    ...unary(
      "Abs",
      "Exp",
      "Expm1",
      "Log",
      "Log1p",
      "Sqrt",
      "Rsqrt",
      "Square",
      "Sin",
      "Cos",
      "Tan",
      "Sinh",
      "Cosh",
      "Tanh",
    ),
    ...unary(
      "Sigmoid",
      "Relu",
      "Relu6",
      "Elu",
      "Selu",
      "Softplus",
      "Erf",
      "Neg",
      "Floor",
      "Ceil",
      "Round",
      "Sign",
    ),
    ...unary(
      "Reciprocal",
      "Asin",
      "Acos",
      "Atan",
      "Asinh",
      "Acosh",
      "Atanh",
      "LogicalNot",
      "Identity",
      "ZerosLike",
      "OnesLike",
    ),
    ...binary({
      Add: "AddV2",
      Sub: "Sub",
      Multiply: "Mul",
      RealDiv: "RealDiv",
      Maximum: "Maximum",
      Minimum: "Minimum",
    }),
    ...binary({
      Pow: "Pow",
      SquaredDifference: "SquaredDifference",
      FloorDiv: "FloorDiv",
      Mod: "FloorMod",
      Atan2: "Atan2",
    }),
    ...binary({ Less: "Less", LessEqual: "LessEqual", Greater: "Greater", GreaterEqual: "GreaterEqual" }),
    ...binary({ Equal: "Equal", NotEqual: "NotEqual", LogicalAnd: "LogicalAnd", LogicalOr: "LogicalOr" }),
    LeakyRelu: ({ alpha }) => ({ op: "LeakyRelu", inputs: ["x"], attr: { alpha: { f: Number(alpha) } } }),
    Prelu: same("Prelu", "x", "alpha"),
    Select: same("SelectV2", "condition", "t", "e"),
    Cast: ({ dtype }) => ({
      op: "Cast",
      inputs: ["x"],
      attr: { DstT: { type: types[String(dtype)] ?? String(dtype) } },
    }),
    BatchMatMul: ({ transposeA, transposeB }) => ({
      op: "BatchMatMulV2",
      inputs: ["a", "b"],
      attr: { adj_x: { b: transposeA === true }, adj_y: { b: transposeB === true } },
    }),
    _FusedMatMul: (attrs) => ({
      op: "_FusedMatMul",
      inputs: ["a", "b", "bias", "preluActivationWeights"],
      attr: {
        transpose_a: { b: attrs["transposeA"] === true },
        transpose_b: { b: attrs["transposeB"] === true },
        ...fused(attrs, true),
      },
    }),
    Einsum: ({ equation }) => ({ op: "Einsum", inputs: [], attr: { equation: text(String(equation)) } }),
    Conv2D: plainConvolution("Conv2D"),
    DepthwiseConv2dNative: plainConvolution("DepthwiseConv2dNative"),
    FusedConv2D: convolution("FusedConv2D"),
    FusedDepthwiseConv2D: convolution("FusedDepthwiseConv2dNative"),
    MaxPool: pool("MaxPool"),
    AvgPool: pool("AvgPool"),
    FusedBatchNorm: ({ varianceEpsilon }) => ({
      op: "FusedBatchNormV3",
      inputs: ["x", "scale", "offset", "mean", "variance"],
      attr: { epsilon: { f: Number(varianceEpsilon) }, is_training: { b: false } },
    }),
    Sum: reduction("Sum"),
    Mean: reduction("Mean"),
    Max: reduction("Max"),
    Min: reduction("Min"),
    Any: reduction("Any"),
    All: reduction("All"),
    Softmax: same("Softmax", "logits"),
    LogSoftmax: same("LogSoftmax", "logits"),
    Reshape: ({ shape }) => ({ op: "Reshape", inputs: ["x"], integers: [numbers(shape)] }),
    ExpandDims: ({ dim }) => ({ op: "ExpandDims", inputs: ["input"], integers: [Number(dim)] }),
    Transpose: ({ perm }) => ({ op: "Transpose", inputs: ["x"], integers: [numbers(perm)] }),
    Concat: ({ axis }) => ({ op: "ConcatV2", inputs: [], integers: [Number(axis)] }),
    SplitV: split,
    Pack: ({ axis }) => ({ op: "Pack", inputs: [], attr: { axis: { i: Number(axis) } } }),
    Unpack: ({ axis }) => ({ op: "Unpack", inputs: ["value"], attr: { axis: { i: Number(axis) } } }),
    Slice: ({ begin, size }) => ({ op: "Slice", inputs: ["x"], integers: [numbers(begin), numbers(size)] }),
    Tile: ({ reps }) => ({ op: "Tile", inputs: ["x"], integers: [numbers(reps)] }),
    GatherV2: ({ axis, batchDims }) => ({
      op: "GatherV2",
      inputs: ["x", "indices"],
      integers: [Number(axis)],
      attr: { batch_dims: { i: Number(batchDims ?? 0) } },
    }),
  }),
);
