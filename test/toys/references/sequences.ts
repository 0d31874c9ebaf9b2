/** @file Entries for causal sequences, and for problems of order, recall, images and sets. */
import type { Reference, Variant } from "./kinds.ts";

export const references: readonly Reference[] = [
  { entry: "examples/toys/transformer.ts:model", problems: [] },
];

export const variants: readonly Variant[] = [];
