/**
 * @file What an edited spec need not find again: values that the spec as it was had in common with the code, as long as
 * everything behind them goes through one value of both.
 */
import { get } from "../base/assert.ts";
import { attributeText, type Graph, type Node, reachable } from "../ir/graph.ts";
import { isStored } from "../ops/traits.ts";
import type { Overlay } from "./bind.ts";
import { bindingHash } from "./binding.ts";
import { frontier, type Lowered } from "./localise.ts";
import type { Known } from "./path.ts";

/** Everything that has a value. */
export const everything = ({ primitive }: Lowered, { values }: Overlay): Node[] =>
  primitive.nodes.filter((node) => values.has(node));

/** What is not made of parameters that are bound to the same as others: of these one may be right at most. */
export function untied({ primitive }: Lowered, { values, bindings }: Overlay): Node[] {
  const takers = Map.groupBy(bindings.keys(), (parameter) => bindingHash(get(bindings, parameter)));
  const doubtful = new Set([...takers.values()].filter((tied) => tied.length > 1).flat());
  for (const node of primitive.nodes)
    if (node.inputs.some((input) => doubtful.has(input))) doubtful.add(node);
  return primitive.nodes.filter((node) => values.has(node) && !doubtful.has(node));
}

/** What lies before the place where spec and code part: beyond it bindings may be wrong. */
export function settled(lowered: Lowered, overlay: Overlay): Node[] {
  // What an activation does to its operand inside its own definition joins nothing.
  const operands = frontier(lowered, overlay).flatMap(({ inputs }) =>
    inputs.filter((input) => !isStored(input)),
  );
  const parting = operands.map((node) => get(lowered.image, node));
  const isFound = (node: Node): boolean => (overlay.matches.get(node) ?? []).length > 0;
  const last = bottleneck(parting, isFound);
  return last === undefined ? [] : reachable([last]);
}

/** What is known of the edited spec's nodes from where the unedited one lay. */
export type Carry = (edited: Graph) => Known;

/** Carries over what is known of some nodes of the unedited spec. */
export function carrying(nodes: readonly Node[], overlay: Overlay): Carry {
  const byKey = new Map(nodes.map((node) => [keyOf(node, node.inputs), node]));
  return (edited) => {
    const before = new Map<Node, Node>();
    for (const node of edited.nodes) {
      const inputs = node.inputs.flatMap((input) => before.get(input) ?? []);
      const same = inputs.length === node.inputs.length ? byKey.get(keyOf(node, inputs)) : undefined;
      if (same !== undefined) before.set(node, same);
    }
    const carried = <V>(values: ReadonlyMap<Node, V>): [Node, V][] =>
      [...before].flatMap(([node, old]) => {
        const value = values.get(old);
        return value === undefined ? [] : [[node, value]];
      });
    return {
      values: carried(overlay.values),
      matches: carried(overlay.matches),
      bindings: carried(overlay.bindings),
    };
  };
}

const keyOf = ({ op, attrs }: Node, inputs: readonly Node[]): string =>
  `${op}(${inputs.map(({ id }) => id).join()})${attributeText(attrs)}`;

/**
 * The last value through which all goes that these nodes are made of, before several values join on the way to them: what
 * joins there may have been taken for each other.
 */
function bottleneck(nodes: readonly Node[], isFound: (node: Node) => boolean): Node | undefined {
  const live = new Set(nodes);
  let hasJoined = live.size > 1;
  for (;;) {
    const [node] = [...live].sort((a, b) => b.id - a.id);
    if (node === undefined || node.op === "Input") return undefined;
    if (live.size === 1 && hasJoined && isFound(node)) return node;
    live.delete(node);
    for (const input of node.inputs) if (!isStored(input)) live.add(input);
    hasJoined ||= live.size > 1;
  }
}
