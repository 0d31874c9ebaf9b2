/** @file All toy problems, by families. */
import type { Problem } from "./problem.ts";
import { biasOnly } from "./problems/bias-only.ts";
import { xorRegression } from "./problems/xor-regression.ts";

export const catalogue: readonly Problem[] = [
  xorRegression,
  // Labels, batches and what of the input is read.
  biasOnly,
  // Regression.
  // Causal sequences.
  // Order, recall, images and sets.
  // Generative models and contrast.
];
