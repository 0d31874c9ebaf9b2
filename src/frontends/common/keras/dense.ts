/** @file Layers that multiply by a matrix, look rows up, or act on each number by itself. */
import { at, range } from "../../../base/assert.ts";
import { one, rational } from "../../../base/rational.ts";
import type { Node } from "../../../ir/graph.ts";
import { isReal } from "../../../ir/type.ts";
import { activate, activated, isAlongAxis, relu } from "./activations.ts";
import { pointwise } from "./channels.ts";
import type { Layer, Lower, Rows } from "./layer.ts";
import { NotCovered } from "./problem.ts";

/** Options that change a weight behind its name. */
function refuseAdapters(c: Layer): void {
  for (const name of ["lora_rank", "quantization_config"]) {
    if (c.config.get(name) !== undefined) throw new NotCovered(`the option ${name}`);
  }
}

const dense: Lower = (c) => {
  refuseAdapters(c);
  const x = c.input;
  const units = c.config.size("units");
  const product = c.product(
    real(c, x),
    c.weight(0, "kernel", [at(x.type.shape, x.type.shape.length - 1), units]),
  );
  const sum = c.config.bool("use_bias", true) ? c.add(product, c.weight(1, "bias", [units])) : product;
  return activated(c, sum, c.config.get("activation"));
};

export const real = (c: Layer, x: Node): Node => (isReal(x.type.dtype) ? x : c.cast(x, "float32"));

/** Axes of an equation as labels; an ellipsis stands for as many as are missing. */
function einsumLabels(equation: string, rank: number): [string, string, string] {
  const [, left = "", right = "", out = ""] =
    /^([\w.]+),(\w+)->([\w.]+)$/.exec(equation.replaceAll(" ", "")) ?? [];
  const count = rank - left.replace("...", "").length;
  if (left === "" || (count !== 0 && !left.includes("...")) || count < 0)
    throw new NotCovered(`the equation ${equation}`);
  const elided = range(count).map((axis) => `e${axis}`);
  const labels = (term: string): string =>
    term
      .split(/(\.\.\.)/)
      .flatMap((piece) => (piece === "..." ? elided : [...piece]))
      .join(" ");
  return [labels(left), labels(right), labels(out)];
}

const einsumDense: Lower = (c) => {
  refuseAdapters(c);
  const x = c.input;
  const equation = c.config.text("equation");
  const labels = einsumLabels(equation, x.type.shape.length);
  const product = c.contract(x, c.weight(0, "kernel"), labels);
  const hasBias = c.config.get("bias_axes") !== undefined;
  const sum = hasBias ? c.add(product, c.weight(1, "bias")) : product;
  return activated(c, sum, c.config.get("activation"));
};

/** Indices as integers. */
const whole = (x: Node): Node => {
  if (!isReal(x.type.dtype)) return x;
  throw new NotCovered("an embedding of numbers that are computed");
};

const embedding: Lower = (c) => {
  refuseAdapters(c);
  const x = whole(c.input);
  const table = c.weight(0, "embeddings", [c.config.size("input_dim"), c.config.size("output_dim")]);
  const rows = c.apply("Take", [table, x], {});
  if (c.config.bool("mask_zero", false)) c.reading.masks.set(rows, c.not(c.equal(x, c.integer(0, x))));
  return rows;
};

/** Looks rows up, or multiplies by the same table the other way round. */
const reversibleEmbedding: Lower = (c) => {
  if (!c.flag(1, "reverse")) return embedding(c);
  const [rows, columns] = [c.config.size("input_dim"), c.config.size("output_dim")];
  const isTied = c.config.bool("tie_weights", true);
  const outer = range(c.input.type.shape.length - 1)
    .map((axis) => `o${axis}`)
    .join(" ");
  const logits = isTied
    ? c.contract(c.input, c.weight(0, "embeddings", [rows, columns]), [`${outer} k`, "m k", `${outer} m`])
    : c.product(c.input, c.weight(1, "reverse_embeddings", [columns, rows]));
  if (!c.config.has("logit_soft_cap")) return logits;
  const cap = c.rational(c.config.number("logit_soft_cap"), logits);
  return c.mul(c.apply("Tanh", [c.div(logits, cap)], {}), cap);
};

