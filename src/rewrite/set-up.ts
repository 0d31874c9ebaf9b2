/**
 * @file Set-ups of several models: a generator and its discriminator, a teacher and its student. Each of the models is a block,
 * however short, and is called by its part in the set-up.
 */
import { nest } from "../ir/body.ts";
import type { Graph, Output } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { moduleGraph } from "./modules.ts";

/**
 * Paths of the models of a set-up; none where a graph is no set-up. It is one where the user gave several models, and where a model
 * makes a loss out of others that have all the parameters, each in layers of its own.
 */
export function modelPaths(graph: Graph): ReadonlySet<string> {
  const modules = [...graph.origins.values()].flatMap(({ module }) => module ?? []);
  const paths = new Set(modules.map((path) => path.split(".")[0] ?? ""));
  if (graph.isSetUp) return paths;
  const names = graph.parameters.flatMap((parameter) => parameter.names.map((name) => name.split(/[./]/)));
  const owners = new Set(names.map(([owner = ""]) => owner));
  const areInside = names.every(([owner = "", ...rest]) => rest.length > 1 && paths.has(owner));
  return graph.outputs.some(isLoss) && owners.size > 1 && areInside ? owners : new Set();
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
    const path = origin.module?.split(".")[0] ?? "";
    const part = parts.get(path);
    const classes = new Map([
      ...(origin.classes ?? []),
      ...(part === undefined ? [] : [[path, part] as const]),
    ]);
    return [node, part === undefined ? origin : { ...origin, classes }] as const;
  });
  return { ...graph, origins: new Map(origins) };
}

/** The part of a model as a function of the language; a letter says less than the name of its class. */
function partName(path: string, kind: string): string {
  const name = path.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]*)/g, (_, word: string) => capitalised(word));
  return /^[A-Za-z]{2}/.test(name) ? name : kind;
}

const capitalised = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
