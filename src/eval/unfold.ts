/** @file Replaces uses of blocks by the blocks' bodies. */
import { get, only, zip } from "../base/assert.ts";
import { bodyGraph } from "../ir/body.ts";
import { type Graph, type Node, rebuild, transform } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import { isCall } from "../ops/traits.ts";

/** The graph without uses of blocks, and what stands for each node. */
export function unfold(graph: Graph): { readonly graph: Graph; readonly image: ReadonlyMap<Node, Node> } {
  const builder = newBuilder();
  const inlined = (node: Node, inputs: readonly Node[]): Node => {
    if (!isCall(node)) return rebuild(builder, node, inputs);
    const body = bodyGraph(node.attrs.body);
    const leaves: readonly Node[] = [...body.inputs, ...body.parameters.map((parameter) => parameter.node)];
    const images = new Map<Node, Node>(zip(leaves, inputs));
    for (const inner of body.nodes) {
      if (images.has(inner)) continue;
      const operands = inner.inputs.map((input) => get(images, input));
      images.set(
        inner,
        builder.at(body.origins.get(inner), () => inlined(inner, operands)),
      );
    }
    return get(images, only(body.outputs).node);
  };
  return transform(graph, builder, inlined);
}
