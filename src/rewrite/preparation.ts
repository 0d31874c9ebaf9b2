/**
 * @file What modules do to what they are given before they compute. The layers of a DenseNet (Huang et al. 2017) join everything before
 * them, of which each has more than the one before; all blocks of a denoiser (Ho et al. 2020) activate the time, which the graph has
 * once, in the first of them. Without such preparation, which their user may as well do, they are one block.
 */
import { get } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import { isParameter } from "../ops/traits.ts";

/** The nodes of a module without those that only prepare what it is given; `undefined` where there are none. */
export function behindPreparation(
  nodes: readonly Node[],
  users: ReadonlyMap<Node, readonly Node[]>,
): readonly Node[] | undefined {
  const inside = new Set(nodes);
  const isOfGiven = ({ inputs }: Node): boolean =>
    inputs.every((input) => !inside.has(input) && !isParameter(input));
  const isReadElsewhere = (node: Node): boolean => {
    const readers = get(users, node);
    return readers.some((user) => inside.has(user)) && readers.some((user) => !inside.has(user));
  };
  const others = nodes.filter((node) => !isOfGiven(node) || !(node.op === "Concat" || isReadElsewhere(node)));
  return others.length === nodes.length ? undefined : others;
}

/** Something in two forms, of which the second has no preparation, with what each has in common with others. */
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
