/** @file What the code calls a block, its uses and its parameters. */
import { at, range } from "../base/assert.ts";
import { firstToLast } from "../base/joined-names.ts";
import { quoted } from "../diag/diagnostic.ts";
import { bodyGraph } from "../ir/body.ts";
import type { Graph, Node, Origin } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { type BlockNames, innerOf, type Part, recordsOf, type Use } from "./blocks.ts";

/** The paths of the modules that parts are; empty where nothing tells the parts apart. */
export function pathsOf(graph: Graph, parts: readonly Part[]): string[] {
  const records = recordsOf(graph);
  const paths = parts.map((part) => {
    const stored = part.parameters.flatMap((node) => records.get(node)?.names[0] ?? []);
    const modules = innerOf(part).flatMap((node) => graph.origins.get(node)?.module ?? []);
    return commonPath(stored.length > 0 ? stored : modules);
  });
  return new Set(paths).size === parts.length ? paths : paths.map(() => "");
}

const segmentsOf = (path: string): string[] => path.split(/[./]/);

/** The path that all begin with, in whole segments; the last segment of a parameter's name is no module. */
function commonPath(paths: readonly string[]): string {
  const all = paths.map(segmentsOf);
  const [first = []] = all;
  const end = first.findIndex((segment, place) => all.some((other) => other[place] !== segment));
  return first.slice(0, end < 0 ? Math.max(0, first.length - 1) : end).join(".");
}

/** Names for the block that parts of the same structure are; `paths` are those of the parts' modules. */
export function namesOf(graph: Graph, parts: readonly Part[], paths: readonly string[]): BlockNames {
  const first = at(parts, 0);
  const path = at(paths, 0);
  const kinds = innerOf(first).flatMap((node) => graph.origins.get(node)?.classes?.get(path) ?? []);
  const taken = new Set<string>();
  const argument = (node: Node, place: number): string => {
    const wish = givenAs(node) ?? graph.labels.get(node);
    const name = place === 0 ? "x" : wish === undefined || taken.has(wish) ? `c_${place}` : wish;
    taken.add(name);
    return name;
  };
  return {
    block: asName(kinds[0]) ?? listName(path),
    args: first.args.map(argument),
    parameters: parameterNames(graph, parts, paths),
    labels: commonLabels(graph, parts),
  };
}

/** What values of the first part are called, where those of the others are, too, but for numbers behind. */
function commonLabels({ labels }: Graph, parts: readonly Part[]): ReadonlyMap<Node, string> {
  if (labels.size === 0 || parts.length === 1) return labels;
  const [first = [], ...others] = parts.map(innerOf);
  return new Map(
    first.flatMap((node, place) => {
      const all = [node, ...others.map((inner) => at(inner, place))].map((own) => labels.get(own) ?? "");
      const common = [...new Set(all)];
      const [name = "", ...more] = common.length === 1 ? common : new Set(all.map(withoutNumber));
      return name === "" || more.length > 0 ? [] : [[node, name] as const];
    }),
  );
}

const withoutNumber = (label: string): string => label.replace(/_?\d+$/, "");

/** What an input of the model is called that a value is, or a part of; a number among several is left out. */
function givenAs(node: Node): string | undefined {
  if (node.op === "Input") return node.attrs.name.replaceAll(/_\d+(?=_|$)/g, "");
  const [operand] = node.inputs;
  const isPart = definitionOf(node.op).rearranges === true || node.op === "Slice";
  return operand !== undefined && isPart ? givenAs(operand) : undefined;
}

/** A name that the language can use as a function. */
const asName = (text: string | undefined): string | undefined =>
  text !== undefined && /^[A-Za-z][A-Za-z0-9]*$/.test(text) ? text : undefined;

/** `encoder.layers.0` is a `Layer`; a letter such as `h` says too little. */
function listName(path: string): string {
  const words = segmentsOf(path).filter((segment) => /^[A-Za-z]\w{2,}$/.test(segment));
  const word = (words.at(-1) ?? "block").replace(/[_\d]+$/, "").replace(/s$/, "");
  return inOneWord(word) ?? "Block";
}

/** `next_state` as `NextState`; `undefined` where that is no name that the language can use as a function. */
export const inOneWord = (name: string): string | undefined =>
  asName(name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()));

/** What the code calls the parameters: without the path of the block, where its uses differ in nothing else. */
function parameterNames(graph: Graph, parts: readonly Part[], paths: readonly string[]): string[][] {
  const records = recordsOf(graph);
  return range(at(parts, 0).parameters.length).map((place) => {
    const relative = parts.map(({ parameters }, index) => {
      const path = at(paths, index);
      return (records.get(at(parameters, place))?.names ?? []).map((name) =>
        path !== "" && name.startsWith(path) ? name.slice(path.length + 1) : name,
      );
    });
    const [first = []] = relative;
    const last = relative.at(-1) ?? [];
    const isAlike = relative.every((other) => other.join() === first.join());
    return isAlike ? first : first.map((name, index) => firstToLast(name, last[index] ?? ""));
  });
}

/** The line that uses a block, and the path of the module that this use is. */
export function useOrigin(graph: Graph, { results }: Part, path: string): Origin {
  const origin = graph.origins.get(at(results, 0)) ?? {};
  const call = path === "" ? undefined : origin.calls?.findLast(({ into }) => into === path);
  const { file, line, code } = call ?? origin;
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(code === undefined ? {} : { code }),
    ...(path === "" ? {} : { module: path }),
    ...(origin.classes === undefined ? {} : { classes: origin.classes }),
  };
}

/** Says which models the numbers of uses mean, of those blocks that several models are. */
export function numbersNotes(uses: readonly Use[], models: ReadonlySet<string>): string[] {
  const ofModels = uses.filter(({ origin }) => models.has(origin.module ?? ""));
  return [...Map.groupBy(ofModels, ({ body }) => body.key).values()].flatMap((same) => {
    const { name } = bodyGraph(at(same, 0).body);
    const paths = new Map(same.map(({ instance, origin }) => [instance, origin.module ?? ""] as const));
    const each = [...paths].map(([instance, path]) => `${name}_${instance} is ${quoted(path)}`);
    return new Set(paths.values()).size > 1 ? [each.join(", ")] : [];
  });
}
