/** @file Pairs what a graph calls its inputs and parameters with what its printed equations call them. */
import { get, zip } from "../../src/base/assert.ts";
import { bodyGraph } from "../../src/ir/body.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import type { Equations } from "../../src/notation/document.ts";
import { argumentsOf, isCall } from "../../src/ops/traits.ts";
import type { Pair } from "../arbitrary/agreement.ts";

/** The leaves of a graph and those of the specification that was read from its equations. */
export function printedPairs(graph: Graph, equations: Equations, spec: Graph): Pair[] {
  const leaves: readonly Node[] = [...spec.inputs, ...spec.parameters.map(({ node }) => node)];
  const byName = new Map(leaves.map((node) => [nameOf(node), node] as const));
  const own = new Map(graph.parameters.map(({ node }) => [node.attrs.name, node as Node] as const));
  return [
    ...zip(graph.inputs, equations.inputs).map(
      ([left, { name }]): Pair => ({ left, right: get(byName, name), transposed: false }),
    ),
    ...parametersOf(graph, equations, equations.definitions, own, "").map(
      ({ node, path, transposed, joined }): Pair => ({
        left: node,
        right: get(byName, path),
        transposed,
        joined,
      }),
    ),
  ];
}

interface Stored {
  readonly node: Node;
  readonly path: string;
  readonly transposed: boolean;
  readonly joined: boolean;
}

/** The parameters of a model and of the blocks it uses, under the names that the specification gives them. */
function parametersOf(
  graph: Graph,
  { parameters }: Equations,
  definitions: readonly Equations[],
  own: ReadonlyMap<string, Node>,
  prefix: string,
): Stored[] {
  const calls = graph.nodes.filter(isCall);
  const counts = new Map<string, number>();
  return [
    ...parameters.map(({ parameter, name, transposed, joined }): Stored => {
      return { node: get(own, parameter.node.attrs.name), path: prefix + name, transposed, joined };
    }),
    ...calls.flatMap((call) => {
      const { body, instance } = call.attrs;
      const block = bodyGraph(body);
      const { name } = block;
      const count = instance === 0 ? (counts.get(name) ?? 0) + 1 : instance;
      counts.set(name, count);
      const isSole =
        instance === 0 && calls.filter((other) => other.attrs.body.key === body.key).length === 1;
      const given = call.inputs.slice(argumentsOf(call).length).map((node) => get(own, nameOf(node)));
      const definition = definitions.find((other) => other.name === name);
      if (definition === undefined) throw new Error(`${name} has a definition`);
      const images = new Map(
        zip(block.parameters, given).map(([{ node }, image]) => [node.attrs.name, image] as const),
      );
      const path = `${prefix}${isSole ? name : `${name}_${count}`}.`;
      return parametersOf(block, definition, definitions, images, path);
    }),
  ].filter((item, place, all) => all.findIndex(({ path }) => path === item.path) === place);
}

function nameOf(node: Node): string {
  if (node.op !== "Input" && node.op !== "Parameter") throw new Error(`${node.op} has no name`);
  return node.attrs.name;
}
