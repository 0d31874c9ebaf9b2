/** @file Pairs what a graph calls its inputs and parameters with what its printed equations call them. */
import { get, zip } from "../../src/base/assert.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import type { Equations } from "../../src/notation/equations.ts";
import type { Pair } from "../arbitrary/agreement.ts";

/** The leaves of a graph and those of the specification that was read from its equations. */
export function printedPairs(graph: Graph, equations: Equations, spec: Graph): Pair[] {
  const leaves: readonly Node[] = [...spec.inputs, ...spec.parameters.map(({ node }) => node)];
  const byName = new Map(leaves.map((node) => [nameOf(node), node] as const));
  return [
    ...zip(graph.inputs, equations.inputs).map(
      ([left, { name }]): Pair => ({ left, right: get(byName, name), transposed: false }),
    ),
    ...equations.parameters.map(
      ({ parameter, name, transposed }): Pair => ({
        left: parameter.node,
        right: get(byName, name),
        transposed,
      }),
    ),
  ];
}

function nameOf(node: Node): string {
  if (node.op !== "Input" && node.op !== "Parameter") throw new Error(`${node.op} has no name`);
  return node.attrs.name;
}
