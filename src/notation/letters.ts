/** @file The indices of one equation: letters, or what the axes are called. */
import { range } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import type { AxisNames } from "./axis-names.ts";
import type { Profile } from "./document.ts";
import type { LetterSource } from "./forms.ts";
import type { Names } from "./names.ts";

const letterOrder = [..."ijklmnpqruvwstabcdfgho"];

/** Indices for one equation, in which none comes twice and none is taken; `avoided` are names that can't be indices there. */
export function lettersOf(
  notation: Profile,
  names: Names,
  axes: AxisNames,
  avoided: ReadonlySet<string>,
  taken: readonly string[] = [],
): LetterSource {
  const used = new Set<string>([...avoided, ...taken]);
  const isFree = (name: string): boolean => names.isFree(name) && !used.has(name);
  return (node, axis) => {
    const own = notation === "named" ? ownWord(axes, node, axis, used) : undefined;
    const wishes = notation === "named" ? wordsFor(axes, node, axis, avoided) : lettersFor(axes, node, axis);
    const letter = own ?? [...wishes, ...letterOrder].find(isFree) ?? `i_${used.size}`;
    used.add(letter);
    return letter;
  };
}

/** b for an axis of size B. */
function lettersFor(axes: AxisNames, node: Node, axis: number): string[] {
  const name = axes.sizeName(node, axis) ?? "";
  return /^[BH]$/.test(name) ? [name.toLowerCase()] : [];
}

/** The name of its size, which is that of no other axis of the tensor. */
function ownWord(axes: AxisNames, node: Node, axis: number, used: ReadonlySet<string>): string | undefined {
  const word = axes.sizeName(node, axis);
  const isFree =
    word !== undefined && /^[a-z]/i.test(word) && !used.has(word) && axes.word(node, axis) === word;
  return isFree && (!isTime(word) || alike(axes, node, axis).length === 1) ? word : undefined;
}

/** Axes of a tensor that are called alike. */
const alike = (axes: AxisNames, node: Node, axis: number): number[] => {
  const word = axes.word(node, axis);
  return range(node.type.shape.length).filter((other) => axes.word(node, other) === word);
};

const isTime = (word: string): boolean => /^time(?:_\d+)?$/.test(word);

/** What an axis holds; of times that look at times one is the query, the other the key. */
function wordsFor(axes: AxisNames, node: Node, axis: number, avoided: ReadonlySet<string>): string[] {
  const word = axes.word(node, axis);
  if (word === undefined) return [];
  const same = alike(axes, node, axis);
  const times = isTime(word) ? [same.length > 1 && same[0] !== axis ? "key" : "query"] : [];
  const numbers = isTime(word) && avoided.has(word) ? ["position"] : [];
  const others = avoided.has(word) ? [] : [word, `${word}'`, `${word}''`];
  return [...(same.length > 1 ? times : []), ...numbers, ...others];
}
