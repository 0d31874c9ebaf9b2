/**
 * @file Folds a graph: what it computes again and again, each time with parameters of its own, becomes a block and uses of
 * it. `eval/unfold.ts` gives back the very graph that was folded.
 */
import { at, get } from "../base/assert.ts";
import { nest } from "../ir/body.ts";
import { type Graph, type Node, usersOf } from "../ir/graph.ts";
import { isClosed, isParameter } from "../ops/traits.ts";
import { namesOf, pathsOf, useOrigin } from "./block-names.ts";
import { blockOf, type Part, type Use, withUses } from "./blocks.ts";
import { type Chain, Chains } from "./chains.ts";
import { givenBlocks, wholeLength } from "./length.ts";
import { modulesFolded } from "./modules.ts";
import { modelPaths, withPartNames } from "./set-up.ts";
import { tidied } from "./tidy.ts";

/** What a repetition must save to be worth a definition of its own, in operations. */
const leastSaved = 12;

type Users = ReadonlyMap<Node, readonly Node[]>;

/** The graph with its modules and repetitions as uses of blocks. */
export function fold(graph: Graph): Graph {
  const models = modelPaths(graph);
  return tidied(chainsFolded(shortest(withPartNames(graph, models), models)), models);
}

/** The graph with its modules as uses of blocks, which give numbers by name where that is shorter in all. */
function shortest(graph: Graph, models: ReadonlySet<string>): Graph {
  const folded = modulesFolded(graph, models, "always");
  if (givenBlocks(folded).size === 0) return folded;
  const others = (["where shorter", "never"] as const).map((giving) => modulesFolded(graph, models, giving));
  const lengths = new Map([folded, ...others].map((own) => [own, wholeLength(tidied(own, models))] as const));
  return [...others, folded].toSorted((a, b) => get(lengths, a) - get(lengths, b))[0] ?? folded;
}

/** Repetitions that no modules show. What is folded may be another repetition, which the next search finds. */
function chainsFolded(graph: Graph): Graph {
  let folded = graph;
  for (;;) {
    const users = usersOf(folded);
    const chains = new Chains(folded, users).best(leastSaved);
    if (chains.length === 0) return folded;
    const host = folded;
    folded = withUses(
      host,
      chains.flatMap((chain) => usesIn(host, users, chain)),
    );
  }
}

/** A use of the block for every round. */
function usesIn(graph: Graph, users: Users, chain: Chain): Use[] {
  const parts = partsOf(users, chain);
  const paths = pathsOf(graph, parts);
  const first = at(parts, 0);
  const body = nest(chainsFolded(blockOf(graph, first, namesOf(graph, parts, paths))));
  const isTied = first.parameters.length > 0 && at(chain, 0).parameters.length === 0;
  return parts.map((part, place) => ({
    part,
    body,
    instance: isTied ? 1 : 0,
    given: [],
    origin: useOrigin(graph, part, at(paths, place)),
  }));
}

/** Parameters that all rounds share belong to the block when nothing else reads them, and no round has others. */
function partsOf(users: Users, rounds: Chain): Part[] {
  const inside = new Set(rounds.flatMap(({ inner }) => inner));
  const { shared, parameters } = at(rounds, 0);
  const open = shared.filter((node) => !isClosed(node));
  const isOnlyRead = (node: Node): boolean => get(users, node).every((user) => inside.has(user));
  const common = parameters.length > 0 ? [] : open.filter((node) => isParameter(node) && isOnlyRead(node));
  const given = open.filter((node) => !common.includes(node));
  return rounds.map((round) => ({
    results: round.results,
    args: [...round.given, ...given],
    parameters: common.length > 0 ? common : round.parameters,
  }));
}
