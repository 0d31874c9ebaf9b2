/** @file What values are called in messages. */
import type { Graph, Node } from "../ir/graph.ts";
import { isParameter } from "../ops/traits.ts";

/** Names the values of a spec: as it calls them, else by what they are. */
export function nameIn(graph: Graph): (node: Node) => string {
  return (node) => {
    const label = graph.labels.get(node);
    if (label !== undefined) return label;
    if ("name" in node.attrs && typeof node.attrs.name === "string") return node.attrs.name;
    return node.op.toLowerCase();
  };
}

/** Names the parameters of the code by their first name there. */
export function codeNamer(code: Graph): (parameter: Node) => string {
  const names = new Map<Node, string>(
    code.parameters.map((parameter) => [parameter.node as unknown as Node, parameter.names.join(" = ")]),
  );
  return (node) => names.get(node) ?? (isParameter(node) ? node.attrs.name : node.op.toLowerCase());
}
