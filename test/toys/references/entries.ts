/** @file Which entries solve which problems, and which broken ones stop at which rung. */
import { variants as brokenGenerative, references as ofGenerative } from "./generative.ts";
import type { Reference, Variant } from "./kinds.ts";
import { variants as brokenOrder, references as ofOrder } from "./order.ts";
import { variants as brokenRegression, references as ofRegression } from "./regression.ts";
import { variants as brokenSequences, references as ofSequences } from "./sequences.ts";
import { variants as brokenVectors, references as ofVectors } from "./vectors.ts";

export const references: readonly Reference[] = [
  ...ofVectors,
  ...ofRegression,
  ...ofSequences,
  ...ofOrder,
  ...ofGenerative,
];

export const variants: readonly Variant[] = [
  ...brokenVectors,
  ...brokenRegression,
  ...brokenSequences,
  ...brokenOrder,
  ...brokenGenerative,
];
