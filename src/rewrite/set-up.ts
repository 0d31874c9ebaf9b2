/**
 * @file Set-ups of several models: a generator and its discriminator, a teacher and its student. Each of the models is a block,
 * however short, and is called by its part in the set-up.
 */
import { nest } from "../ir/body.ts";
import type { Graph, Node, Output } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { isClosed } from "../ops/traits.ts";
import { callsOf, moduleGraph } from "./modules.ts";

/**
 * Paths of the models of a set-up; none where a graph is no set-up. It is one where the user gave several models, and where a model
 * makes a loss out of others that have all the parameters, each in layers of its own.
 */
export function modelPaths(graph: Graph): ReadonlySet<string> {
  const paths = new Set(graph.nodes.flatMap((node) => modulesOf(graph, node)[0] ?? []));
  if (graph.isSetUp) return new Set([...paths].flatMap((path) => calledPaths(graph, path)));
  const names = graph.parameters.flatMap((parameter) => parameter.names.map((name) => name.split(/[./]/)));
  const owners = new Set(names.map(([owner = ""]) => owner));
  const areInside = names.every(([owner = "", ...rest]) => rest.length > 1 && paths.has(owner));
  return graph.outputs.some(isLoss) && owners.size > 1 && areInside ? owners : new Set();
}

const modulesOf = ({ origins }: Graph, node: Node): string[] => origins.get(node)?.module?.split(".") ?? [];

/** The path of a model, or where other methods of it are called than itself those of its modules that each call is in. */
function calledPaths(graph: Graph, path: string): string[] {
  const nodes = graph.nodes.filter(
    (node) => modulesOf(graph, node)[0] === path && node.inputs.length > 0 && !isClosed(node),
  );
  const calls = callsOf(nodes, new Set(nodes));
  const inner = calls.map((call) => {
    const [first = [], ...others] = call.map((node) => modulesOf(graph, node));
    const end = first.findIndex((segment, place) => others.some((other) => other[place] !== segment));
    return end < 0 ? first : first.slice(0, end);
  });
  const parts = new Set(inner.map((segments) => segments.join(".")));
  return parts.size > 1 && inner.every(({ length }) => length > 1) ? [...parts] : [path];
}

const isLoss = ({ node: { type } }: Output): boolean => type.shape.length === 0 && isReal(type.dtype);

/** The graph with models called by their parts in the set-up, but for those of one class and structure: these are one block. */
export function withPartNames(graph: Graph, models: ReadonlySet<string>): Graph {
  if (models.size === 0) return graph;
  const blocks = [...models].flatMap((path) => {
    const block = moduleGraph(graph, path);
    return block === undefined ? [] : [{ path, name: block.name, key: `${block.name} ${nest(block).key}` }];
  });
  const alone = [...Map.groupBy(blocks, ({ key }) => key).values()].filter(({ length }) => length === 1);
  const parts = new Map(alone.flat().map(({ path, name }) => [path, partName(path, name)] as const));
  const origins = [...graph.origins].map(([node, origin]) => {
    const { module = "", classes = [] } = origin;
    const own = [...parts].filter(([path]) => module === path || module.startsWith(`${path}.`));
    return [node, own.length === 0 ? origin : { ...origin, classes: new Map([...classes, ...own]) }] as const;
  });
  return { ...graph, origins: new Map(origins) };
}

/** The part of a model as a function of the language; a letter says less than the name of its class. */
function partName(path: string, kind: string): string {
  const name = path.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]*)/g, (_, word: string) => capitalised(word));
  return /^[A-Za-z]{2}/.test(name) ? name : kind;
}

const capitalised = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
