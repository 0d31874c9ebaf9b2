/** @file All toy problems, by families. */
import type { Problem } from "./problem.ts";
import { adding } from "./problems/adding.ts";
import { batchSum } from "./problems/batch-sum.ts";
import { biasOnly } from "./problems/bias-only.ts";
import { bilinear } from "./problems/bilinear.ts";
import { classImbalance } from "./problems/class-imbalance.ts";
import { contradictoryTwins } from "./problems/contradictory-twins.ts";
import { erasure } from "./problems/erasure.ts";
import { gaussianMixture } from "./problems/gaussian-mixture.ts";
import { heteroscedastic } from "./problems/heteroscedastic.ts";
import { inContextRegression } from "./problems/in-context-regression.ts";
import { linearRegression } from "./problems/linear-regression.ts";
import { lookupTable } from "./problems/lookup-table.ts";
import { modularAddition } from "./problems/modular-addition.ts";
import { product } from "./problems/product.ts";
import { quantileRegression } from "./problems/quantile.ts";
import { rankLadder } from "./problems/rank-ladder.ts";
import { scaleBlind } from "./problems/scale-blind.ts";
import { sparseParity } from "./problems/sparse-parity.ts";
import { absoluteTeacher, reluTeacher } from "./problems/teachers.ts";
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
  reluTeacher,
  absoluteTeacher,
  product,
  bilinear,
  rankLadder,
  linearRegression,
  heteroscedastic,
  quantileRegression,
  scaleBlind,
  adding,
  inContextRegression,
  // Causal sequences.
  // Order, recall, images and sets.
  // Generative models and contrast.
];
