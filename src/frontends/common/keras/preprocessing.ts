/** @file Layers that bring inputs to an ordinary size. */
import { at, range } from "../../../base/assert.ts";
import { equal, rational } from "../../../base/rational.ts";
import type { Node } from "../../../ir/graph.ts";
import { arrayNode } from "../literals.ts";
import { maximum } from "./activations.ts";
import { isObject, type Json } from "./config.ts";
import { random, real } from "./dense.ts";
import type { Layer, Lower, Rows } from "./layer.ts";
import { NotCovered } from "./problem.ts";

/** Numbers of an option, laid along the last axis where they are several. */
function optionNumbers(c: Layer, name: string, value: Json): number[] {
  const inner = isObject(value) && isObject(value["config"]) ? value["config"]["value"] : value;
  const list = Array.isArray(inner) ? inner : [inner];
  const flat = list.flat(8) as readonly unknown[];
  if (flat.every((item) => typeof item === "number")) return flat as number[];
  throw c.config.misses(name, "numbers");
}

/** The numbers of an option: one, or a few along the last axis. */
function optionNode(c: Layer, name: string, usual: number, x: Node): Node {
  const value = c.config.get(name);
  const numbers = value === undefined ? [usual] : optionNumbers(c, name, value);
  const first = at(numbers, 0);
  if (numbers.every((number) => number === first)) return c.rational(c.exact(first), x);
  const size = at(x.type.shape, x.type.shape.length - 1);
  // Python computes with double precision before Keras rounds.
  const node = numbers.length === size ? arrayNode(c, numbers, [size], "float64") : undefined;
  if (node === undefined) throw new NotCovered(`${numbers.length} numbers for ${name}`);
  return c.cast(node, x.type.dtype);
}

const rescaling: Lower = (c) => {
  const x = real(c, c.input);
  const [scale, offset] = [optionNode(c, "scale", 1, x), optionNode(c, "offset", 0, x)];
  const product = isNumber(scale, 1) ? x : c.mul(scale, x);
  return isNumber(offset, 0) ? product : c.add(product, offset);
};
const isNumber = (node: Node, value: number): boolean =>
  node.op === "Constant" && equal(node.attrs.value, rational(value));

/** The statistics that adapt() found, along the axes that are kept. */
function adapted(c: Layer, x: Node): readonly [Node, Node] {
  const rank = x.type.shape.length;
  const kept = c.config.has("axis") ? c.config.axes("axis", rank, [-1]) : [];
  const shape = range(rank).map((axis) => (kept.includes(axis) ? at(x.type.shape, axis) : 1));
  const statistic = (index: number, name: string): Node =>
    c.reshape(c.weight(index, name, undefined, false), shape);
  return [statistic(0, "mean"), statistic(1, "variance")];
}

/** (x − mean) / max(√variance, 1e-7) with given statistics or those that adapt() found. */
const normalization: Lower = (c) => {
  const x = real(c, c.input);
  const [mean, variance] = c.config.has("mean")
    ? [optionNode(c, "mean", 0, x), optionNode(c, "variance", 1, x)]
    : adapted(c, x);
  const spread = maximum(c, c.apply("Sqrt", [variance], {}), c.rational(rational(1, 10_000_000), x));
  return c.config.bool("invert", false) ? c.add(mean, c.mul(x, spread)) : c.div(c.sub(x, mean), spread);
};

/** Layers that change images in training alone (keras.layers, image_preprocessing). */
const augmentations =
  "AugMix CutMix MixUp RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomElasticTransform " +
  "RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization " +
  "RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom Solarization";

export const preprocessingLayers: Rows = {
  Rescaling: rescaling,
  Normalization: normalization,
  ...Object.fromEntries(augmentations.split(" ").map((name) => [name, random])),
};
