/** @file Names before names are given. */
import { symbol } from "../base/layout.ts";
import { dimText, shapeText } from "../ir/dim.ts";
import { type Node, usersOf } from "../ir/graph.ts";
import { AxisNames } from "./axis-names.ts";
import type { Profile } from "./document.ts";
import type { LetterSource, Vocabulary } from "./forms.ts";
import type { Laid } from "./laid.ts";
import { lettersOf } from "./letters.ts";
import { asIdentifier, Names, parameterNames } from "./names.ts";
import { SizeNames } from "./sizes.ts";

/** Names of the usual length, for deciding what fits into a line before names are given. */
export function draftWords(laid: Laid, notation: Profile): Vocabulary {
  const { graph } = laid;
  const sizes = new SizeNames([laid], notation);
  const names = sizes.names();
  const axes = new AxisNames(laid, sizes);
  const letters = (avoided: ReadonlySet<string>, taken: readonly string[] = []): LetterSource =>
    lettersOf(notation, names, axes, avoided, taken);
  const inputs = graph.inputs.map((node) => [node as Node, asIdentifier(node.attrs.name)] as const);
  const parameters = parameterNames(graph.parameters, usersOf(graph), new Names(), new Set());
  const known = new Map<Node, string | undefined>([...inputs, ...parameters]);
  // An index is called like none of them.
  for (const name of known.values()) if (name !== undefined && names.isFree(name)) names.take(name);
  return {
    name: (node) => known.get(node) ?? "x_1",
    axis: (node, axis) => (axes.isNameable(node, axis) ? "n" : undefined),
    joinedAxis: (node, axis) => axes.joinedAxis(node, axis),
    sizeName: (node, axis) => axes.sizeName(node, axis),
    counted: (node) => axes.counted(node),
    bound: (place) => symbol(dimText(place)),
    shape: (node) => symbol(shapeText(node.type.shape)),
    size: (size) => symbol(dimText(size)),
    isSize: () => false,
    own: (node) => {
      const letter = letters(new Set());
      return notation === "named" ? node.type.shape.map((_, axis) => letter(node, axis)) : undefined;
    },
    letters: (avoided, taken) => {
      if (notation === "named") return letters(avoided, taken);
      let count = 0;
      return () => `i${count++}`;
    },
  };
}
