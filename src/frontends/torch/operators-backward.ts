/**
 * @file Operators of gradients, as programs that hold a whole training step contain them: what a gradient of the result is in
 * terms of the operands. Each is the adjoint of a linear map, or follows from the derivative.
 */
import { at, range, zip } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import { elementCount, equalShapes } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { collected } from "../common/order.ts";
import { padded } from "../common/padding.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { adjointConvolution, all, bothSides, perAxis } from "./operators-convolution.ts";
import { contract } from "./operators-linear.ts";
import { laid } from "./operators-pixels.ts";
import { along, shareMatrix } from "./operators-pooling.ts";
import { axesBetween, linearWeights, nearestWeights } from "./operators-resample.ts";

function known(size: unknown): number {
  if (typeof size !== "number") throw new NotCovered("a symbolic size");
  return size;
}
const knownSizes = (x: Node, axes: number): number[] => x.type.shape.slice(-axes).map(known);
const sum = (c: Call, x: Node, axes: readonly number[]): Node => c.apply("Sum", [x], { axes });

/** y (g − Σ g y), which is the gradient of softmax where y is its value. */
const ofSoftmax: Lower = (c) => {
  const [gradient, y] = [c.tensor("grad_output"), c.tensor("output")];
  const axis = c.axis("dim", y.type.shape.length);
  const kept = y.type.shape.length === 0 ? [] : y.type.shape.with(axis, 1);
  if (y.type.shape.length === 0) return c.mul(gradient, c.constant(0, y.type.dtype));
  return c.mul(y, c.sub(gradient, c.reshape(sum(c, c.mul(gradient, y), [axis]), kept)));
};
/** g − eʸ Σ g, where y is the logarithm of softmax. */
const ofLogSoftmax: Lower = (c) => {
  const [gradient, y] = [c.tensor("grad_output"), c.tensor("output")];
  const axis = c.axis("dim", y.type.shape.length);
  if (y.type.shape.length === 0) return c.mul(gradient, c.constant(0, y.type.dtype));
  const total = c.reshape(sum(c, gradient, [axis]), y.type.shape.with(axis, 1));
  return c.sub(gradient, c.mul(c.apply("Exp", [y], {}), total));
};

/** The gradient where the function moves, 0 where it is constant. */
const where =
  (moves: (c: Call, x: Node) => Node): Lower =>
  (c) => {
    const gradient = c.optionalTensor("grad_output") ?? c.tensor("grad_out");
    return c.where(moves(c, c.tensor("self")), gradient, c.constant(0, gradient.type.dtype));
  };
const outside: Lower = where((c, x) => {
  const reach = c.constant(c.number("lambd", rational(1, 2)), x.type.dtype);
  return c.less(reach, c.apply("Abs", [x], {}));
});
const above: Lower = where((c, x) => c.less(c.scalar("threshold", x), x));

// Convolutions

/** Gradients of a convolution's input, kernel and bias; only those that are read. */
const ofConvolution: Lower = (c) => {
  const [gradient, x, kernel] = [c.tensor("grad_output"), c.tensor("input"), c.tensor("weight")];
  const axes = x.type.shape.length - 2;
  const own = {
    strides: perAxis(c, "stride", axes, all(axes, 1)),
    padding: perAxis(c, "padding", axes, all(axes, 0)),
    dilation: perAxis(c, "dilation", axes, all(axes, 1)),
    groups: c.int("groups", 1),
  };
  if (c.bool("transposed", false)) throw new NotCovered("the gradient of a transposed convolution");
  const bias = sum(c, gradient, [0, ...range(axes).map((i) => i + 2)]);
  // What the windows did not reach has gradient 0.
  const rest = zip(knownSizes(x, axes), knownSizes(gradient, axes)).map(([size, count], i) => {
    const [step, around, spread] = [at(own.strides, i), at(own.padding, i), at(own.dilation, i)];
    return size - ((count - 1) * step - 2 * around + spread * (known(at(kernel.type.shape, i + 2)) - 1) + 1);
  });
  const input = adjointConvolution(c, gradient, kernel, { ...own, extra: rest });
  return [input, kernelGradient(c, x, gradient, kernel, own), bias];
};

interface Convolving {
  readonly strides: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}
