/** @file Functions that Assay has no definition for, as blocks whose only equation says so. */
import { get } from "../base/assert.ts";
import { nest } from "../ir/body.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import { keyOfUnknown, namesOfUnknowns, withoutUnknowns } from "../rewrite/unknown-functions.ts";

/** The graph with a use of a block for each use of an unknown function. */
export function withUnknownBlocks(graph: Graph): Graph {
  const names = namesOfUnknowns(graph);
  return withoutUnknowns(graph, (builder, use, operands) => {
    const inside = newBuilder();
    const inputs = operands.map(({ type }, place) =>
      inside.node("Input", [], { name: place === 0 ? "x" : `x_${place + 1}`, ...type }),
    );
    const result = inside.node("Opaque", inputs, use.attrs);
    const { name } = get(names, keyOfUnknown(use));
    const outputs = [{ name: "y", node: result as Node }];
    const body = nest(inside.graph({ name, inputs, parameters: [], outputs }));
    return builder.node("Call", operands, { body, instance: 0, given: [], output: 0 }) as Node;
  });
}
