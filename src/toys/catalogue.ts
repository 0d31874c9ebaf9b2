/** @file All toy problems, by families. */
import type { Problem } from "./problem.ts";
import { batchSum } from "./problems/batch-sum.ts";
import { biasOnly } from "./problems/bias-only.ts";
import { classImbalance } from "./problems/class-imbalance.ts";
import { contradictoryTwins } from "./problems/contradictory-twins.ts";
import { erasure } from "./problems/erasure.ts";
import { gaussianMixture } from "./problems/gaussian-mixture.ts";
import { lookupTable } from "./problems/lookup-table.ts";
import { modularAddition } from "./problems/modular-addition.ts";
import { sparseParity } from "./problems/sparse-parity.ts";
import { xorRegression } from "./problems/xor-regression.ts";

export const catalogue: readonly Problem[] = [
  xorRegression,
  // Labels, batches and what of the input is read.
  biasOnly,
  contradictoryTwins,
  batchSum,
  sparseParity,
  modularAddition,
  gaussianMixture,
  lookupTable,
  erasure,
  classImbalance,
  // Regression.
  // Causal sequences.
  // Order, recall, images and sets.
  // Generative models and contrast.
];