const activation: Lower = (c) => {
  const option = c.config.get("activation");
  if (isAlongAxis(option)) return activated(c, c.input, option);
  return pointwise(c, c.input, (x) => activated(c, x, option));
};
/** Layers of one function, whose options are the function's. */
const functionLayer =
  (name: string): Lower =>
  (c) =>
    pointwise(c, c.input, (x) => activate(c, x, name, c.config));

const reluLayer: Lower = (c) =>
  pointwise(c, c.input, (x) => {
    const highest = c.config.has("max_value") ? c.config.number("max_value") : undefined;
    const zero = rational(0);
    return relu(c, x, c.config.number("negative_slope", zero), c.config.number("threshold", zero), highest);
  });
const leakyReluLayer: Lower = (c) => {
  // Keras 2 calls the slope alpha, and has another one where none is given.
  const slope = c.config.has("alpha")
    ? c.config.number("alpha")
    : c.config.number("negative_slope", rational(3, 10));
  return pointwise(c, c.input, (x) => c.apply("LeakyRelu", [x], { slope }));
};
/** Keras 2: x above a threshold, 0 elsewhere. */
const thresholded: Lower = (c) => relu(c, c.input, rational(0), c.config.number("theta", one), undefined);

const prelu: Lower = (c) => {
  const x = c.input;
  const alpha = c.weight(0, "alpha");
  const below = c.apply("Relu", [c.apply("Neg", [x], {})], {});
  return c.sub(c.apply("Relu", [x], {}), c.mul(alpha, below));
};

const softmax: Lower = (c) => {
  const x = c.input;
  if (c.argument(1, "mask") !== undefined || c.mask(x) !== undefined)
    throw new NotCovered("a softmax with a mask");
  return softmaxOver(c, x, c.config.axes("axis", x.type.shape.length, [-1]));
};
/** Over several axes at once where there are several. */
export function softmaxOver(c: Layer, x: Node, axes: readonly number[]): Node {
  const [axis, ...more] = axes;
  if (axis !== undefined && more.length === 0) return c.apply("Softmax", [x], { axis });
  const weights = c.apply("Exp", [c.sub(x, c.kept("Max", x, axes))], {});
  return c.div(weights, c.kept("Sum", weights, axes));
}

const same: Lower = (c) => c.args[0] ?? null;
/** What is done in training alone. */
export const random: Lower = (c) => {
  c.note(`${c.className} is off, as it is at inference`);
  return c.input;
};

/** Where all features of a position have one value, it counts for nothing and its features are 0. */
const masking: Lower = (c) => {
  const x = c.input;
  const value = c.rational(c.config.number("mask_value", rational(0)), x);
  const last = x.type.shape.length - 1;
  // "any" is the largest of truths as numbers.
  const different = c.cast(c.not(c.equal(x, value)), "int32");
  const isReal = c.less(c.constant(0, "int32"), c.apply("Max", [different], { axes: [last] }));
  const kept = c.where(c.withAxis(isReal, last), x, c.integer(0, x));
  c.reading.masks.set(kept, isReal);
  return kept;
};

export const denseLayers: Rows = {
  Dense: dense,
  EinsumDense: einsumDense,
  Embedding: embedding,
  ReversibleEmbedding: reversibleEmbedding,
  Activation: activation,
  ReLU: reluLayer,
  LeakyReLU: leakyReluLayer,
  ELU: functionLayer("elu"),
  ThresholdedReLU: thresholded,
  PReLU: prelu,
  Softmax: softmax,
  Masking: masking,
  Identity: same,
  InputLayer: same,
  Dropout: random,
  SpatialDropout1D: random,
  SpatialDropout2D: random,
  SpatialDropout3D: random,
  AlphaDropout: random,
  GaussianDropout: random,
  GaussianNoise: random,
  ActivityRegularization: same,
  // Of keras.applications.
  LayerScale: (c) => c.mul(c.input, c.weight(0, "gamma")),
  StochasticDepth: random,
};
