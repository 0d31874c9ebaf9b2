/** @file Rules that gather what is done along the axis of channels. */
import { at, range } from "../base/assert.ts";
import { equalDims, equalShapes } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { as, bothOrders, constantValue, firstOf, type Make, type Rule } from "./rule.ts";

export const channelRules: readonly Rule[] = [
  {
    name: "batch-normalize",
    algebra:
      "(x − μ) / √(σ² + ε) · γ + β with vectors along one axis that is not the last → batch_normalize(x, μ, σ², γ, β, ε)",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([scaled, shift]) => {
        const rank = node.type.shape.length;
        const beta = laid(shift, rank);
        if (as(scaled, "Mul") === undefined || beta === undefined) return undefined;
        return firstOf(bothOrders(scaled), ([quotient, gain]) => {
          const [centred, root] = as(quotient, "Div")?.inputs ?? [];
          const [gamma, deviation] = [gain, root].map((vector) => vector && laid(vector, rank));
          if (gamma?.axis !== beta.axis || deviation === undefined) return undefined;
          return averaged(node, centred, { gamma: gamma.vector, deviation }, beta, make);
        });
      }),
  },
  {
    name: "batch-normalize-with-gain",
    algebra:
      "(x − μ) · (γ / √(σ² + ε)) + β with vectors along one axis that is not the last → batch_normalize(x, μ, σ², γ, β, ε)",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([scaled, shift]) => {
        const rank = node.type.shape.length;
        const beta = laid(shift, rank);
        if (as(scaled, "Mul") === undefined || beta === undefined) return undefined;
        return firstOf(bothOrders(scaled), ([centred, gain]) => {
          const factor = laid(gain, rank);
          const [gamma, root] = as(factor?.vector, "Div")?.inputs ?? [];
          if (factor === undefined || gamma?.type.shape.length !== 1 || root === undefined) return undefined;
          return averaged(node, centred, { gamma, deviation: { ...factor, vector: root } }, beta, make);
        });
      }),
  },
  {
    name: "bias-of-convolution",
    algebra: "conv(x, w) + b with b along the axis of filters → conv(x, w, b)",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([product, shift]) => {
        const convolution = as(product, "Convolution");
        const bias = laid(shift, node.type.shape.length);
        const isOfFilters =
          bias?.axis === node.type.shape.length - 1 - (convolution?.attrs.strides.length ?? 0);
        if (convolution === undefined || bias === undefined || !isOfFilters) return undefined;
        if (!equalShapes(product.type.shape, node.type.shape)) return undefined;
        return make("BiasedConvolution", [...convolution.inputs, bias.vector], convolution.attrs);
      }),
  },
];

interface Along {
  readonly vector: Node;
  readonly axis: number;
}

/** What scales x − μ: γ and √(σ² + ε), the latter along an axis. */
interface Scale {
  readonly gamma: Node;
  readonly deviation: Along;
}

/** The batch normalisation of x that `node` is, where `centred` is x − μ, and `shift` β. */
function averaged(
  node: Node,
  centred: Node | undefined,
  { gamma, deviation }: Scale,
  shift: Along,
  make: Make,
): Node | undefined {
  const [x, mean] = as(centred, "Sub")?.inputs ?? [];
  const mu = mean && laid(mean, node.type.shape.length);
  const sum = as(as(deviation.vector, "Sqrt")?.inputs[0], "Add");
  if (x === undefined || mu === undefined || sum === undefined) return undefined;
  const { axis } = shift;
  if (mu.axis !== axis || deviation.axis !== axis || !equalShapes(x.type.shape, node.type.shape))
    return undefined;
  return firstOf(bothOrders(sum), ([variance, number]) => {
    const epsilon = constantValue(number);
    if (epsilon === undefined || variance.type.shape.length !== 1) return undefined;
    return make("BatchNormalize", [x, mu.vector, variance, gamma, shift.vector], { axis, epsilon });
  });
}

/** The vector that NumPy lays along an axis before the last of tensors of this rank. */
export function laid(node: Node, rank: number): Along | undefined {
  const vector = as(node, "Reshape")?.inputs[0];
  const { shape } = node.type;
  const place = shape.findIndex((size) => size !== 1);
  if (vector?.type.shape.length !== 1 || place < 0 || place === shape.length - 1) return undefined;
  const others = range(shape.length).filter((axis) => axis !== place);
  const isColumn =
    others.every((axis) => shape[axis] === 1) && equalDims(at(shape, place), at(vector.type.shape, 0));
  return isColumn ? { vector, axis: place + rank - shape.length } : undefined;
}
