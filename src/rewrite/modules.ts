/** @file The modules of a program as blocks: parts of the graph that one module computes, where several compute the same. */
import { at, get, zip } from "../base/assert.ts";
import { nest } from "../ir/body.ts";
import { type Graph, type Node, usersOf } from "../ir/graph.ts";
import type { Given } from "../ir/operators.ts";
import { callOf, usesIn } from "../ops/runs.ts";
import { isClosed, isParameter } from "../ops/traits.ts";
import { namesOf, numbersNotes, useOrigin } from "./block-names.ts";
import { blockOf, boundaryOf, innerOf, type Part, renamed, type Use, weightOf, withUses } from "./blocks.ts";
import { generalised, skeletonOf } from "./generalise.ts";
import { lengthOf, lengthOfBlock } from "./length.ts";
import { oddOnes } from "./odd-one.ts";
import { behindPreparation, type Forms, groupedForms } from "./preparation.ts";
import { mainFirst, withResults } from "./results.ts";

/** A smaller module is as short written out. */
const leastWeight = 5;
/** What definitions must save, in operations. */
const leastSaved = 12;

interface Module {
  readonly part: Part;
  readonly path: string;
  readonly block: Graph;
}

/** Modules that are uses of one block. */
interface Common {
  readonly modules: readonly Module[];
  readonly block: Graph;
  /** The modules' own blocks, one of each. */
  readonly kinds: readonly Graph[];
  /** What a use gives by name in the place of each of these. */
  readonly given: readonly (readonly Given[])[];
}

/** When modules are one block whose uses give numbers: where they can be, where that is written shorter, or not at all. */
export type Giving = "always" | "where shorter" | "never";

interface Terms {
  readonly giving: Giving;
  /** Paths of the models of a set-up. */
  readonly models: ReadonlySet<string>;
  /** Whether models are fed to each other, so that each is a definition of its own. */
  readonly isSetUp: boolean;
}

/** What modules of one block may differ in, beside sizes and what stands in front: other things first. */
const levels = ["dpk", "sdpk"];

/** The graph with modules that occur several times as uses of blocks, from the innermost on, and with all models of a set-up. */
export function modulesFolded(graph: Graph, models: ReadonlySet<string>, giving: Giving): Graph {
  let folded = graph;
  const known: Known = new Map();
  for (let depth = depthOf(graph); depth > 0; depth--)
    folded = foldedAt(folded, depth, known, models, giving);
  return folded;
}

/** A block that deeper modules are, by what they have in common but integers. */
type Known = Map<string, Pick<Common, "block" | "kinds">>;

const segments = (node: Node, { origins }: Graph): string[] => origins.get(node)?.module?.split(".") ?? [];

const depthOf = (graph: Graph): number =>
  graph.nodes.reduce((deepest, node) => Math.max(deepest, segments(node, graph).length), 0);

/** Modules whose paths have this many segments. */
function foldedAt(
  graph: Graph,
  depth: number,
  known: Known,
  models: ReadonlySet<string>,
  giving: Giving,
): Graph {
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
  const groups = new Map(
    groupedForms([...members].flatMap(([path, nodes]) => formsOf(graph, path, nodes, users, models))),
  );
  for (const [skeleton, group] of groups) groups.set(skeleton, withAllResults(graph, group));
  const usesIn = (isSetUp: boolean): Use[] =>
    [...groups].flatMap(
      ([skeleton, group]) =>
        usesOfKnown(graph, group, models, known.get(skeleton)) ??
        usesOf(graph, group, { isSetUp, models, giving }, (block) => known.set(skeleton, block)),
    );
  const uses = usesIn(false);
  // Models that are used together, such as a generator and a discriminator that is used twice.
  const isSetUp = models.size === 0 && depth === 1 && uses.some(({ instance }) => instance > 0);
  const all = isSetUp ? usesIn(true) : uses;
  const alike = [...groups.values()].flatMap((group) => [
    ...Map.groupBy(group, ({ block }) => skeletonOf(block, "sdpk")).values(),
  ]);
  const classes = Map.groupBy(alike, ([first]) => first?.block.name);
  const notes = [...[...classes.values()].flatMap(oddOnes), ...numbersNotes(all, models)];
  const result = withUses(graph, all);
  return notes.length === 0 ? result : { ...result, notes: [...result.notes, ...notes] };
}

