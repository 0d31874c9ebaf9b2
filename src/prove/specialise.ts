/** @file Puts numbers in the place of symbolic sizes, so that shapes that happen to be equal can be compared. */
import { type Shape, substitute } from "../ir/dim.ts";
import { applied, type Graph, type Node, transform } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";

/** The graph with the given sizes; symbols that the map lacks stay. `image` leads from its nodes to the new ones. */
export function specialise(
  graph: Graph,
  sizes: ReadonlyMap<string, number>,
): { readonly graph: Graph; readonly image: ReadonlyMap<Node, Node> } {
  const builder = newBuilder();
  return transform(graph, builder, (node, inputs) => {
    const attrs = "shape" in node.attrs ? { ...node.attrs, shape: concrete(node.attrs.shape) } : node.attrs;
    return applied(builder, node.op, inputs, attrs);
  });

  function concrete(shape: Shape): Shape {
    return shape.map((dim) => substitute(dim, sizes));
  }
}
