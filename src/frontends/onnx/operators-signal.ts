/** @file ONNX operators on signals: windows, discrete Fourier transforms, and causal convolutions with a state. */
import { at, range } from "../../base/assert.ts";
import { type Rational, rational } from "../../base/rational.ts";
import { type Dim, subtractDims } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { type Dtype, isReal } from "../../ir/type.ts";
import { padded } from "../common/padding.ts";
import { numberLike } from "../common/powers.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { Contradiction, NotCovered } from "./contradiction.ts";
import { withBias } from "./operators-convolution.ts";

const pi = (c: Call, dtype: Dtype): Node => c.apply("NamedConstant", [], { name: "pi", dtype });
const numbers = (c: Call, size: number, dtype: Dtype): Node =>
  c.cast(c.apply("Iota", [], { size, dtype: "int64" }), dtype);

// Windows: a sum of cosines of multiples of 2π n / N, where N is the size, or the size less one

const windowOf =
  (coefficients: readonly Rational[]): Lower =>
  (c) => {
    const size = c.concrete(at(c.dims(c.input(0), "the size of a window"), 0), "the size of a window");
    const dtype = c.dtype("output_datatype", "float32");
    const own: Dtype = isReal(dtype) ? dtype : "float64";
    const period = c.flag("periodic", true) ? size : size - 1;
    const terms = coefficients.map((coefficient, k) => {
      const turns = c.mul(numbers(c, size, own), c.constant(rational(2 * k, period), own));
      const wave = c.apply("Cos", [c.mul(turns, pi(c, own))], {});
      return c.mul(c.constant(coefficient, own), wave);
    });
    return c.cast(
      terms.reduce((a, b) => c.add(a, b)),
      dtype,
    );
  };

// Discrete Fourier transforms, as products with the cosines and sines of 2π k n / N

/** cos and sin of 2π k n / N, [rows, columns], with k n reduced to less than N. */
function waves(c: Call, rows: number, columns: number, length: number, dtype: Dtype): readonly [Node, Node] {
  const row = c.reshape(c.apply("Iota", [], { size: rows, dtype: "int64" }), [rows, 1]);
  const product = c.mul(row, c.apply("Iota", [], { size: columns, dtype: "int64" }));
  const period = c.constant(length, "int64");
  const rest = c.sub(product, c.mul(c.apply("Quotient", [product, period], {}), period));
  const angle = c.mul(c.mul(c.cast(rest, dtype), c.constant(rational(2, length), dtype)), pi(c, dtype));
  return [c.apply("Cos", [angle], {}), c.apply("Sin", [angle], {})];
}

/** The rows of a matrix applied along the last axis of x. */
const along = (c: Call, x: Node, matrix: Node): Node => {
  const letters = range(x.type.shape.length).map((i) => String.fromCharCode(97 + i));
  const [lead, last] = [letters.slice(0, -1).join(""), at(letters, letters.length - 1)];
  return c.apply("Contract", [x, matrix], {
    equation: `${lead}${last},z${last}->${lead}z`.replaceAll("z", String.fromCharCode(97 + letters.length)),
  });
};

/** One part of a signal whose last axis holds real and imaginary parts, with the axis of time last and of a given length. */
function partOf(c: Call, x: Node, part: number, axis: number, length: number): Node | undefined {
  const last = x.type.shape.length - 1;
  if (part >= Number(x.type.shape[last])) return undefined;
  const own = c.reshape(c.slice(x, last, part, part + 1), x.type.shape.slice(0, -1));
  const others = range(last).filter((other) => other !== axis);
  const moved = c.transpose(own, [...others, axis]);
  const size = c.concrete(at(moved.type.shape, last - 1), "a transform");
  const widths = range(last).map((i): [number, number] => [0, i === last - 1 ? length - size : 0]);
  return padded(c, moved, widths, c.constant(0, x.type.dtype));
}

/** Real and imaginary parts as a last axis again, with the axis of frequencies where that of time was. */
function joined(c: Call, parts: readonly Node[], axis: number): Node {
  const rank = at(parts, 0).type.shape.length;
  const order = range(rank - 1);
  const back = [...order.slice(0, axis), rank - 1, ...order.slice(axis)];
  const wide = parts.map((part) => {
    const moved = c.transpose(part, back);
    return c.reshape(moved, [...moved.type.shape, 1]);
  });
  return c.concat(wide, rank);
}

