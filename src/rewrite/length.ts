/** @file How long what is written is: operations, numbers that uses of blocks give, and parameters. */
import { bodyGraph, nest } from "../ir/body.ts";
import type { Graph } from "../ir/graph.ts";
import { callOf, runsOf } from "../ops/runs.ts";
import { isCall, isClosed, isScan } from "../ops/traits.ts";

/** What a definition takes beside its equations: a signature, and the space around it. */
export const lengthOfBlock = 3;

/** Of the equations of a graph without its blocks. Rounds of a repetition are written once. */
export function lengthOf(graph: Graph): number {
  const rounds = runsOf(graph).map(({ uses }) => uses.map(callOf));
  const uses = rounds.reduce((sum, [first]) => sum + 1 + (first?.attrs.given.length ?? 0), 0);
  const others = graph.nodes.filter((node) => node.inputs.length > 0 && !isCall(node) && !isClosed(node));
  const inside = new Set(
    rounds.flat().flatMap((use) => use.inputs.slice(bodyGraph(use.attrs.body).inputs.length)),
  );
  return uses + others.length + graph.parameters.filter(({ node }) => !inside.has(node)).length;
}

/** The bodies of the blocks that a graph uses, and that these use, in the order of use. */
export function blocksOf(graph: Graph): Graph[] {
  const found = new Map<string, Graph>();
  const visit = ({ nodes }: Graph): void => {
    for (const node of nodes) {
      if (isScan(node)) visit(bodyGraph(node.attrs.body));
      if (!isCall(node) || found.has(node.attrs.body.key)) continue;
      const body = bodyGraph(node.attrs.body);
      found.set(node.attrs.body.key, body);
      visit(body);
    }
  };
  visit(graph);
  return [...found.values()];
}

/** Those whose uses give numbers, and what these are called. */
export function givenBlocks(graph: Graph): ReadonlyMap<Graph, readonly string[]> {
  const blocks = blocksOf(graph);
  const uses = [graph, ...blocks].flatMap(({ nodes }) => nodes.filter(isCall));
  const names = new Map(
    uses.map(({ attrs }) => [attrs.body.key, attrs.given.map(([name]) => name)] as const),
  );
  return new Map(
    blocks.flatMap((block) => {
      const own = names.get(nest(block).key) ?? [];
      return own.length === 0 ? [] : [[block, own] as const];
    }),
  );
}

/** Of a graph with all its blocks. */
export const wholeLength = (graph: Graph): number =>
  blocksOf(graph).reduce((sum, block) => sum + lengthOfBlock + lengthOf(block), lengthOf(graph));
