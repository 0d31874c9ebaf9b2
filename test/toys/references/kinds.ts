/** @file What trained entries are meant to show. */

/** An entry, from the root of the project, that reaches the lowest loss of problems. */
export interface Reference {
  readonly entry: string;
  readonly problems: readonly string[];
}

/** A broken entry, and the rung at which it has to be caught. */
export interface Variant {
  readonly entry: string;
  readonly problem: string;
  readonly rung: string;
}

/** The name of an entry in a Python file, by the rung at which it stops. */
export type Names = Readonly<Record<string, string>>;

export const variantsIn = (file: string, problem: string, names: Names): Variant[] =>
  Object.entries(names).map(([rung, name]) => ({
    entry: `test/toys/entries/${file}:${name}`,
    problem,
    rung,
  }));
