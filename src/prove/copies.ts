/** @file Which nodes of a graph are copies of one place of the program: the steps of a loop, the uses of a block. */
import type { Graph, Node } from "../ir/graph.ts";

/** From what stands near one copy to what stands there near another; `undefined` where there is nothing. */
type Counterpart = (node: Node) => Node | undefined;
/** A node and its copies, each with the way to it from the surroundings of the node. */
export type Copies = ReadonlyMap<Node, Counterpart>;

export function copiesIn(graph: Graph): (node: Node) => Copies {
  const rounds = new Map<string, Map<number, Node>>();
  for (const [node, { place, round }] of graph.copies) {
    const known = rounds.get(place) ?? new Map<number, Node>();
    rounds.set(place, known.set(round, node));
  }
  /** What is a step before the node is a step before its copy. */
  const later =
    (steps: number): Counterpart =>
    (node) => {
      const copy = graph.copies.get(node);
      const all = copy && rounds.get(copy.place);
      // What does not change from step to step is one node for all of them.
      return copy === undefined || all?.size === 1 ? node : all?.get(copy.round + steps);
    };
  return (node) => {
    const copy = graph.copies.get(node);
    if (copy === undefined) return new Map([[node, later(0)]]);
    return new Map(
      [...(rounds.get(copy.place) ?? [])].map(([round, one]) => [one, later(round - copy.round)]),
    );
  };
}
