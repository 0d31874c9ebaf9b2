/** @file Graphs inside operators. An attribute holds a body as an opaque value; here it is made and opened. */
import { get, invariant } from "../base/assert.ts";
import { shapeText } from "./dim.ts";
import { attributeText, type Graph, type Node } from "./graph.ts";
import type { Body } from "./operators.ts";

const graphs = new WeakMap<Body, Graph>();

/** The body that a graph is; equal graphs have equal keys, whatever their places in the source. */
export function nest(graph: Graph): Body {
  const key = keyOf(graph);
  const body = Object.freeze({ key, toJSON: () => key });
  graphs.set(body, graph);
  return body;
}

export function bodyGraph(body: Body): Graph {
  const graph = graphs.get(body);
  invariant(graph !== undefined, "a body is made by nest");
  return graph;
}

function keyOf(graph: Graph): string {
  const number = new Map<Node, number>();
  const inputs: readonly Node[] = graph.inputs;
  const lines = [...inputs, ...graph.nodes.filter((node) => !inputs.includes(node))].map((node, index) => {
    number.set(node, index);
    // An input is known by its position.
    const attributes = inputs.includes(node)
      ? `${node.type.dtype}${shapeText(node.type.shape)}`
      : attributeText(node.attrs);
    return `${node.op}(${node.inputs.map((input) => get(number, input)).join(",")})${attributes}`;
  });
  return `${lines.join(";")}->${graph.outputs.map(({ node }) => get(number, node)).join(",")}`;
}
