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
