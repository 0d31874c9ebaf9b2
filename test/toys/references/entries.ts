/** @file Which entries solve which problems, and which broken ones stop at which rung. */

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

const perceptron = "examples/toys/perceptron.ts:model";
const transformer = "examples/toys/transformer.ts:model";

export const references: readonly Reference[] = [
  { entry: perceptron, problems: ["xor-regression", "bias-only"] },
  { entry: transformer, problems: [] },
];

export const variants: readonly Variant[] = [
  {
    entry: "test/toys/entries/perceptrons.ts:withoutActivation",
    problem: "xor-regression",
    rung: "affine",
  },
];
