/** @file What stands below the equations: one line for notes that differ in their numbers only. */

/** The first of each kind, with how many more there are of it. */
export function condensed(notes: readonly string[]): string[] {
  const kinds = Map.groupBy(notes, (note) => note.replaceAll(/\d+/g, "0"));
  return [...kinds.values()].map(([first = "", ...more]) =>
    more.length === 0 ? first : `${first} (and ${more.length} more like it)`,
  );
}
