/** @file Edits that are one mistake of a program: queries, keys and values go through one function that splits heads. */
import { shapeText } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { Told } from "./candidate.ts";

/** Groups of edits that do the same to several values of the same form, in the order of the spec. */
export function alike(edits: readonly Told[]): Told[][] {
  const groups = new Map<string, Map<Node, Told>>();
  for (const edit of edits) {
    const { op, type, inputs } = edit.node;
    const key = [edit.kind, op, shapeText(type.shape), ...inputs.map((input) => input.op)].join(" ");
    const group = groups.get(key) ?? new Map<Node, Told>();
    // Edits come with the likeliest first.
    if (!group.has(edit.node)) groups.set(key, group.set(edit.node, edit));
  }
  return [...groups.values()]
    .filter((group) => group.size > 1)
    .map((group) => [...group.values()].sort((a, b) => a.node.id - b.node.id));
}
