/** @file What is done along the axis of channels, which is not the last one: normalisation by kept averages, and biases. */
import { at } from "../base/assert.ts";
import { call, infix, type Layout, number, rationalLayout } from "../base/layout.ts";
import { type Dim, elementCount, equalDims, exactQuotient, type Shape, shapeText } from "../ir/dim.ts";
import type { Builder, Node } from "../ir/graph.ts";
import { promote, type TensorType } from "../ir/type.ts";
import { convolution } from "./convolution.ts";
import { type AxisMap, type Composite, countedLabel, misfit } from "./define.ts";
import { option } from "./windows.ts";

/** A vector laid along one axis of tensors of some rank. */
function along(build: Builder, vector: Node, axis: number, rank: number): Node {
  const sizes = [at(vector.type.shape, 0), ...Array.from({ length: rank - axis - 1 }, (): Dim => 1)];
  return build.node("Reshape", [vector], { shape: sizes }) as Node;
}

/** Each vector runs along one axis of the first operand. */
const vectorAxes = (inputs: readonly TensorType[], axis: number): AxisMap => {
  const labels = at(inputs, 0).shape.map((_, own) => String(own));
  return { operands: [labels, ...inputs.slice(1).map(() => [String(axis)])], result: labels };
};

export const batchNormalize: Composite<"BatchNormalize"> = {
  name: "BatchNormalize",
  kind: "composite",
  doc: "γ (x − μ) / √(σ² + ε) + β with vectors μ, σ², γ, β along one axis: batch normalisation in evaluation (Ioffe and Szegedy 2015, alg. 2).",
  family: "normalisation",
  arity: 5,
  infer: (inputs, { axis }) => {
    const [x, ...vectors] = inputs;
    const size = x?.shape[axis];
    const fits = ({ shape }: TensorType): boolean =>
      shape.length === 1 && size !== undefined && equalDims(at(shape, 0), size);
    if (x === undefined || !vectors.every(fits)) {
      const got = inputs.map(({ shape }) => shapeText(shape)).join(", ");
      throw misfit("BatchNormalize", got, `four vectors along axis ${axis}`);
    }
    const dtype = promote([...inputs.map((input) => input.dtype), "float32"]);
    return { shape: x.shape, dtype };
  },
  expand: (build, inputs, { axis, epsilon }) => {
    const x = at(inputs, 0);
    const rank = x.type.shape.length;
    const [mean, variance, gain, shift] = [1, 2, 3, 4].map((i) => at(inputs, i)) as [Node, Node, Node, Node];
    const number = build.node("Constant", [], { value: epsilon, dtype: "float32" }) as Node;
    const deviation = build.node("Sqrt", [build.node("Add", [variance, number], {}) as Node], {}) as Node;
    const laid = (vector: Node): Node => along(build, vector, axis, rank);
    const centred = build.node("Sub", [x, laid(mean)], {}) as Node;
    const scaled = build.node("Div", [centred, laid(deviation)], {}) as Node;
    return build.node("Add", [build.node("Mul", [scaled, laid(gain)], {}) as Node, laid(shift)], {}) as Node;
  },
  axes: (inputs, { axis }) => vectorAxes(inputs, axis),
  render: (args, { axis, epsilon }, notation) =>
    call("batch_normalize", [...args, rationalLayout(epsilon)], [notation.axis(0, axis)]),
  renderElement: (args, { epsilon }) => {
    const [x, mean, variance, gain, shift] = [0, 1, 2, 3, 4].map((i) => at(args, i)) as [
      Layout,
      Layout,
      Layout,
      Layout,
      Layout,
    ];
    const deviation = call("sqrt", [infix("+", variance, rationalLayout(epsilon))]);
    return infix("+", infix("*", infix("/", infix("-", x, mean), deviation), gain), shift);
  },
};

