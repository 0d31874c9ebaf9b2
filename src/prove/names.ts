/** @file What values are called in messages. */
import { dimText } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isParameter } from "../ops/traits.ts";

/** Names for values and axes. */
export interface Namer {
  value(node: Node): string;
  axis(node: Node, axis: number): string;
}

/**
 * Names the values of a spec as it calls them, else by what they are, and axes by their sizes' names. `original` leads to
 * the spec as written, where sizes still have names.
 */
export function nameIn(graph: Graph, original: (node: Node) => Node | undefined = (node) => node): Namer {
  return {
    value: (node) => {
      const label = graph.labels.get(node);
      if (label !== undefined) return label;
      if ("name" in node.attrs && typeof node.attrs.name === "string") return node.attrs.name;
      return node.op.toLowerCase();
    },
    axis: (node, axis) => {
      const size = original(node)?.type.shape[axis];
      return size === undefined || typeof size === "number" ? `axis ${axis}` : `axis ${dimText(size)}`;
    },
  };
}

/** Names the parameters of the code by their first name there. */
export function codeNamer(code: Graph): (parameter: Node) => string {
  const names = new Map<Node, string>(
    code.parameters.map((parameter) => [parameter.node as unknown as Node, parameter.names.join(" = ")]),
  );
  return (node) => names.get(node) ?? (isParameter(node) ? node.attrs.name : node.op.toLowerCase());
}
