/** @file Puts numbers in the place of symbolic sizes, so that shapes that happen to be equal can be compared. */
import { mapIntegers } from "../ir/attributes.ts";
import { bodyGraph, nest } from "../ir/body.ts";
import { substitute } from "../ir/dim.ts";
import { applied, type Graph, type Node, transform } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { newBuilder } from "../ops/table.ts";

/** The graph with the given sizes; symbols that the map lacks stay. `image` leads from its nodes to the new ones. */
export function specialise(
  graph: Graph,
  sizes: ReadonlyMap<string, number>,
): { readonly graph: Graph; readonly image: ReadonlyMap<Node, Node> } {
  const builder = newBuilder();
  return transform(graph, builder, (node, inputs) => applied(builder, node.op, inputs, concrete(node.attrs)));

  function concrete(attrs: OpAttrs[OpName]): OpAttrs[OpName] {
    const own = mapIntegers(attrs, (dim) => substitute(dim, sizes));
    return "body" in own ? { ...own, body: nest(specialise(bodyGraph(own.body), sizes).graph) } : own;
  }
}
