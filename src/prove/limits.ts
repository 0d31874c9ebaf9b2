/** @file How long parameters are looked for. */

/** How long an overlay is looked for. */
export interface Limits {
  /** Turns to another path, with none that leads further, before the best so far is taken. */
  readonly detours: number;
  /** Values computed in a row without one that the code has, after which a path isn't followed any further. */
  readonly patience: number;
}
export const thorough: Limits = { detours: 256, patience: 200 };
/** Of an edited spec little is open; queries, keys and values alone can be told apart in six ways. */
export const brief: Limits = { detours: 32, patience: 200 };
/** Whether an edit has an effect shows soon; with bindings that are to be found again, after a few turns. */
export const glance: Limits = { detours: 4, patience: 60 };
export const look: Limits = { detours: 16, patience: 60 };

/** Values computed in one search, at most. */
export const mostComputed = 10_000;
/** Solving for a parameter looks at all values of the code, and takes as long as computing so many values of the spec. */
export const costOfSolving = 20;
