/** @file Entries for problems whose inputs are vectors, tokens or short sequences that one head answers. */
import type { Reference, Variant } from "./kinds.ts";

export const references: readonly Reference[] = [
  { entry: "examples/toys/perceptron.ts:model", problems: ["xor-regression", "bias-only"] },
];

export const variants: readonly Variant[] = [
  {
    entry: "test/toys/entries/perceptrons.ts:withoutActivation",
    problem: "xor-regression",
    rung: "affine",
  },
];