/** Σ over examples and places of what stood in each window times the gradient there. */
function kernelGradient(c: Call, x: Node, gradient: Node, kernel: Node, own: Convolving): Node {
  const axes = x.type.shape.length - 2;
  const around = padded(c, x, bothSides(own.padding), c.constant(0, x.type.dtype));
  const sizes = knownSizes(kernel, axes);
  const view = range(axes).reduce<Node>(
    (node, i) =>
      c.apply("Windows", [node], {
        axis: 2 + 2 * i,
        size: at(sizes, i),
        step: at(own.strides, i),
        dilation: at(own.dilation, i),
      }),
    around,
  );
  const [batch = 1, channels = 1] = x.type.shape;
  const filters = known(at(kernel.type.shape, 0));
  const share = known(channels) / own.groups;
  const split = c.reshape(view, [batch, own.groups, share, ...view.type.shape.slice(2)]);
  const parted = c.reshape(gradient, [
    batch,
    own.groups,
    filters / own.groups,
    ...gradient.type.shape.slice(2),
  ]);
  const places = range(axes).map((i) => `place${i}`);
  const elements = range(axes).map((i) => `element${i}`);
  const windows = places.flatMap((place, i) => [place, at(elements, i)]);
  const product = contract(c, parted, split, [
    ["n", "g", "f", ...places],
    ["n", "g", "c", ...windows],
    ["g", "f", "c", ...elements],
  ]);
  return c.reshape(product, kernel.type.shape);
}

// Pools and interpolation

/** Each mean's gradient, in equal shares, laid back over its window. */
const ofAveragePool =
  (axes: number): Lower =>
  (c) => {
    const [gradient, x] = [c.tensor("grad_output"), c.tensor("self")];
    const sizes = perAxis(c, "kernel_size", axes, []);
    const steps = perAxis(c, "stride", axes, sizes);
    const padding = perAxis(c, "padding", axes, all(axes, 0));
    const isEven = padding.every((width) => width === 0) || c.bool("count_include_pad", true);
    if (c.bool("ceil_mode", false) || !isEven) throw new NotCovered("windows of different sizes");
    const elements = sizes.reduce((product, size) => product * size, 1);
    const count = c.has("divisor_override") ? c.int("divisor_override") : elements;
    const own = c.div(gradient, c.constant(count, gradient.type.dtype));
    const outer = x.type.shape.slice(0, -axes);
    const counts = knownSizes(gradient, axes);
    const shares = c.stretch(c.reshape(own, [...outer, ...all(axes, 1), ...counts]), [
      ...outer,
      ...sizes,
      ...counts,
    ]);
    const wanted = knownSizes(x, axes);
    return laid(c, shares, { sizes, steps, padding, dilation: all(axes, 1), counts, wanted });
  };

/** The gradient of each largest element goes to its place. */
const ofMaxPool =
  (axes: number): Lower =>
  (c) => {
    const [gradient, x, places] = [c.tensor("grad_output"), c.tensor("self"), c.tensor("indices")];
    const outer = x.type.shape.slice(0, -axes);
    const flat = (node: Node): Node =>
      c.reshape(node, [...outer, elementCount(node.type.shape.slice(-axes))]);
    const size = elementCount(x.type.shape.slice(-axes));
    return c.reshape(collected(c, flat(gradient), flat(places), outer.length, size), x.type.shape);
  };

const ofAdaptiveMean =
  (axes: number): Lower =>
  (c) => {
    const [gradient, x] = [c.tensor("grad_output"), c.tensor("self")];
    const first = x.type.shape.length - axes;
    const counts = knownSizes(gradient, axes);
    return knownSizes(x, axes).reduce((node, size, i) => {
      const matrix = c.transpose(shareMatrix(c, size, at(counts, i), gradient), [1, 0]);
      return along(c, matrix, node, first + i);
    }, gradient);
  };

/** The transposes of the matrices that interpolate. */
const ofInterpolation =
  (axes: number, offset?: number): Lower =>
  (c) => {
    const gradient = c.tensor("grad_output");
    const isAligned = c.bool("align_corners", false);
    const sizes = { from: c.result.shape, to: gradient.type.shape };
    return axesBetween(c, sizes, axes).reduce((node, axis) => {
      const matrix =
        offset === undefined
          ? linearWeights(c, axis, isAligned, gradient)
          : nearestWeights(c, axis, offset, gradient);
      return along(c, c.transpose(matrix, [1, 0]), node, axis.axis);
    }, gradient);
  };

