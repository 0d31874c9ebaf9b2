/** @file Batch normalisation by kept averages: `batch_normalize_C(x, mu, v, gamma, beta, eps)`. */
import { at, range } from "../base/assert.ts";
import { type Dim, equalDims } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { namedPlaces } from "./along.ts";
import type { Meaning } from "./meaning.ts";
import type { Call } from "./syntax.ts";
import type { Tensor } from "./tensors.ts";

/** γ (x − μ) / √(σ² + ε) + β, with vectors along the axis that the subscript names. */
export function batchNormalized(meaning: Meaning, call: Call): Tensor {
  const { tensors } = meaning;
  const { tensors: args, constants } = meaning.args(call, 5, 1);
  const [x, ...vectors] = args;
  if (x === undefined || call.subscript.length !== 1)
    throw tensors.source.wrong(
      "A3015",
      call.position,
      `${call.name} without an axis`,
      "the axis as a subscript",
    );
  const place = at(namedPlaces(meaning, call, { severalAxes: false }, x), 0);
  const size = at(x.node.type.shape, place);
  const laid = vectors.map((vector, i) => {
    const [own, ...more] = vector.node.type.shape;
    if (own !== undefined && more.length === 0 && equalDims(own, size))
      return column(tensors, vector.node, x, place);
    const got = `${tensors.shapeText(vector)} along that axis of ${tensors.shapeText(x)}`;
    const { position } = at(call.args, i + 1);
    throw tensors.source.wrong("A3013", position, got, "a vector with one number for each channel");
  });
  const [mean, variance, gain, shift] = laid as [Node, Node, Node, Node];
  const epsilon = tensors.constant(at(constants, 0)).node;
  const deviation = tensors.node("Sqrt", [tensors.node("Add", [variance, epsilon], {})], {});
  const scaled = tensors.node("Div", [tensors.node("Sub", [x.node, mean], {}), deviation], {});
  return { ...x, node: tensors.node("Add", [tensors.node("Mul", [scaled, gain], {}), shift], {}) };
}

/** A vector along one axis of a tensor. */
function column(tensors: Meaning["tensors"], vector: Node, x: Tensor, place: number): Node {
  const behind = range(x.node.type.shape.length - place - 1).map((): Dim => 1);
  return tensors.reshaped(vector, [at(vector.type.shape, 0), ...behind]);
}
