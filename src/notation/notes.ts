/** @file What stands below the equations: one line for notes that differ in their numbers only. */
import { visible } from "../diag/diagnostic.ts";

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
