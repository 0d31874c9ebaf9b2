/** @file ONNX operators of quantised models: real numbers on a grid of integers (Jacob et al. 2018, equation 1). */
import { at, range } from "../../base/assert.ts";
import type { Dim } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { type Dtype, isReal } from "../../ir/type.ts";
import { round } from "../common/formulas.ts";
import { clamp } from "../common/powers.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { NotCovered } from "./contradiction.ts";
import { convolved, withBias } from "./operators-convolution.ts";
import { matmul } from "./operators-linear.ts";

const limits: Readonly<Partial<Record<Dtype, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

/** A scale or zero point for all of x, for each place along an axis, or for each block of places along it. */
function spreadOver(c: Call, values: Node, x: Node, axis: number, block: number): Node {
  const { shape } = values.type;
  if (shape.length === 0) return values;
  const rank = x.type.shape.length;
  if (shape.length === 1 && shape[0] === 1) return c.reshape(values, []);
  if (shape.length === 1) return c.reshape(values, [at(shape, 0), ...range(rank - axis - 1).map(() => 1)]);
  if (block === 0) throw new NotCovered("a scale for each element");
  const wide = c.reshape(values, shape.toSpliced(axis + 1, 0, 1));
  const repeated = c.stretch(wide, wide.type.shape.with(axis + 1, block));
  const joined = shape.with(axis, c.concrete(at(shape, axis), "blocks") * block);
  const all = c.reshape(repeated, joined);
  const size = at<Dim>(x.type.shape, axis);
  return c.slice(all, axis, 0, size);
}

/** saturate(round(x / scale) + zero). */
function quantised(c: Call, x: Node, scale: Node, zero: Node | undefined, dtype: Dtype): Node {
  const limit = limits[dtype];
  if (limit === undefined) throw new NotCovered(`quantisation to ${dtype}`);
  const steps = round(c, c.div(x, c.cast(scale, x.type.dtype)));
  const moved = zero === undefined ? steps : c.add(steps, c.cast(zero, x.type.dtype));
  const [low, high] = limit.map((bound) => c.constant(bound, x.type.dtype));
  return c.cast(clamp(c, moved, low, high), dtype);
}
const quantizeLinear: Lower = (c) => {
  const given = c.input(0);
  const x = isReal(given.type.dtype) ? given : c.cast(given, "float32");
  const [scale, zero] = [c.input(1), c.optional(2)];
  const rank = x.type.shape.length;
  const axis = scale.type.shape.length === 0 ? 0 : c.axis("axis", rank, 1);
  const over = (values: Node): Node => spreadOver(c, values, x, axis, c.int("block_size", 0));
  const dtype = zero?.type.dtype ?? c.dtype("output_dtype", "uint8");
  return quantised(c, x, over(scale), zero && over(zero), dtype);
};

/** (x − zero) · scale. */
function dequantised(c: Call, x: Node, scale: Node, zero: Node | undefined): Node {
  const number = c.cast(x, isReal(scale.type.dtype) ? scale.type.dtype : "float32");
  return c.mul(zero === undefined ? number : c.sub(number, c.cast(zero, number.type.dtype)), scale);
}
const dequantizeLinear: Lower = (c) => {
  const [x, scale, zero] = [c.input(0), c.input(1), c.optional(2)];
  const axis = scale.type.shape.length === 0 ? 0 : c.axis("axis", x.type.shape.length, 1);
  const over = (values: Node): Node => spreadOver(c, values, x, axis, c.int("block_size", 0));
  return dequantised(c, x, over(scale), zero && over(zero));
};

/** The range of x, with 0 in it, on 256 steps. */
const dynamicQuantizeLinear: Lower = (c) => {
  const x = c.input(0);
  const { dtype } = x.type;
  const axes = range(x.type.shape.length);
  const [zero, steps] = [c.constant(0, dtype), c.constant(255, dtype)];
  const top = c.apply("Maximum", [c.apply("Max", [x], { axes }), zero], {});
  const negated = c.apply("Max", [c.apply("Neg", [x], {})], { axes });
  const bottom = c.apply("Neg", [c.apply("Maximum", [negated, zero], {})], {});
  const scale = c.div(c.sub(top, bottom), steps);
  const start = round(c, clamp(c, c.div(c.apply("Neg", [bottom], {}), scale), zero, steps));
  const point = c.cast(start, "uint8");
  return [quantised(c, x, scale, point, "uint8"), scale, point];
};

