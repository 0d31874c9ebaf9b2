/** @file Replaces uses of blocks by the blocks' bodies. */
import { bodyGraph } from "../ir/body.ts";
import { type Graph, type Node, rebuild, transform } from "../ir/graph.ts";
import { embed } from "../ops/call.ts";
import { newBuilder } from "../ops/table.ts";
import { isCall } from "../ops/traits.ts";

/** The graph without uses of blocks, and what stands for each node. */
export function unfold(graph: Graph): { readonly graph: Graph; readonly image: ReadonlyMap<Node, Node> } {
  const builder = newBuilder();
  const inlined = (node: Node, inputs: readonly Node[]): Node =>
    isCall(node)
      ? embed(builder, bodyGraph(node.attrs.body), inputs, node.attrs.given, inlined)
      : rebuild(builder, node, inputs);
  return transform(graph, builder, inlined);
}
