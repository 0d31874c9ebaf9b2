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

/** A scale or zero point for all of a tensor, for each place along an axis, or of the tensor's own rank. */
function spreadAlong(c: Call, values: Node, rank: number, axis: number): Node {
  const { shape } = values.type;
  if (shape.length !== 1) return values;
  return c.reshape(values, shape[0] === 1 ? [] : [at(shape, 0), ...range(rank - axis - 1).map(() => 1)]);
}

/** A scale or zero point as before, or for each block of places along the axis. */
function spreadOver(c: Call, values: Node, x: Node, axis: number, block: number): Node {
  const { shape } = values.type;
  if (shape.length <= 1) return spreadAlong(c, values, x.type.shape.length, axis);
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
  return c.sub(whole, c.cast(spreadAlong(c, zero, x.type.shape.length, axis), "int32"));
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

/** The operand at a place, with its scale and zero point behind it, as the real numbers that it stands for. */
function realOperand(c: Call, place: number, axis: (rank: number) => number): Node {
  const x = c.input(place);
  const rank = x.type.shape.length;
  const over = (values: Node): Node => spreadAlong(c, values, rank, axis(rank));
  return dequantised(c, x, over(c.input(place + 1)), over(c.input(place + 2)));
}
/** The result on the grid that inputs 6 and 7 give. */
function quantisedResult(c: Call, result: Node, axis: (rank: number) => number): Node {
  const [scale, zero] = [c.input(6), c.input(7)];
  const { length } = result.type.shape;
  const over = (values: Node): Node => spreadAlong(c, values, length, axis(length));
  return quantised(c, result, over(scale), over(zero), zero.type.dtype);
}

const rows = (rank: number): number => rank - 2;
const columns = (rank: number): number => rank - 1;
const qLinearMatMul: Lower = (c) =>
  quantisedResult(c, matmul(c, realOperand(c, 0, rows), realOperand(c, 3, columns)), rows);

const first = (): number => 0;
const qLinearConv: Lower = (c) => {
  const [image, kernel] = [realOperand(c, 0, first), realOperand(c, 3, first)];
  const bias = c.optional(8);
  // The bias is in steps of both scales together.
  const steps =
    bias &&
    c.mul(c.cast(bias, image.type.dtype), c.mul(c.reshape(c.input(1), []), spreadAlong(c, c.input(4), 1, 0)));
  const product = withBias(c, convolved(c, image, kernel), steps, kernel.type.shape.length - 2);
  return quantisedResult(c, product, first);
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