/** An integer tensor less its zero point, which may be one for each row or column. */
function centred(c: Call, x: Node, zero: Node | undefined, axis: number): Node {
  const whole = c.cast(x, "int32");
  if (zero === undefined) return whole;
  const rank = x.type.shape.length;
  const isPerRow = zero.type.shape.length === 1 && zero.type.shape[0] !== 1;
  const shape = isPerRow ? [at(zero.type.shape, 0), ...range(rank - axis - 1).map(() => 1)] : [];
  const isWide = zero.type.shape.length > 1;
  return c.sub(whole, c.cast(isWide ? zero : c.reshape(zero, shape), "int32"));
}
const matMulInteger: Lower = (c) => {
  const [a, b] = [c.input(0), c.input(1)];
  const rank = a.type.shape.length;
  return matmul(
    c,
    centred(c, a, c.optional(2), rank - 2),
    centred(c, b, c.optional(3), b.type.shape.length - 1),
  );
};
const convInteger: Lower = (c) =>
  convolved(c, centred(c, c.input(0), c.optional(2), 1), centred(c, c.input(1), c.optional(3), 0));

const perRow = (c: Call, values: Node, rank: number, axis: number): Node =>
  values.type.shape.length === 1 && values.type.shape[0] !== 1
    ? c.reshape(values, [at(values.type.shape, 0), ...range(rank - axis - 1).map(() => 1)])
    : values.type.shape.length > 1
      ? values
      : c.reshape(values, []);

const qLinearMatMul: Lower = (c) => {
  const [a, aScale, aZero, b, bScale, bZero, scale, zero] = c.tensors() as [
    Node,
    Node,
    Node,
    Node,
    Node,
    Node,
    Node,
    Node,
  ];
  const left = dequantised(
    c,
    a,
    perRow(c, aScale, a.type.shape.length, a.type.shape.length - 2),
    perRow(c, aZero, a.type.shape.length, a.type.shape.length - 2),
  );
  const right = dequantised(
    c,
    b,
    perRow(c, bScale, b.type.shape.length, b.type.shape.length - 1),
    perRow(c, bZero, b.type.shape.length, b.type.shape.length - 1),
  );
  const product = matmul(c, left, right);
  const rank = product.type.shape.length;
  return quantised(
    c,
    product,
    perRow(c, scale, rank, rank - 2),
    perRow(c, zero, rank, rank - 2),
    zero.type.dtype,
  );
};
const qLinearConv: Lower = (c) => {
  const [x, xScale, xZero, w, wScale, wZero, scale, zero] = range(8).map((i) => c.input(i)) as [
    Node,
    Node,
    Node,
    Node,
    Node,
    Node,
    Node,
    Node,
  ];
  const kernelRank = w.type.shape.length;
  const image = dequantised(c, x, c.reshape(xScale, []), c.reshape(xZero, []));
  const kernel = dequantised(c, w, perRow(c, wScale, kernelRank, 0), perRow(c, wZero, kernelRank, 0));
  const bias = c.optional(8);
  // The bias is in steps of both scales together.
  const steps =
    bias && c.mul(c.cast(bias, image.type.dtype), c.mul(c.reshape(xScale, []), perRow(c, wScale, 1, 0)));
  const product = withBias(c, convolved(c, image, kernel), steps, kernelRank - 2);
  return quantised(c, product, c.reshape(scale, []), c.reshape(zero, []), zero.type.dtype);
};

export const quantisation: Rows = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  MatMulInteger: matMulInteger,
  ConvInteger: convInteger,
  QLinearMatMul: qLinearMatMul,
  QLinearConv: qLinearConv,
};