function transform(c: Call, x: Node, axis: number, length: number, onesided: boolean): Node {
  const [real, imaginary] = [partOf(c, x, 0, axis, length), partOf(c, x, 1, axis, length)];
  if (real === undefined) throw new Contradiction("a signal without a real part", "one");
  const bins = onesided ? Math.floor(length / 2) + 1 : length;
  const [cosines, sines] = waves(c, bins, length, length, x.type.dtype);
  const [a, b] = [along(c, real, cosines), along(c, real, sines)];
  if (imaginary === undefined) return joined(c, [a, c.apply("Neg", [b], {})], axis);
  const [d, e] = [along(c, imaginary, cosines), along(c, imaginary, sines)];
  return joined(c, [c.add(a, e), c.sub(d, b)], axis);
}

function inverse(c: Call, x: Node, axis: number, length: number, onesided: boolean): Node {
  const bins = onesided ? Math.floor(length / 2) + 1 : length;
  const [real, imaginary] = [partOf(c, x, 0, axis, bins), partOf(c, x, 1, axis, bins)];
  if (real === undefined || imaginary === undefined)
    throw new NotCovered("the inverse transform of real numbers");
  const [cosines, sines] = waves(c, length, bins, length, x.type.dtype);
  const share = numberLike(c, rational(1, length), x);
  if (!onesided) {
    const parts = [
      c.sub(along(c, real, cosines), along(c, imaginary, sines)),
      c.add(along(c, real, sines), along(c, imaginary, cosines)),
    ];
    return joined(
      c,
      parts.map((part) => c.mul(part, share)),
      axis,
    );
  }
  // Each frequency but the first, and the last of an even length, stands for its opposite too.
  const counts = range(bins).map((k) => (k === 0 || 2 * k === length ? 1 : 2));
  const weights = c.cast(c.list(counts, [bins], "int64"), x.type.dtype);
  const [a, b] = [c.mul(real, weights), c.mul(imaginary, weights)];
  return joined(c, [c.mul(c.sub(along(c, a, cosines), along(c, b, sines)), share)], axis);
}

const fourier: Lower = (c) => {
  const x = c.input(0);
  const rank = x.type.shape.length;
  const given = c.version < 20 ? undefined : c.optional(2);
  const own =
    given === undefined ? c.int("axis", c.version < 20 ? 1 : -2) : at(c.integers(given, "the axis"), 0);
  const axis = c.wrapped(own, rank);
  const [isInverse, onesided] = [c.flag("inverse"), c.flag("onesided")];
  const size = c.concrete(at(x.type.shape, axis), "a transform");
  const wanted = c.optional(1);
  const length =
    wanted === undefined
      ? isInverse && onesided
        ? 2 * (size - 1)
        : size
      : at(c.integers(wanted, "the length"), 0);
  return isInverse ? inverse(c, x, axis, length, onesided) : transform(c, x, axis, length, onesided);
};

/** Transforms of windows along the signal: [batch, frames, bins, 2]. */
const shortTimeFourier: Lower = (c) => {
  const x = c.input(0);
  const step = at(c.integers(c.input(1), "the step"), 0);
  const [window, given] = [c.optional(2), c.optional(3)];
  const length = given === undefined ? Number(window?.type.shape[0]) : at(c.integers(given, "the length"), 0);
  const frames = c.apply("Windows", [x], { axis: 1, size: length, step, dilation: 1 });
  const shaped = window === undefined ? frames : c.mul(frames, c.reshape(window, [length, 1]));
  return transform(c, shaped, 2, length, c.flag("onesided", true));
};

/** A depthwise convolution over the past, whose last elements are handed on. */
const causalConvolution: Lower = (c) => {
  const [x, kernel, bias, past] = [c.input(0), c.input(1), c.optional(2), c.optional(3)];
  const reach = c.concrete(at<Dim>(kernel.type.shape, 2), "the reach of a kernel") - 1;
  const groups = c.concrete(at<Dim>(x.type.shape, 1), "channels");
  const zeros = (): Node => c.stretch(c.constant(0, x.type.dtype), x.type.shape.with(2, reach));
  const wide = c.concat([past ?? zeros(), x], 2);
  const attrs = { strides: [1], padding: [[0, 0]] as [number, number][], dilation: [1], groups };
  const y = withBias(c, c.apply("Convolution", [wide, kernel], attrs), bias, 1);
  const size = at<Dim>(wide.type.shape, 2);
  const state = c.slice(wide, 2, subtractDims(size, reach), size);
  return [c.text("activation", "none") === "none" ? y : c.apply("Silu", [y], {}), state];
};

export const signals: Rows = {
  HannWindow: windowOf([rational(1, 2), rational(-1, 2)]),
  HammingWindow: windowOf([rational(25, 46), rational(-21, 46)]),
  BlackmanWindow: windowOf([rational(42, 100), rational(-1, 2), rational(8, 100)]),
  DFT: fourier,
  STFT: shortTimeFourier,
  CausalConvWithState: causalConvolution,
};