/** What each call of a module computes, also without the preparation of what it is given. */
function formsOf(
  graph: Graph,
  path: string,
  nodes: readonly Node[],
  users: Users,
  models: ReadonlySet<string>,
): Forms<Module>[] {
  const least = models.has(path) ? 1 : leastWeight;
  const others = models.has(path) ? undefined : behindPreparation(nodes, users);
  const parts = partsOf(graph, nodes, users, least);
  const behind = others === undefined ? parts : partsOf(graph, others, users, least);
  const form = (part: Part): readonly [string, Module] => {
    const module = moduleOf(graph, part, path);
    return [skeletonOf(module.block), module];
  };
  // Where the module is a function in one of its forms only, it has no other.
  if (behind.length !== parts.length) return parts.map(form).map((own) => ({ own, behind: own }));
  return zip(parts, behind).map(([own, other]) => ({ own: form(own), behind: form(other) }));
}

/** Paths of the modules that compute something. */
export function modulePaths(graph: Graph): string[] {
  const paths = new Set<string>();
  for (const node of graph.nodes) {
    const path = segments(node, graph);
    for (const end of path.keys()) paths.add(path.slice(0, end + 1).join("."));
  }
  return [...paths];
}

/** What a module computes in its first call, as a model of its own; `undefined` where there is none. */
export function moduleGraph(graph: Graph, path: string): Graph | undefined {
  const depth = path.split(".").length;
  const nodes = graph.nodes.filter((node) => {
    const isWithin = segments(node, graph).slice(0, depth).join(".") === path;
    return isWithin && node.inputs.length > 0 && !isClosed(node);
  });
  const module = new Set(nodes);
  const [call] = callsOf(nodes, module);
  const part = call && partOf(graph, new Set(call), module, usersOf(graph));
  return part && blockOf(graph, part, namesOf(graph, [part], [path]));
}

/** What each call of a module computes; none where one is no function of what it is given, or computes little. */
function partsOf(graph: Graph, nodes: readonly Node[], users: Users, least: number): Part[] {
  const module = new Set(nodes);
  const parts = callsOf(nodes, module).map((call) => partOf(graph, new Set(call), module, users));
  const whole = parts.filter((part) => part !== undefined);
  const isWhole = whole.length === parts.length && whole.every((part) => weightOf(part) >= least);
  return isWhole ? whole : [];
}

/** The nodes of each call: those of one call hang together by what they compute of each other, or are results of one use. */
export function callsOf(nodes: readonly Node[], module: ReadonlySet<Node>): Node[][] {
  const calls = new Map<Node, Node[]>();
  const firsts = new Map<Node, Node>(
    usesIn({ nodes }).flatMap((use) => [...use.values()].map((result) => [result, callOf(use)] as const)),
  );
  for (const node of nodes) {
    const near = [...node.inputs, firsts.get(node)].filter((other) => other !== undefined && other !== node);
    const joined = new Set(near.flatMap((other) => (other && module.has(other) ? [get(calls, other)] : [])));
    const [first = [], ...others] = joined;
    for (const other of others) {
      first.push(...other);
      for (const member of other) calls.set(member, first);
    }
    first.push(node);
    calls.set(node, first);
  }
  return [...new Set(calls.values())];
}

type Users = ReadonlyMap<Node, readonly Node[]>;

/**
 * What a call computes, if all that it is given was there before. Parameters that the module alone reads are its own. Results
 * that others are computed of come last.
 */
function partOf(
  graph: Graph,
  inside: ReadonlySet<Node>,
  module: ReadonlySet<Node>,
  users: Users,
): Part | undefined {
  const outputs = new Set(graph.outputs.map(({ node }) => node));
  const isRead = (node: Node): boolean =>
    outputs.has(node) || get(users, node).some((user) => !inside.has(user));
  const isOwn = (node: Node): boolean =>
    isParameter(node) && get(users, node).every((user) => module.has(user));
  const isLast = (node: Node): boolean => get(users, node).every((user) => !inside.has(user));
  const results = [...inside].filter(isRead);
  const last = results.filter(isLast);
  const boundary = boundaryOf(last, (node) => inside.has(node) || isClosed(node));
  const first = Math.min(...results.map(({ id }) => id));
  if (boundary.some(({ id, inputs }) => id > first && inputs.length > 0)) return undefined;
  const part = {
    results: last,
    args: boundary.filter((node) => !isOwn(node)),
    parameters: boundary.filter(isOwn),
  };
  return withResults({ ...part, results: mainFirst(part) }, results);
}

const moduleOf = (graph: Graph, part: Part, path: string): Module => ({
  part,
  path,
  block: blockOf(graph, part, namesOf(graph, [part], [path])),
});

/** Modules of one structure, each with the results of all: what is read of one may be left of another. */
function withAllResults(graph: Graph, modules: readonly Module[]): Module[] {
  const inner = modules.map(({ part }) => innerOf(part));
  const places = modules.map(({ part }, i) => part.results.map((node) => at(inner, i).indexOf(node)));
  const all = [...new Set(places.flat())];
  return modules.map((module, i) => {
    const { part, path } = module;
    if (part.results.length === all.length) return module;
    const own = at(inner, i);
    const isRead = new Set(own.flatMap((node) => node.inputs));
    const last = { ...part, results: part.results.filter((node) => !isRead.has(node)) };
    const results = all.map((place) => at(own, place));
    return moduleOf(graph, withResults(last, results), path);
  });
}

