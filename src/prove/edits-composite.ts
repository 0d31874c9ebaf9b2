/**
 * @file Edits inside what a spec writes as one normalisation: its definition is opened, and edited as if the spec had written
 * it out.
 */
import { at, get, zip } from "../base/assert.ts";
import { type Builder, type Graph, type Node, rebuild } from "../ir/graph.ts";
import { isReal, type TensorType } from "../ir/type.ts";
import { misfit } from "../ops/define.ts";
import { definitionOf, newBuilder } from "../ops/table.ts";
import { isStored } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import { opWords } from "./edit-variants.ts";
import { arithmeticEdits } from "./edits-arithmetic.ts";
import { exchangeEdits } from "./edits-exchange.ts";
import { dropEdits } from "./edits-function.ts";
import { reductionEdits } from "./edits-reduction.ts";
import { type Namer, nameIn } from "./names.ts";

/** Edits of the steps that a normalisation stands for. */
export function innerEdits(node: Node): Edit[] {
  if (definitionOf(node.op).family !== "normalisation") return [];
  const types = node.inputs.map(({ type }) => type);
  return editsInside(opened(node, types)).map((inner, index) => ({
    ...inner,
    node,
    isInside: true,
    words: `in ${opWords(node)}, ${inner.words}`,
    make: (builder, inputs) => {
      // Other copies of the node may have operands of other sizes.
      const graph = opened(
        node,
        inputs.map(({ type }) => type),
      );
      const edit = editsInside(graph)[index];
      if (edit?.kind !== inner.kind)
        throw misfit(node.op, "a step that its definition does not have", "its own");
      return closed(builder, graph, inputs, edit);
    },
  }));
}

/** The definition of a composite as a graph of its own. */
function opened(node: Node, types: readonly TensorType[]): Graph {
  const builder = newBuilder();
  const definition = definitionOf(node.op);
  const inputs = types.map(({ shape, dtype }, place) =>
    builder.node("Input", [], { name: at(operandNames, place), shape, dtype }),
  );
  const result =
    definition.kind === "composite"
      ? definition.expand(builder, inputs, node.attrs)
      : rebuild(builder, node, inputs);
  return builder.graph({
    name: node.op,
    inputs,
    parameters: [],
    outputs: [{ name: "y", node: result }],
  });
}
const operandNames = ["x", "y", "z", "u", "v"];

const editsInside = (graph: Graph): Edit[] =>
  graph.nodes
    .filter((node) => isReal(node.type.dtype) && !isStored(node))
    .filter(({ inputs }) => inputs.length > 0)
    .flatMap((node) => editsOfStep(node, nameIn(graph)));

const editsOfStep = (node: Node, names: Namer): Edit[] => [
  ...dropEdits(node),
  ...arithmeticEdits(node, names),
  ...reductionEdits(node, names),
  ...exchangeEdits(node, names),
];

/** The opened definition on operands of another graph, with one of its steps edited. */
function closed(builder: Builder, graph: Graph, operands: readonly Node[], { node, make }: Edit): Node {
  const image = new Map<Node, Node>(zip(graph.inputs, operands));
  const imageOf = (inner: Node): Node => get(image, inner);
  for (const step of graph.nodes) {
    if (image.has(step)) continue;
    const inputs = step.inputs.map(imageOf);
    image.set(step, step === node ? make(builder, inputs, imageOf) : rebuild(builder, step, inputs));
  }
  return imageOf(at(graph.outputs, 0).node);
}
