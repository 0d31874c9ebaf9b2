/**
 * @file Normalisation of channels: by kept averages, `batch_normalize_C(x, mu, v, gamma, beta, eps)`, and in groups,
 * `group_normalize_C(x, gamma, beta, eps, groups = 8)`.
 */
import { at, range } from "../base/assert.ts";
import type { Rational } from "../base/rational.ts";
import { type Dim, dimText, equalDims } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { groupedShape, groupNormalize } from "../ops/channels.ts";
import { namedPlaces } from "./along.ts";
import type { Meaning } from "./meaning.ts";
import type { Call } from "./syntax.ts";
import type { Tensor } from "./tensors.ts";

/** γ (x − μ) / √(σ² + ε) + β, with vectors along the axis that the subscript names. */
export function batchNormalized(meaning: Meaning, call: Call): Tensor {
  const { tensors } = meaning;
  const { x, place, vectors, constants } = channelsOf(meaning, call, 4);
  const laid = vectors.map((vector) => column(tensors, vector, x, place));
  const [mean, variance, gain, shift] = laid as [Node, Node, Node, Node];
  const epsilon = tensors.constant(at(constants, 0)).node;
  const deviation = tensors.node("Sqrt", [tensors.node("Add", [variance, epsilon], {})], {});
  const scaled = tensors.node("Div", [tensors.node("Sub", [x.node, mean], {}), deviation], {});
  return { ...x, node: tensors.node("Add", [tensors.node("Mul", [scaled, gain], {}), shift], {}) };
}

/** The same with the mean and the variance of each group of channels, as many as `groups` says. */
export function groupNormalized(meaning: Meaning, call: Call): Tensor {
  const { tensors } = meaning;
  const options = call.args.filter((arg) => arg.kind === "option");
  const args = call.args.filter((arg) => arg.kind !== "option");
  const { x, place, vectors, constants } = channelsOf(meaning, { ...call, args }, 2);
  const [option, ...others] = options;
  const value =
    option?.name === "groups" && others.length === 0 ? meaning.constants.of(option.value) : undefined;
  if (value?.denominator !== 1n || value.numerator <= 0n) {
    const got = `${call.name} without a number of groups`;
    throw tensors.source.wrong(
      "A3020",
      (option ?? call).position,
      got,
      "`groups = 8` behind the other arguments",
    );
  }
  const groups = Number(value.numerator);
  const { shape } = x.node.type;
  if (groupedShape(shape, place, groups) === undefined) {
    const got = `${dimText(at(shape, place))} channels in ${groups} groups`;
    throw tensors.source.wrong("A3013", call.position, got, "as many channels in each group");
  }
  const epsilon = at(constants, 0);
  const node = groupNormalize.expand(tensors.build, [x.node, ...vectors], { axis: place, groups, epsilon });
  return { ...x, node };
}

interface Channels {
  readonly x: Tensor;
  /** The axis of channels in the node. */
  readonly place: number;
  readonly vectors: readonly Node[];
  readonly constants: readonly Rational[];
}

/** The arguments of a call: a tensor, vectors along the axis of its subscript, and a number. */
function channelsOf(meaning: Meaning, call: Call, count: number): Channels {
  const { tensors } = meaning;
  const { tensors: args, constants } = meaning.args(call, count + 1, 1);
  const [x, ...vectors] = args;
  if (x === undefined || call.subscript.length !== 1) {
    const got = `${call.name} without an axis`;
    throw tensors.source.wrong("A3015", call.position, got, "the axis as a subscript");
  }
  const place = at(namedPlaces(meaning, call, { severalAxes: false }, x), 0);
  const size = at(x.node.type.shape, place);
  for (const [i, vector] of vectors.entries()) {
    const [own, ...more] = vector.node.type.shape;
    if (own !== undefined && more.length === 0 && equalDims(own, size)) continue;
    const got = `${tensors.shapeText(vector)} along that axis of ${tensors.shapeText(x)}`;
    const { position } = at(call.args, i + 1);
    throw tensors.source.wrong("A3013", position, got, "a vector with one number for each channel");
  }
  return { x, place, vectors: vectors.map(({ node }) => node), constants };
}

/** A vector along one axis of a tensor. */
function column(tensors: Meaning["tensors"], vector: Node, x: Tensor, place: number): Node {
  const behind = range(x.node.type.shape.length - place - 1).map((): Dim => 1);
  return tensors.reshaped(vector, [at(vector.type.shape, 0), ...behind]);
}
