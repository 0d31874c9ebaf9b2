/** @file A model as it is written down: recurrences laid open, and weights turned the way in which formulas use them. */
import type { Graph, Node } from "../ir/graph.ts";
import { phrase } from "../rewrite/phrase.ts";
import type { RuleUse } from "../rewrite/raise.ts";
import { withGates } from "./gates.ts";
import { layOpen } from "./lay-open.ts";
import { orient } from "./orient.ts";
import { copied, type Recurrence } from "./recurrences.ts";

/** A graph without scans, and what stands for these in it. */
export interface Laid {
  /** The graph that this was. */
  readonly given: Graph;
  readonly graph: Graph;
  /** What must have a name. */
  readonly named: readonly Node[];
  readonly recurrences: readonly Recurrence[];
  /** The stored axes of parameters that the equations have with their axes in another order. */
  readonly orders: ReadonlyMap<Node, readonly number[]>;
  /** Parameters that the model stores with more axes, such as one for heads. */
  readonly joined: ReadonlySet<Node>;
}

export function laid(given: Graph, told?: RuleUse): Laid {
  const open = withGates(layOpen(phrase(given, told)));
  const { graph, orders, joined, image } = orient(open.graph);
  const count = given.outputs.length;
  return {
    given,
    graph: { ...graph, outputs: graph.outputs.slice(0, count) },
    named: graph.outputs.slice(count).map(({ node }) => node),
    recurrences: copied(open.recurrences, image),
    orders,
    joined,
  };
}
