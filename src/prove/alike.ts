/** @file Edits that are one mistake of a program: queries, keys and values go through one function that splits heads. */
import { shapeText } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { Told } from "./candidate.ts";

/** Groups of edits that do the same to several values of the same form, in the order of the spec. */
export function alike(edits: readonly Told[]): Told[][] {
  const groups = new Map<string, Map<Node, Told>>();
  for (const edit of edits) {
    const key = formOf(edit);
    const group = groups.get(key) ?? new Map<Node, Told>();
    // Edits come with the likeliest first.
    if (!group.has(edit.node)) groups.set(key, group.set(edit.node, edit));
  }
  return [...groups.values()]
    .filter((group) => group.size > 1)
    .map((group) => [...group.values()].sort((a, b) => a.node.id - b.node.id));
}

/** Edits that do the same as one to other values of its form, one each, in the order of the spec. */
export function othersLike(edit: Told, edits: readonly Told[]): Told[] {
  const others = new Map<Node, Told>();
  for (const other of edits) {
    if (other.node === edit.node || formOf(other) !== formOf(edit)) continue;
    // Of several at one value it is the one that says the same.
    if (!others.has(other.node) || other.words === edit.words) others.set(other.node, other);
  }
  return [...others.values()].sort((a, b) => a.node.id - b.node.id);
}

const formOf = ({ kind, node: { op, type, inputs } }: Told): string =>
  [kind, op, shapeText(type.shape), ...inputs.map((input) => input.op)].join(" ");
