/** @file The blocks of a folded graph as a reader meets them: named in the order of use, numbered where uses look the same, and none that is used at one place only. */
import { at, get } from "../base/assert.ts";
import { languageWords } from "../base/language-words.ts";
import { bodyGraph, nest } from "../ir/body.ts";
import { type Graph, type Node, rebuild, transform } from "../ir/graph.ts";
import type { Body } from "../ir/operators.ts";
import { Embedding } from "../ops/call.ts";
import { callOf, runsOf, usesIn } from "../ops/runs.ts";
import { newBuilder } from "../ops/table.ts";
import { argumentsOf, isCall, isClosed } from "../ops/traits.ts";
import { operationsOf } from "./blocks.ts";
import { givenBlocks, wholeLength } from "./length.ts";

/** A block of so few operations that is used at one place is written out there in any case. */
const short = 24;
/** About as many as the equations of half a page have: where a model is no longer with the blocks that it alone uses, it has them written out. */
const halfPage = 64;

export function tidied(graph: Graph, models: ReadonlySet<string> = new Set()): Graph {
  if (!graph.nodes.some(isCall)) return graph;
  const keys = writtenOut(graph, soleBlocks(graph, models));
  return numbered(named(shortened(inlined(graph, (body) => keys.has(body.key)))));
}

/** The graph with those blocks written out whose uses give numbers and which don't make it shorter. */
function shortened(graph: Graph): Graph {
  for (const block of givenBlocks(graph).keys()) {
    const without = inlined(graph, (body) => bodyGraph(body) === block);
    if (wholeLength(without) <= wholeLength(graph)) return shortened(without);
  }
  return graph;
}

/** Keys of those of the blocks at one place that are written out there. */
function writtenOut(graph: Graph, soles: ReadonlySet<string>): ReadonlySet<string> {
  const keys = new Set<string>();
  const lengthOf = (part: Graph): number => {
    const own = part.nodes.filter((node) => node.inputs.length > 0 && !isClosed(node) && !isCall(node));
    return usesIn(part)
      .map((use) => callOf(use).attrs.body)
      .reduce((sum, body) => sum + (soles.has(body.key) ? lengthOf(bodyGraph(body)) : 1), own.length);
  };
  const seen = new Set<string>();
  const visit = (host: Graph): void => {
    const isBrief = lengthOf(host) <= halfPage;
    for (const { attrs } of host.nodes.filter(isCall)) {
      const block = bodyGraph(attrs.body);
      if (soles.has(attrs.body.key) && (isBrief || operationsOf(block) <= short)) keys.add(attrs.body.key);
      if (seen.has(attrs.body.key)) continue;
      seen.add(attrs.body.key);
      visit(block);
    }
  };
  visit(graph);
  return keys;
}

/** Keys of the blocks that stand at one place of the text, which is no repetition. */
function soleBlocks(graph: Graph, models: ReadonlySet<string>): ReadonlySet<string> {
  const places = new Map<string, number>();
  const seen = new Set<string>();
  const visit = (part: Graph): void => {
    for (const { uses } of runsOf(part)) {
      const { attrs } = callOf(at(uses, 0));
      const { key } = attrs.body;
      places.set(key, (places.get(key) ?? 0) + Math.min(2, uses.length));
      if (seen.has(key)) continue;
      seen.add(key);
      visit(bodyGraph(attrs.body));
    }
  };
  visit(graph);
  // Where a model feeds another one twice, each of the models keeps its definition.
  const calls = graph.nodes.filter(isCall);
  const isFedTwice = models.size === 0 && calls.some(({ attrs }) => attrs.instance > 0);
  const kept = new Set(
    calls
      .filter((call) => isFedTwice || models.has(graph.origins.get(call)?.module ?? ""))
      .map(({ attrs }) => attrs.body.key),
  );
  return new Set([...places].flatMap(([key, count]) => (count === 1 && !kept.has(key) ? [key] : [])));
}

