/** @file Edits of the set of parameters: shared, separate, or one too many. */
import { at } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { type Builder, type Graph, type Node, rebuild } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { isParameter, isParameterLike } from "../ops/traits.ts";
import { besidesOperand } from "./beside.ts";
import type { Edit } from "./edit.ts";
import type { Namer } from "./names.ts";

/** Another parameter of the same shape in the place of this one. */
export function shareEdits(spec: Graph, node: Node, names: Namer): Edit[] {
  return spec.parameters
    .map((parameter) => parameter.node as Node)
    .filter((other) => other !== node && other.id < node.id && equalShapes(other.type.shape, node.type.shape))
    .map((other) => ({
      kind: "shared-parameter",
      node,
      words: `${names.value(other)} is used in the place of ${names.value(node)}: one parameter where the spec has two`,
      make: (_, __, imageOf) => imageOf(other),
    }));
}

/** A parameter of its own where the spec uses one in several places. */
export function separateEdits(spec: Graph, node: Node, names: Namer): Edit[] {
  return node.inputs.flatMap((input, index) => {
    const users = spec.nodes.filter((user) => user.inputs.includes(input));
    if (!isParameter(input) || users.length < 2) return [];
    return [
      {
        kind: "separate-parameters" as const,
        node,
        ...besidesOperand(spec, node, input),
        words: `${names.value(input)} is a parameter of its own here, where the spec shares it`,
        make: (builder: Builder, inputs: readonly Node[]): Node => {
          const attrs = { ...input.attrs, name: `${input.attrs.name}'` };
          const own = builder.node("Parameter", [], attrs) as Node;
          return rebuild(
            builder,
            node,
            inputs.map((x, i) => (i === index ? own : x)),
          );
        },
      },
    ];
  });
}

/** A parameter of its own added to what a layer computes, along the axis that the layer's weight gives to it. */
export function extraBiasEdits(node: Node, names: Namer): Edit[] {
  const definition = definitionOf(node.op);
  if (definition.family !== "contraction") return [];
  const types = node.inputs.map(({ type }) => type);
  const { operands, result } = definition.axes(types, node.attrs, node.type);
  return node.inputs.flatMap((weight, place) => {
    const others = operands.filter((_, other) => other !== place).flat();
    const isOwn = (label: string | undefined): boolean =>
      label !== undefined && at(operands, place).includes(label) && !others.includes(label);
    const last = result.findLastIndex(isOwn);
    if (!isParameterLike(weight) || last < 0) return [];
    const shape = node.type.shape.slice(last).map((size, axis) => (axis === 0 ? size : 1));
    return [
      {
        kind: "extra-bias" as const,
        node,
        words: `a bias is added to ${names.value(node)}`,
        make: (builder: Builder, inputs: readonly Node[]): Node => {
          const bias = builder.node("Parameter", [], { name: "b'", shape, dtype: node.type.dtype }) as Node;
          return builder.node("Add", [rebuild(builder, node, inputs), bias], {}) as Node;
        },
      },
    ];
  });
}
