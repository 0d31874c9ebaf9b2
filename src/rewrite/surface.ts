/** @file Nodes that are made alike as far as one sees down to a depth: where to look for what repeats. */
import { get } from "../base/assert.ts";
import { attributeText, type Graph, type Node } from "../ir/graph.ts";

/** The operator and its attributes. */
export const ownText = ({ op, attrs }: Node): string => `${op}${attributeText(attrs)}`;

/** Nodes with operands whose structure is equal down to a depth, in sets of at least two, by what each is called by itself. */
export function alikeDownTo(
  graph: Graph,
  depth: number,
  textOf: (node: Node) => string,
): readonly (readonly Node[])[] {
  const texts = graph.nodes.map(textOf);
  let kinds = new Map<Node, number>();
  for (let level = 0; level <= depth; level++) {
    const numbers = new Map<string, number>();
    const next = new Map<Node, number>();
    for (const [index, node] of graph.nodes.entries()) {
      const below = level === 0 ? "" : node.inputs.map((input) => get(kinds, input)).join();
      const key = `${texts[index]}(${below})`;
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      next.set(node, number);
    }
    kinds = next;
  }
  const sets = new Map<number, Node[]>();
  for (const node of graph.nodes) {
    if (node.inputs.length === 0) continue;
    const kind = get(kinds, node);
    const set = sets.get(kind);
    if (set === undefined) sets.set(kind, [node]);
    else set.push(node);
  }
  return [...sets.values()].filter((set) => set.length > 1);
}
