/** @file Nodes that are made alike as far as one sees down to a depth: where to look for what repeats. */
import { at, get } from "../base/assert.ts";
import { attributeText, type Graph, type Node } from "../ir/graph.ts";

/** The operator and its attributes. */
export const ownText = ({ op, attrs }: Node): string => `${op}${attributeText(attrs)}`;

/**
 * For each of the depths, nodes with operands whose structure is equal down to there, in sets of at least two, by what each is
 * called by itself. Nodes stand in the order of the graph, and sets in that of their first nodes. Where `followed` says so,
 * only some operands are looked at.
 */
export function alikeDownTo(
  graph: Graph,
  depths: readonly number[],
  textOf: (node: Node) => string,
  followed = ({ inputs }: Node): readonly Node[] => inputs,
): readonly (readonly (readonly Node[])[])[] {
  const place = new Map(graph.nodes.map((node, index) => [node, index] as const));
  const operands = graph.nodes.map((node) => followed(node).map((input) => get(place, input)));
  const own = numbered(graph.nodes.map(textOf));
  const levels = [own];
  for (let level = 1; level <= Math.max(...depths); level++) {
    const below = at(levels, level - 1);
    levels.push(
      numbered(
        operands.map((inputs, index) => `${own[index]}(${inputs.map((input) => below[input]).join()})`),
      ),
    );
  }
  return depths.map((depth) => {
    const kinds = at(levels, depth);
    const sets = Map.groupBy(
      graph.nodes.filter(({ inputs }) => inputs.length > 0),
      (node) => kinds[get(place, node)],
    );
    return [...sets.values()].filter((set) => set.length > 1);
  });
}

/** A number for each text; equal texts have equal numbers. */
function numbered(texts: readonly string[]): readonly number[] {
  const numbers = new Map<string, number>();
  return texts.map((text) => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  });
}
