/** @file Which part of a model `read` shows, and in how much detail. */
import { closest } from "../base/closest.ts";
import { Diagnostic, quoted } from "../diag/diagnostic.ts";
import type { Graph } from "../ir/graph.ts";
import type { Equations } from "../notation/document.ts";
import { fold } from "../rewrite/fold.ts";
import { moduleGraph, modulePaths } from "../rewrite/modules.ts";
import { blockNames, expanded } from "../rewrite/tidy.ts";

export interface Detail {
  /** The path of a module. */
  readonly at?: string;
  /** Names of blocks that are written out where they are used; `all` for every one. */
  readonly expand?: readonly string[];
  /** How deep blocks inside blocks are defined. */
  readonly depth?: number;
}

/** The graph of one module, such as `encoder.layers.0`. Throws a Diagnostic where none is so called. */
export function partAt(graph: Graph, path: string): Graph {
  const part = moduleGraph(graph, path);
  if (part !== undefined) return { ...part, notes: graph.notes };
  const paths = modulePaths(graph);
  throw unknown("--at", path, "the path of a module", paths);
}

/** The graph with its repetitions folded, but for blocks that are to be written out. */
export function folded(graph: Graph, { expand = [] }: Detail): Graph {
  if (expand.includes("all")) return graph;
  const result = fold(graph);
  const names = blockNames(result);
  for (const name of expand)
    if (!names.includes(name)) throw unknown("--expand", name, "the name of a block", names);
  return expand.length === 0 ? result : expanded(result, new Set(expand));
}

/** The equations without definitions that are used deeper. */
export function upToDepth(equations: Equations, depth: number | undefined): Equations {
  if (depth === undefined) return equations;
  const known = new Map(equations.definitions.map((definition) => [definition.name, definition] as const));
  const shown = new Set<Equations>();
  let level: readonly Equations[] = [equations];
  for (let step = 0; step < depth; step++) {
    level = level.flatMap(({ uses }) => uses.flatMap((name) => known.get(name) ?? []));
    for (const definition of level) shown.add(definition);
  }
  const definitions = equations.definitions.filter((definition) => shown.has(definition));
  const left = equations.definitions.filter((definition) => !shown.has(definition)).map(({ name }) => name);
  const note = `left out by --depth ${depth}: ${left.join(", ")}`;
  return {
    ...equations,
    definitions,
    notes: left.length === 0 ? equations.notes : [note, ...equations.notes],
  };
}

function unknown(option: string, got: string, want: string, known: readonly string[]): Diagnostic {
  const near = closest(got, known);
  const shown =
    known.length === 0 ? "; the model has none" : `, such as ${known.slice(0, 4).map(quoted).join(", ")}`;
  return new Diagnostic({
    code: "A1011",
    place: { part: option },
    got: quoted(got),
    want: `${want}${shown}`,
    ...(near === undefined ? {} : { action: `did you mean \`${quoted(near)}\`?` }),
  });
}
