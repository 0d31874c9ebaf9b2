/** @file Matrix products, convolutions, pooling, and normalisation by stored statistics. */
import { at, range } from "../../../base/assert.ts";
import { rational } from "../../../base/rational.ts";
import type { Node } from "../../../ir/graph.ts";
import { einsum } from "../../common/einsum.ts";
import { channelsFirst, channelsLast } from "../../common/keras/channels.ts";
import {
  depthwiseArrangement,
  kernelArrangement,
  type Widths,
  widthsOf,
} from "../../common/keras/convolutions.ts";
import type { Arrangement } from "../../common/keras/layer.ts";
import { NotCovered } from "../../common/keras/problem.ts";
import { clamp } from "../../common/powers.ts";
import { leakyRelu, prelu, together } from "./elementwise.ts";
import type { Lower, Operation, Rows } from "./operation.ts";

function matmul(o: Operation, x: Node, y: Node, isTurned: readonly [boolean, boolean]): Node {
  const rank = Math.max(x.type.shape.length, y.type.shape.length);
  const letters = (node: Node, core: readonly string[]): string[] => {
    const lead = node.type.shape.length - 2;
    if (lead < 0) throw new NotCovered("a product of a vector");
    return [...range(lead).map((axis) => String.fromCharCode(97 + axis + rank - 2 - lead)), ...core];
  };
  const left = letters(x, isTurned[0] ? ["y", "x"] : ["x", "y"]);
  const right = letters(y, isTurned[1] ? ["z", "y"] : ["y", "z"]);
  if (rank > 20 || (left.length !== right.length && Math.min(left.length, right.length) !== 2))
    throw new NotCovered("a product of stacks of different ranks");
  const out = [...(left.length >= right.length ? left : right).slice(0, -2), "x", "z"];
  const names = [...new Set([...left, ...right, ...out])];
  const short = (list: readonly string[]): string =>
    list.map((name) => String.fromCharCode(97 + names.indexOf(name))).join("");
  return o.apply("Contract", [x, y], { equation: `${short(left)},${short(right)}->${short(out)}` });
}
const product =
  (first: string, second: string): Lower =>
  (o) =>
    matmul(o, o.tensor(0), o.tensor(1), [o.flag(first), o.flag(second)]);

/** What follows a product in the same operation: a bias for each column or filter, and an activation. */
function fused(o: Operation, x: Node, first: number, place: (bias: Node) => Node): Node {
  const steps = o.texts("fused_ops").filter((step) => step !== "NoOp");
  let [value, next] = [x, first];
  for (const step of steps) {
    switch (step) {
      case "BiasAdd":
        value = o.add(value, place(o.tensor(next++)));
        break;
      case "Relu":
      case "Elu":
      case "Sigmoid":
        value = o.apply(step, [value], {});
        break;
      case "Relu6":
        value = clamp(o, value, o.like(0, value), o.like(6, value));
        break;
      case "LeakyRelu":
        value = leakyRelu(o, value, "leakyrelu_alpha");
        break;
      case "Prelu":
        value = prelu(o, value, place(o.tensor(next++)));
        break;
      default:
        throw new NotCovered(`the fused operation ${step}`);
    }
  }
  return value;
}
const fusedProduct: Lower = (o) => {
  const result = matmul(o, o.tensor(0), o.tensor(1), [o.flag("transpose_a"), o.flag("transpose_b")]);
  return fused(o, result, 2, (bias) => bias);
};

/** Two attributes for space out of those for batch, space and channels. */
function spatial(o: Operation, name: string, usual: number): number[] {
  const all = o.integers(name);
  if (all.length === 0) return [usual, usual];
  const isLast = o.text("data_format", "NHWC") === "NHWC";
  return isLast ? all.slice(1, -1) : all.slice(2);
}
/** An operation on images with their channels on the second axis. */
function onImages(o: Operation, make: (x: Node) => Node): Node {
  const x = o.tensor(0);
  if (x.type.shape.length < 3) throw new NotCovered("images of fewer than three axes");
  return o.text("data_format", "NHWC") === "NHWC" ? channelsLast(o, make(channelsFirst(o, x))) : make(x);
}
function widths(
  o: Operation,
  x: Node,
  sizes: readonly number[],
  strides: readonly number[],
  dilation: readonly number[],
): Widths {
  const padding = o.text("padding", "VALID");
  if (padding !== "EXPLICIT") return widthsOf(x, padding, { sizes, strides, dilation });
  const list = o.integers("explicit_paddings");
  const first = o.text("data_format", "NHWC") === "NHWC" ? 1 : 2;
  return sizes.map((_, i) => [list[2 * (first + i)] ?? 0, list[2 * (first + i) + 1] ?? 0] as const);
}

