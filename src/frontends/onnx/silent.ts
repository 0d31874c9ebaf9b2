/** @file The modules of nodes of which an exporter says nothing, such as the `Split` that it makes of several slices. */
import { get } from "../../base/assert.ts";
import type { Origin } from "../../ir/graph.ts";
import type { NodeProto } from "./onnx_pb.ts";
import { isSilent, originOf } from "./origin.ts";

/** A module's path; `undefined` where nothing is known. */
type Path = readonly string[] | undefined;

/** The origins of the nodes of a graph. One that stands between nodes of a module is of that module. */
export function originsOf(nodes: readonly NodeProto[]): ReadonlyMap<NodeProto, Origin> {
  const origins = new Map(nodes.map((node) => [node, originOf(node)] as const));
  if (!nodes.some(isSilent)) return origins;
  const makers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const users = Map.groupBy(
    nodes.flatMap((node) => node.input.map((name) => [name, node] as const)),
    ([name]) => name,
  );
  const before = pathsFrom(nodes, origins, ({ input }) => input.flatMap((name) => makers.get(name) ?? []));
  const behind = pathsFrom(nodes.toReversed(), origins, ({ output }) =>
    output.flatMap((name) => users.get(name)?.map(([, user]) => user) ?? []),
  );
  return new Map(
    nodes.map((node) => {
      const own = get(origins, node);
      const path = isSilent(node) ? shared([before.get(node), behind.get(node)]) : [];
      return [node, path.length === 0 ? own : { ...own, module: path.join(".") }] as const;
    }),
  );
}

/** The modules of nodes; of those that say nothing, what their neighbours, which stand in front of them, have in common. */
function pathsFrom(
  nodes: readonly NodeProto[],
  origins: ReadonlyMap<NodeProto, Origin>,
  neighbours: (node: NodeProto) => readonly NodeProto[],
): ReadonlyMap<NodeProto, Path> {
  const paths = new Map<NodeProto, Path>();
  for (const node of nodes) {
    const near = (): Path[] => neighbours(node).flatMap((other) => [paths.get(other)]);
    const known = get(origins, node).module?.split(".") ?? [];
    paths.set(node, isSilent(node) ? shared(near().filter((path) => path !== undefined)) : known);
  }
  return paths;
}

/** The path that all begin with. */
function shared([first = [], ...others]: readonly Path[]): readonly string[] {
  const end = first.findIndex((segment, place) => others.some((other) => other?.[place] !== segment));
  return end < 0 ? first : first.slice(0, end);
}
