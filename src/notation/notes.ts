/** @file What stands below the equations: one line for notes that differ in their numbers only. */
import { visible } from "../diag/diagnostic.ts";
import type { DeclaredParameter } from "./document.ts";

/** The first of each kind, with how many more there are of it, fit to be printed. */
export function condensed(notes: readonly string[]): string[] {
  const kinds = Map.groupBy(notes, (note) => note.replaceAll(/\d+/g, "0"));
  return [...kinds.values()].map(([first = "", ...more]) =>
    cut(visible(more.length === 0 ? first : `${first} (and ${more.length} more like it)`)),
  );
}

/** Names that a file gives may have any length. */
const mostCharacters = 400;

const cut = (text: string): string =>
  text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text;

/** More tensors that nothing reads, such as counters of batches, are one note. */
export const mostUnused = 3;

/** How kernels are stored whose axes the equations have in another order, for each order once. */
export function kernelNotes(parameters: readonly DeclaredParameter[]): string[] {
  const orders = parameters.flatMap(({ order }) => (order === undefined || order.length < 3 ? [] : [order]));
  const words = (order: readonly number[]): string => {
    const [filters, channels, first] = order;
    const stored = [...order.keys()].flatMap((axis) => {
      if (axis === filters) return ["filters"];
      return axis === channels ? ["channels"] : axis === first ? ["sizes"] : [];
    });
    return `kernels are shown as [filters, channels, sizes] and stored as [${stored.join(", ")}]`;
  };
  return [...new Set(orders.map(words))];
}

export const unusedNote = (unused: readonly DeclaredParameter[]): string => {
  const [first, last] = [unused[0], unused.at(-1)].map((item) => item?.parameter.names.join(" and "));
  return `no output reads ${unused.length} stored tensors: ${first} … ${last}`;
};