/** The shape in which each group of channels, with all axes behind, is one row; `undefined` where the groups don't divide these. */
export function groupedShape(shape: Shape, axis: number, groups: number): Shape | undefined {
  const size = exactQuotient(elementCount(shape.slice(axis)), groups);
  const channels = shape[axis];
  const isWhole = typeof channels !== "number" || channels % groups === 0;
  return size === undefined || !isWhole ? undefined : [...shape.slice(0, axis), groups, size];
}

export const groupNormalize: Composite<"GroupNormalize"> = {
  name: "GroupNormalize",
  kind: "composite",
  doc: "γ (x − μ) / √(σ² + ε) + β with vectors γ, β along the axis of channels, and μ, σ² of each group of neighbouring channels with all axes behind (Wu and He 2018).",
  family: "normalisation",
  arity: 3,
  infer: (inputs, { axis, groups }) => {
    const [x, ...vectors] = inputs;
    const size = x?.shape[axis];
    const isVector = ({ shape }: TensorType): boolean =>
      shape.length === 1 && size !== undefined && equalDims(at(shape, 0), size);
    // The groups of a number of channels that is not known yet are those of the numbers that it may be.
    const isWhole = typeof size !== "number" || (groups > 0 && size % groups === 0);
    if (x === undefined || !vectors.every(isVector) || !isWhole) {
      const got = `${inputs.map(({ shape }) => shapeText(shape)).join(", ")} in ${groups} groups`;
      throw misfit("GroupNormalize", got, `two vectors along axis ${axis}, which the groups divide`);
    }
    return { shape: x.shape, dtype: promote([...inputs.map((input) => input.dtype), "float32"]) };
  },
  expand: (build, inputs, { axis, groups, epsilon }) => {
    const x = at(inputs, 0);
    const { shape } = x.type;
    const rows = groupedShape(shape, axis, groups);
    if (rows === undefined)
      throw misfit("GroupNormalize", shapeText(shape), `channels that ${groups} divides`);
    const grouped = build.node("Reshape", [x], { shape: rows }) as Node;
    const normal = build.node("Normalize", [grouped], { axes: [axis + 1], epsilon }) as Node;
    const apart = build.node("Reshape", [normal], { shape }) as Node;
    const [gain, shift] = [1, 2].map((i) => along(build, at(inputs, i), axis, shape.length)) as [Node, Node];
    return build.node("Add", [build.node("Mul", [apart, gain], {}) as Node, shift], {}) as Node;
  },
  axes: (inputs, { axis }) => {
    const labels = at(inputs, 0).shape.map((_, own) => (own === axis ? countedLabel : String(own)));
    return { operands: [labels, [countedLabel], [countedLabel]], result: labels };
  },
  render: (args, { axis, groups, epsilon }, notation) =>
    call(
      "group_normalize",
      [...args, rationalLayout(epsilon), option("groups", number(String(groups)))],
      [notation.axis(0, axis)],
    ),
};

export const biasedConvolution: Composite<"BiasedConvolution"> = {
  ...convolution,
  name: "BiasedConvolution",
  doc: "A convolution with a number for each filter added: conv(x, w) + b along the axis of filters.",
  arity: 3,
  infer: (inputs, attrs) => {
    const made = convolution.infer(inputs.slice(0, 2), attrs);
    const [bias, filters] = [at(inputs, 2), made.shape.at(-1 - attrs.strides.length)];
    const [size] = bias.shape;
    if (bias.shape.length !== 1 || size === undefined || filters === undefined || !equalDims(size, filters))
      throw misfit("BiasedConvolution", shapeText(bias.shape), "one number for each filter");
    return { ...made, dtype: promote([made.dtype, bias.dtype]) };
  },
  expand: (build, inputs, attrs) => {
    const product = build.node("Convolution", inputs.slice(0, 2), attrs) as Node;
    const rank = product.type.shape.length;
    const bias = along(build, at(inputs, 2), rank - attrs.strides.length - 1, rank);
    return build.node("Add", [product, bias], {}) as Node;
  },
  axes: (inputs, attrs, result) => {
    const { operands, result: labels } = convolution.axes(inputs.slice(0, 2), attrs, result);
    return { operands: [...operands, ["filter"]], result: labels };
  },
};