/** The graph with the bodies of some blocks in the place of their uses. */
function inlined(graph: Graph, isInlined: (body: Body) => boolean): Graph {
  const builder = newBuilder();
  const made = new Map<string, Graph>();
  const bodyOf = (body: Body): Graph => {
    const known = made.get(body.key) ?? inlined(bodyGraph(body), isInlined);
    made.set(body.key, known);
    return known;
  };
  const bodies = new Embedding(builder, (inner, operands) => rebuild(builder, inner, operands));
  return transform(graph, builder, (node, inputs) => {
    if (!isCall(node)) return rebuild(builder, node, inputs);
    const { body } = node.attrs;
    const block = bodyOf(body);
    if (isInlined(body)) return bodies.result(node.attrs, inputs, block);
    return builder.node("Call", inputs, { ...node.attrs, body: nest(block) }) as Node;
  }).graph;
}

/** The graph with the bodies of blocks of these names in the place of their uses. */
export const expanded = (graph: Graph, names: ReadonlySet<string>): Graph =>
  inlined(graph, (body) => names.has(bodyGraph(body).name));

/** The names of a graph's blocks, in the order of use. */
export function blockNames(graph: Graph): string[] {
  const names = new Set<string>();
  const visit = ({ nodes }: Graph): void => {
    for (const { attrs } of nodes.filter(isCall)) {
      const block = bodyGraph(attrs.body);
      if (names.has(block.name)) continue;
      names.add(block.name);
      visit(block);
    }
  };
  visit(graph);
  return [...names];
}

/** The graph with a name for each block that no other has: `Layer`, `Layer2` … in the order of use. */
function named(graph: Graph): Graph {
  const taken = new Set([graph.name, ...languageWords]);
  const made = new Map<string, Body>();
  const rename = (part: Graph): Graph => {
    const builder = newBuilder();
    return transform(part, builder, (node, inputs) => {
      if (!isCall(node)) return rebuild(builder, node, inputs);
      const { body } = node.attrs;
      const known = made.get(body.key);
      const block = bodyGraph(body);
      const own = known ?? nest({ ...block, name: free(block.name, taken) });
      if (known === undefined) {
        taken.add(bodyGraph(own).name);
        made.set(body.key, nest(rename(bodyGraph(own))));
      }
      return builder.node("Call", inputs, { ...node.attrs, body: get(made, body.key) }) as Node;
    }).graph;
  };
  return rename(graph);
}

function free(wish: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wish)) return wish;
  // A number behind an underscore would mean one of several uses.
  for (let number = 2; ; number++) if (!taken.has(`${wish}${number}`)) return `${wish}${number}`;
}

/**
 * Uses of a block with parameters of their own on the same values get numbers, as experts have them: `Expert(x) + Expert(x)`
 * would read as twice the same.
 */
function numbered(graph: Graph): Graph {
  const confusable = new Set<string>();
  const runs = runsOf(graph);
  const uses = runs.flatMap((run) => run.uses);
  const repeated = new Set(runs.flatMap((run) => (run.uses.length > 1 ? run.uses : [])));
  for (const [key, own] of Map.groupBy(uses, (use) => callOf(use).attrs.body.key)) {
    const isPlain = own.every((use) => callOf(use).attrs.instance === 0);
    const args = own.map((use) =>
      argumentsOf(callOf(use))
        .map(({ id }) => id)
        .join(),
    );
    const isRepeated = own.some((use) => repeated.has(use));
    if (isPlain && !isRepeated && new Set(args).size < args.length) confusable.add(key);
  }
  const builder = newBuilder();
  const numbers = new Map<Node, number>();
  for (const [key, own] of Map.groupBy(usesIn(graph), (use) => callOf(use).attrs.body.key)) {
    if (!confusable.has(key)) continue;
    for (const [place, use] of own.entries()) for (const call of use.values()) numbers.set(call, place + 1);
  }
  const made = new Map<string, Body>();
  return transform(graph, builder, (node, inputs) => {
    if (!isCall(node)) return rebuild(builder, node, inputs);
    const { body, instance } = node.attrs;
    const own = made.get(body.key) ?? nest(numbered(bodyGraph(body)));
    made.set(body.key, own);
    const number = numbers.get(node) ?? instance;
    return builder.node("Call", inputs, { ...node.attrs, body: own, instance: number }) as Node;
  }).graph;
}
