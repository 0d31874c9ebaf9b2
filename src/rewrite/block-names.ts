/** @file What the code calls a block that repeats, its uses and its parameters. */
import { at, range } from "../base/assert.ts";
import type { Graph, Node, Origin } from "../ir/graph.ts";
import type { Chain, Round } from "./chains.ts";

export interface BlockNames {
  readonly name: string;
  /** Where each round is used, and the path of the module that it is. */
  readonly uses: readonly Origin[];
}

/** Named after the class of the module that each round is; else after the list that holds these, else `Block`. */
export function blockNames(
  graph: Graph,
  { rounds }: Chain,
  own: readonly (readonly Node[])[],
  taken: ReadonlySet<string>,
): BlockNames {
  const names = new Map(
    graph.parameters.map((parameter) => [parameter.node as Node, parameter.names] as const),
  );
  const paths = rounds.map((round, place) => {
    const modules = round.inner.flatMap((node) => graph.origins.get(node)?.module ?? []);
    const stored = at(own, place).flatMap((node) => names.get(node)?.[0] ?? []);
    return commonPath(stored.length > 0 ? stored : modules);
  });
  const areTold = new Set(paths).size === rounds.length;
  const uses = rounds.map((round, place) => useOf(graph, round, areTold ? at(paths, place) : ""));
  const kind = graph.origins
    .get(at(rounds, 0).result)
    ?.calls?.findLast(({ into }) => into === paths[0])?.kind;
  return { name: free(kind ?? listName(at(paths, 0)), taken), uses };
}

const segmentsOf = (path: string): string[] => path.split(/[./]/);

/** The path that all begin with, whole segments of it. */
function commonPath(paths: readonly string[]): string {
  const all = paths.map(segmentsOf);
  const [first = []] = all;
  const end = first.findIndex((segment, place) => all.some((other) => other[place] !== segment));
  // The last segment of a parameter's name is no module.
  return first.slice(0, end < 0 ? Math.max(0, first.length - 1) : end).join(".");
}

/** The line that uses the block, and the block's path. */
function useOf(graph: Graph, { result }: Round, path: string): Origin {
  const origin = graph.origins.get(result) ?? {};
  const call = path === "" ? undefined : origin.calls?.findLast(({ into }) => into === path);
  const { file, line, code } = call ?? origin;
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(code === undefined ? {} : { code }),
    ...(path === "" ? {} : { module: path }),
  };
}

/** `encoder.layers.0` is a `Layer`; a letter such as `h` says too little. */
function listName(path: string): string {
  const words = segmentsOf(path).filter((segment) => /^[A-Za-z]\w{2,}$/.test(segment));
  const word = (words.at(-1) ?? "block").replace(/[_\d]+$/, "").replace(/s$/, "");
  const name = word.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return /^[A-Za-z][A-Za-z0-9]*$/.test(name) ? name : "Block";
}

function free(wish: string, taken: ReadonlySet<string>): string {
  const name = /^[A-Za-z][A-Za-z0-9]*$/.test(wish) ? wish : "Block";
  if (!taken.has(name)) return name;
  // A number behind an underscore would mean one of several uses.
  for (let number = 2; ; number++) if (!taken.has(`${name}${number}`)) return `${name}${number}`;
}

/** What the code calls the parameters of a block: without the path of the block, where its uses differ in nothing else. */
export function ownNames(
  graph: Graph,
  { uses }: BlockNames,
  own: readonly (readonly Node[])[],
): readonly string[][] {
  const names = new Map(
    graph.parameters.map((parameter) => [parameter.node as Node, parameter.names] as const),
  );
  return range(at(own, 0).length).map((place) => {
    const inRounds = own.map((nodes) => names.get(at(nodes, place)) ?? []);
    const relative = inRounds.map((all, round) => {
      const path = uses[round]?.module;
      return all.map((name) =>
        path !== undefined && name.startsWith(path) ? name.slice(path.length + 1) : name,
      );
    });
    const [first = []] = relative;
    const isAlike = relative.every((other) => other.join() === first.join());
    if (isAlike) return first;
    const [last = []] = relative.slice(-1);
    return first.map((name, index) => `${name} … ${last[index] ?? ""}`);
  });
}