/** Uses of the blocks that the modules are, where these save something. */
function usesOf(
  graph: Graph,
  modules: readonly Module[],
  { isSetUp, models, giving }: Terms,
  learn: (known: Common) => void,
): Use[] {
  const blocks = commonOf(modules, giving);
  const areModels = isSetUp || modules.some(({ path }) => models.has(path));
  return blocks.flatMap((common) => {
    if (savedBy(common) < leastSaved && !areModels) return [];
    if (blocks.length === 1) learn(common);
    return usesOfBlock(graph, common, models);
  });
}

/**
 * Modules that differ in integers only are one block where arguments decide these, or where uses may give some by name; else
 * those that differ in less may be one, to where each kind has its own.
 */
function commonOf(modules: readonly Module[], giving: Giving, depth = 0): Common[] {
  const kinds = kindsOf(modules);
  const blocks = kinds.map((same) => at(same, 0).block);
  const [first] = blocks;
  const general = blocks.length > 1 ? generalised(blocks) : first && { block: first, given: [[]] };
  const whole = general && { modules, kinds: blocks, ...general };
  if (whole?.given.every((given) => given.length === 0)) return [whole];
  const kept = levels[depth];
  const alike =
    kept === undefined ? kinds : [...Map.groupBy(modules, ({ block }) => skeletonOf(block, kept)).values()];
  const parts = alike.flatMap((same) => commonOf(same, giving, depth + 1));
  if (whole === undefined || giving === "never" || savedBy(whole) < leastSaved) return parts;
  const apart = parts.reduce((sum, part) => sum + writtenFor(part), 0);
  return giving === "always" || writtenFor(whole) <= apart ? [whole] : parts;
}

/** How many operations a definition saves. */
const savedBy = ({ modules, given }: Common): number =>
  (modules.length - 1) * weightOf(at(modules, 0).part) - modules.length * at(given, 0).length;

/** How much is written with a definition, or without one where that is less. */
function writtenFor({ modules, block, given }: Common): number {
  const own = lengthOf(block);
  return Math.min(modules.length * own, lengthOfBlock + own + modules.length * (1 + at(given, 0).length));
}

/** Uses of a block that deeper modules are; `undefined` where it would be another one with these. */
function usesOfKnown(
  graph: Graph,
  modules: readonly Module[],
  models: ReadonlySet<string>,
  known: Pick<Common, "block" | "kinds"> | undefined,
): Use[] | undefined {
  if (known === undefined) return undefined;
  const own = modules.map(({ block }) => block);
  const kinds = [...new Map([...known.kinds, ...own].map((block) => [nest(block).key, block])).values()];
  const common = kinds.length > 1 ? generalised(kinds) : { block: known.block, given: [[]] };
  const isSame = common !== undefined && nest(common.block).key === nest(known.block).key;
  return isSame
    ? usesOfBlock(graph, { modules, kinds, given: common.given, block: known.block }, models)
    : undefined;
}

/** Modules of the same integers. */
const kindsOf = (modules: readonly Module[]): Module[][] => [
  ...Map.groupBy(modules, ({ block }) => nest(block).key).values(),
];

function usesOfBlock(
  graph: Graph,
  { modules, block, kinds, given }: Common,
  models: ReadonlySet<string>,
): Use[] {
  const parts = modules.map(({ part }) => part);
  const paths = modules.map(({ path }) => path);
  const names = namesOf(graph, parts, paths);
  const body = nest(kinds.length === 1 ? blockOf(graph, at(parts, 0), names) : renamed(block, names));
  const isEachNumbered = models.has(at(paths, 0)) && new Set(paths).size > 1;
  const instances = instancesOf(parts, isEachNumbered);
  const places = new Map(kinds.map((kind, place) => [nest(kind).key, place] as const));
  return modules.map(({ part, path, block: own }, place) => ({
    part,
    body,
    instance: at(instances, place),
    given: at(given, get(places, nest(own).key)),
    origin: { ...useOrigin(graph, part, path), module: path },
  }));
}

/** Numbers of the sets of parameters, where some are used more than once, or each is to have one; else 0 for each. */
function instancesOf(parts: readonly Part[], isEachNumbered: boolean): number[] {
  const keys = parts.map(({ parameters }) => parameters.map(({ id }) => id).join());
  const sets = [...new Set(keys)];
  const isShared = sets.length < keys.length && keys.some((key) => key !== "");
  return keys.map((key) => (isShared || isEachNumbered ? sets.indexOf(key) + 1 : 0));
}
