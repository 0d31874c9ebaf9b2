/** @file Uses of a block one after the other, each of what the one before made: rounds of a repetition. */
import { at, get, zip } from "../base/assert.ts";
import { attributeText, type Graph, type Node, type NodeOf, usersOf } from "../ir/graph.ts";
import { argumentsOf, isCall } from "./traits.ts";

export type Call = NodeOf<"Call"> & Node;

/** Every use of a block, in sets of those that follow each other: the one before is the first argument, the others are the same. */
export function runsOf(graph: Graph): readonly (readonly Call[])[] {
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs.map(({ node }) => node));
  const follows = (before: Call, call: Call): boolean => {
    if (attributeText(before.attrs) !== attributeText(call.attrs)) return false;
    const others = zip(argumentsOf(before), argumentsOf(call)).slice(1);
    return !outputs.has(before) && get(users, before).length === 1 && others.every(([a, b]) => a === b);
  };
  const runs = new Map<Node, Call[]>();
  for (const call of graph.nodes.filter(isCall)) {
    const before = at<Node>(call.inputs, 0);
    const run = isCall(before) && follows(before, call) ? runs.get(before) : undefined;
    if (run === undefined) runs.set(call, [call]);
    else {
      run.push(call);
      runs.set(call, run);
    }
  }
  return [...new Set(runs.values())];
}
