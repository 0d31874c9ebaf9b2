/** @file The modules of a program as blocks: parts of the graph that one module computes, where several compute the same. */
import { at, get } from "../base/assert.ts";
import { nest } from "../ir/body.ts";
import { type Graph, type Node, usersOf } from "../ir/graph.ts";
import { isClosed, isParameter } from "../ops/traits.ts";
import { namesOf, useOrigin } from "./block-names.ts";
import { blockOf, type Part, renamed, type Use, weightOf, withUses } from "./blocks.ts";
import { generalised, skeletonOf } from "./generalise.ts";

/** A smaller module is as short written out. */
const leastWeight = 5;
/** What definitions must save, in operations. */
const leastSaved = 12;

interface Module {
  readonly part: Part;
  readonly path: string;
  readonly block: Graph;
}

/** The graph with modules that occur several times as uses of blocks, from the innermost on. */
export function modulesFolded(graph: Graph): Graph {
  let folded = graph;
  for (let depth = depthOf(graph); depth > 0; depth--) folded = foldedAt(folded, depth);
  return folded;
}

const segments = (node: Node, { origins }: Graph): string[] => origins.get(node)?.module?.split(".") ?? [];

const depthOf = (graph: Graph): number =>
  graph.nodes.reduce((deepest, node) => Math.max(deepest, segments(node, graph).length), 0);

/** Modules whose paths have this many segments. */
function foldedAt(graph: Graph, depth: number): Graph {
  const members = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    const path = segments(node, graph);
    if (path.length < depth || node.inputs.length === 0 || isClosed(node)) continue;
    const key = path.slice(0, depth).join(".");
    const known = members.get(key);
    if (known === undefined) members.set(key, [node]);
    else known.push(node);
  }
  const users = usersOf(graph);
  const groups = new Map<string, Module[]>();
  for (const [path, nodes] of members) {
    const part = nodes.length < leastWeight ? undefined : partOf(graph, nodes, users);
    if (part === undefined || weightOf(part) < leastWeight) continue;
    const block = blockOf(graph, part, namesOf(graph, [part], [path]));
    const skeleton = skeletonOf(block);
    groups.set(skeleton, [...(groups.get(skeleton) ?? []), { part, path, block }]);
  }
  return withUses(
    graph,
    [...groups.values()].flatMap((group) => usesOf(graph, group)),
  );
}

/** What a module computes, if it has one result. */
function partOf(
  graph: Graph,
  nodes: readonly Node[],
  users: ReadonlyMap<Node, readonly Node[]>,
): Part | undefined {
  const inside = new Set(nodes);
  const outputs = new Set(graph.outputs.map(({ node }) => node));
  const results = nodes.filter(
    (node) => outputs.has(node) || get(users, node).some((user) => !inside.has(user)),
  );
  const [result] = results;
  if (result === undefined || results.length > 1) return undefined;
  const isOwn = (node: Node): boolean =>
    isParameter(node) && get(users, node).every((user) => inside.has(user));
  const boundary = boundaryOf(result, (node) => inside.has(node) || isClosed(node));
  return { result, args: boundary.filter((node) => !isOwn(node)), parameters: boundary.filter(isOwn) };
}

/** What a value is made of outside, in the order in which its structure meets it. */
function boundaryOf(result: Node, isInside: (node: Node) => boolean): Node[] {
  const found = new Set<Node>();
  const seen = new Set<Node>();
  const pending = [result];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (!isInside(node)) found.add(node);
    else pending.push(...node.inputs.toReversed());
  }
  return [...found];
}

/** Modules that differ in sizes only are one block, where arguments decide the sizes; else each size has its own. */
function usesOf(graph: Graph, modules: readonly Module[]): Use[] {
  const bySizes = new Map<string, Module[]>();
  for (const module of modules) {
    const { key } = nest(module.block);
    bySizes.set(key, [...(bySizes.get(key) ?? []), module]);
  }
  const classes = [...bySizes.values()];
  const general = classes.length > 1 ? generalised(classes.map((same) => at(same, 0).block)) : undefined;
  if (general !== undefined) return usesOfBlock(graph, modules, general);
  return classes.flatMap((same) => usesOfBlock(graph, same, undefined));
}

function usesOfBlock(graph: Graph, modules: readonly Module[], general: Graph | undefined): Use[] {
  const parts = modules.map(({ part }) => part);
  const saved = (parts.length - 1) * weightOf(at(parts, 0));
  if (saved < leastSaved) return [];
  const paths = modules.map(({ path }) => path);
  const names = namesOf(graph, parts, paths);
  const body = nest(general === undefined ? blockOf(graph, at(parts, 0), names) : renamed(general, names));
  return modules.map(({ part, path }) => ({
    part,
    body,
    instance: 0,
    origin: { ...useOrigin(graph, part, path), module: path },
  }));
}
