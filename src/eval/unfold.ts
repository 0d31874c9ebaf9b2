/** @file Replaces uses of blocks by the blocks' bodies. */
import { type Graph, type Node, rebuild, transform } from "../ir/graph.ts";
import { Embedding } from "../ops/call.ts";
import { newBuilder } from "../ops/table.ts";
import { isCall } from "../ops/traits.ts";

/** The graph without uses of blocks, and what stands for each node. */
export function unfold(graph: Graph): { readonly graph: Graph; readonly image: ReadonlyMap<Node, Node> } {
  const builder = newBuilder();
  const inlined = (node: Node, inputs: readonly Node[]): Node => {
    return isCall(node) ? bodies.result(node.attrs, inputs) : rebuild(builder, node, inputs);
  };
  const bodies = new Embedding(builder, inlined);
  return transform(graph, builder, inlined);
}