const note =
  "filters are shown as [filters, channels, sizes]; TensorFlow stores the sizes first and channels and filters last";

/** The second input in the order that convolutions of the graph have. */
function filter(o: Operation, arrange: (shape: readonly number[]) => Arrangement): Node {
  const made = o.arranged(1, arrange);
  if (made === undefined) throw new NotCovered("filters that are computed or used in other ways");
  o.note(note);
  return made;
}

const convolution =
  (isDepthwise: boolean): Lower =>
  (o) =>
    onImages(o, (x) => {
      const axes = x.type.shape.length - 2;
      const w = filter(o, isDepthwise ? depthwiseArrangement(axes) : kernelArrangement(axes));
      const [strides, dilation] = [spatial(o, "strides", 1), spatial(o, "dilations", 1)];
      const sizes = w.type.shape.slice(2).map(Number);
      const channels = at(x.type.shape, 1);
      if (typeof channels !== "number") throw new NotCovered("a symbolic number of channels");
      const groups = isDepthwise ? channels : channels / Number(at(w.type.shape, 1));
      const padding = widths(o, x, sizes, strides, dilation);
      const result = o.apply("Convolution", [x, w], { strides, dilation, padding, groups });
      return fused(o, result, 2, (bias) =>
        o.reshape(bias, [...bias.type.shape, ...range(axes).map(() => 1)]),
      );
    });

const pooled =
  (kind: "MaxPool" | "AveragePool"): Lower =>
  (o) =>
    onImages(o, (x) => {
      const [sizes, strides] = [spatial(o, "ksize", 1), spatial(o, "strides", 1)];
      const dilation = sizes.map(() => 1);
      const lattice = { sizes, strides, padding: widths(o, x, sizes, strides, dilation) };
      return kind === "MaxPool"
        ? o.apply("MaxPool", [x], { ...lattice, dilation })
        : o.apply("AveragePool", [x], { ...lattice, countPadding: false });
    });

const bias: Lower = (o) => together(o, [o.tensor(0), o.tensor(1)], (x, b) => o.add(x, b));

/** (x − mean) / √(variance + ε) · scale + offset for each channel. */
const batchNorm: Lower = (o) => {
  if (o.flag("is_training") || (!o.has("is_training") && o.op === "FusedBatchNorm"))
    throw new NotCovered("batch normalisation in training mode");
  return [
    together(o, o.tensors(0, 5), (x, scale, offset, mean, variance) => {
      const epsilon = o.number("epsilon", rational(1, 10_000));
      const spread = o.apply("Sqrt", [o.add(variance, o.like(epsilon, variance))], {});
      const normal = o.div(o.sub(x, mean), spread);
      return o.add(o.mul(normal, scale), offset);
    }),
  ];
};

export const products: Rows = {
  MatMul: product("transpose_a", "transpose_b"),
  BatchMatMul: product("adj_x", "adj_y"),
  BatchMatMulV2: product("adj_x", "adj_y"),
  _FusedMatMul: fusedProduct,
  Einsum: (o) => {
    const equation = o.text("equation", "");
    const made = einsum(o, equation, o.tensors());
    if (made === undefined) throw new NotCovered(`einsum "${equation}"`);
    return made;
  },
  Conv2D: convolution(false),
  _FusedConv2D: convolution(false),
  FusedConv2D: convolution(false),
  Conv3D: convolution(false),
  DepthwiseConv2dNative: convolution(true),
  DepthwiseConv2d: convolution(true),
  FusedDepthwiseConv2dNative: convolution(true),
  MaxPool: pooled("MaxPool"),
  AvgPool: pooled("AveragePool"),
  BiasAdd: bias,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
};