/** Rows of the gradient added to the rows of the table that were looked up. */
const ofEmbedding: Lower = (c) => {
  const [gradient, indices] = [c.tensor("grad_output"), c.tensor("indices")];
  const [count, width] = [elementCount(indices.type.shape), at(c.result.shape, 1)];
  if (c.bool("scale_grad_by_freq", false))
    throw new NotCovered("gradients scaled by how often a row is used");
  const numbers = c.apply("Iota", [], { size: at(c.result.shape, 0), dtype: "int64" });
  const isOwn = c.equal(c.reshape(indices, [count, 1]), numbers);
  const padding = c.int("padding_idx", -1);
  const isUsed = padding < 0 ? isOwn : c.and(isOwn, c.not(c.equal(numbers, c.constant(padding, "int64"))));
  const rows = c.reshape(gradient, [count, width]);
  return contract(c, c.cast(isUsed, gradient.type.dtype), rows, [
    ["n", "row"],
    ["n", "d"],
    ["row", "d"],
  ]);
};

/** Gradients of attention; the weights follow from the scores and the logarithms of their sums. */
const ofAttention: Lower = (c) => {
  const [gradient, q, k, v, out] = ["grad_out", "query", "key", "value", "out"].map((name) =>
    c.tensor(name),
  ) as [Node, Node, Node, Node, Node];
  const rank = q.type.shape.length;
  if (c.bool("is_causal", false) || c.optionalTensor("attn_mask") !== undefined)
    throw new NotCovered("the gradient of attention with a mask");
  const batch = range(rank - 2).map((axis) => `batch${axis}`);
  const of = (...last: readonly string[]): string[] => [...batch, ...last];
  const { dtype } = q.type;
  const width = c.constant(known(at(q.type.shape, rank - 1)), dtype);
  const scale = c.has("scale")
    ? c.scalar("scale", q)
    : c.apply("Reciprocal", [c.apply("Sqrt", [width], {})], {});
  const scores = c.mul(contract(c, q, k, [of("q", "d"), of("k", "d"), of("q", "k")]), scale);
  const sums = c.tensor("logsumexp");
  if (!equalShapes(sums.type.shape, q.type.shape.slice(0, -1)))
    throw new NotCovered("the gradient of attention by something else than the logarithms of its sums");
  const weights = c.apply("Exp", [c.sub(scores, c.reshape(sums, [...sums.type.shape, 1]))], {});
  const ofWeights = contract(c, gradient, v, [of("q", "e"), of("k", "e"), of("q", "k")]);
  const total = sum(c, c.mul(gradient, out), [rank - 1]);
  const ofScores = c.mul(c.mul(weights, c.sub(ofWeights, c.reshape(total, [...total.type.shape, 1]))), scale);
  return [
    contract(c, ofScores, k, [of("q", "k"), of("k", "d"), of("q", "d")]),
    contract(c, ofScores, q, [of("q", "k"), of("q", "d"), of("k", "d")]),
    contract(c, weights, gradient, [of("q", "k"), of("q", "e"), of("k", "e")]),
  ];
};

const each = (lower: Lower, ...names: readonly string[]): Rows =>
  Object.fromEntries(names.map((name) => [`aten.${name}.default`, lower]));

export const gradients: Rows = {
  ...each(ofSoftmax, "_softmax_backward_data"),
  ...each(ofLogSoftmax, "_log_softmax_backward_data"),
  ...each(outside, "hardshrink_backward", "softshrink_backward"),
  ...each(above, "threshold_backward"),
  ...each(ofConvolution, "convolution_backward"),
  ...each(ofAveragePool(2), "avg_pool2d_backward"),
  ...each(ofAveragePool(3), "avg_pool3d_backward"),
  ...each(ofMaxPool(2), "max_pool2d_with_indices_backward", "adaptive_max_pool2d_backward"),
  ...each(ofMaxPool(3), "max_pool3d_with_indices_backward"),
  ...each(ofAdaptiveMean(2), "_adaptive_avg_pool2d_backward"),
  ...each(ofAdaptiveMean(3), "_adaptive_avg_pool3d_backward"),
  ...each(ofInterpolation(1), "upsample_linear1d_backward"),
  ...each(ofInterpolation(2), "upsample_bilinear2d_backward"),
  ...each(ofInterpolation(3), "upsample_trilinear3d_backward"),
  ...each(ofInterpolation(1, 0), "upsample_nearest1d_backward"),
  ...each(ofInterpolation(2, 0), "upsample_nearest2d_backward"),
  ...each(ofInterpolation(3, 0), "upsample_nearest3d_backward"),
  ...each(ofInterpolation(1, 0.5), "_upsample_nearest_exact1d_backward"),
  ...each(ofInterpolation(2, 0.5), "_upsample_nearest_exact2d_backward"),
  ...each(ofInterpolation(3, 0.5), "_upsample_nearest_exact3d_backward"),
  ...each(ofEmbedding, "embedding_dense_backward"),
  ...each(ofAttention, "_scaled_dot_product_flash_attention_for_cpu_backward"),
};
