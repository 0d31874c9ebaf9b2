/** @file Functions that Assay has no definition for, under names that a text can say. */
import { bodyGraph, nest } from "../ir/body.ts";
import { shapeText } from "../ir/dim.ts";
import {
  applied,
  type Builder,
  type Graph,
  type Node,
  type NodeOf,
  rebuild,
  transform,
} from "../ir/graph.ts";
import type { Body } from "../ir/operators.ts";
import { newBuilder } from "../ops/table.ts";

/** A function of unknown meaning, as an operator has it. */
export type Unknown = Pick<NodeOf<"Opaque">["attrs"], "name" | "attributes">;

type Use = NodeOf<"Opaque"> & Node;

const isUse = (node: Node): node is Use => node.op === "Opaque";

/** What tells one use of unknown functions from another: which function it is, and of what shapes. */
export const keyOfUnknown = ({ attrs, inputs }: Use): string =>
  JSON.stringify([
    attrs.name,
    attrs.attributes,
    shapeText(attrs.shape),
    inputs.map(({ type }) => shapeText(type.shape)),
  ]);

function unknownsIn({ nodes }: Graph): Use[] {
  return nodes.flatMap((node) => {
    if (isUse(node)) return [node];
    return "body" in node.attrs ? unknownsIn(bodyGraph(node.attrs.body)) : [];
  });
}

/** A name for each use of an unknown function that differs from the others, which follows from what it is alone. */
export function namesOfUnknowns(
  graph: Graph,
): ReadonlyMap<string, { readonly name: string; readonly function: Unknown }> {
  const byKey = new Map(unknownsIn(graph).map((node) => [keyOfUnknown(node), node.attrs] as const));
  const keys = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  const counts = new Map<string, number>();
  return new Map(
    keys.map(([key, attrs]) => {
      const base = `f_${attrs.name.replaceAll(/[^A-Za-z0-9]+/g, "_").replaceAll(/^_|_$/g, "")}`;
      const count = (counts.get(base) ?? 0) + 1;
      counts.set(base, count);
      return [key, { name: count === 1 ? base : `${base}${count}`, function: attrs }] as const;
    }),
  );
}

/** The graph with something else in the place of each use of an unknown function, in the bodies of its nodes, too. */
export function withoutUnknowns(
  graph: Graph,
  instead: (builder: Builder, use: Use, inputs: readonly Node[]) => Node,
): Graph {
  if (unknownsIn(graph).length === 0) return graph;
  const builder = newBuilder();
  const bodies = new Map<string, Body>();
  const bodyFor = (body: Body): Body => {
    const known = bodies.get(body.key) ?? nest(withoutUnknowns(bodyGraph(body), instead));
    bodies.set(body.key, known);
    return known;
  };
  return transform(graph, builder, (node, inputs) => {
    if (isUse(node)) return instead(builder, node, inputs);
    if (!("body" in node.attrs)) return rebuild(builder, node, inputs);
    return applied(builder, node.op, inputs, { ...node.attrs, body: bodyFor(node.attrs.body) });
  }).graph;
}
