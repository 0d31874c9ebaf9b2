/**
 * @file Modules that take lists: the layers of a DenseNet (Huang et al. 2017) join everything before them, of which each has more
 * than the one before. Without the join, which their user may as well do, they are one block.
 */
import type { Node } from "../ir/graph.ts";

/** The nodes of a module without those that only join what it is given; `undefined` where there are none. */
export function behindJoins(nodes: readonly Node[]): readonly Node[] | undefined {
  const inside = new Set(nodes);
  const isJoin = ({ op, inputs }: Node): boolean =>
    op === "Concat" && inputs.every((input) => !inside.has(input));
  const others = nodes.filter((node) => !isJoin(node));
  return others.length === nodes.length ? undefined : others;
}

/** Something in two forms, of which the second has no joins, with what each has in common with others. */
export interface Forms<T> {
  readonly own: readonly [skeleton: string, form: T];
  readonly behind: readonly [skeleton: string, form: T];
}

/** In groups by what they have in common: in the second form where this makes one of several groups. */
export function groupedForms<T>(all: readonly Forms<T>[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const same of Map.groupBy(all, ({ behind: [skeleton] }) => skeleton).values()) {
    const isOne = new Set(same.map(({ own: [skeleton] }) => skeleton)).size > 1;
    for (const { own, behind } of same) {
      const [skeleton, form] = isOne ? behind : own;
      groups.set(skeleton, [...(groups.get(skeleton) ?? []), form]);
    }
  }
  return groups;
}
