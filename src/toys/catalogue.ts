/** @file All toy problems, by families. */
import type { Problem } from "./problem.ts";
import { aBeforeB } from "./problems/a-before-b.ts";
import { addPosition } from "./problems/add-position.ts";
import { associativeRecall } from "./problems/associative-recall.ts";
import { biasOnly } from "./problems/bias-only.ts";
import { copyMemory } from "./problems/copy-memory.ts";
import { mixtureOfExperts } from "./problems/experts.ts";
import { firstToken } from "./problems/first-token.ts";
import { pairMatching } from "./problems/pair-matching.ts";
import { reverse } from "./problems/reverse.ts";
import { rowOrColumn } from "./problems/row-or-column.ts";
import { setMaximum } from "./problems/set-maximum.ts";
import { shiftedImage } from "./problems/shifted-image.ts";
import { sort } from "./problems/sort.ts";
import { xorRegression } from "./problems/xor-regression.ts";

export const catalogue: readonly Problem[] = [
  xorRegression,
  // Labels, batches and what of the input is read.
  biasOnly,
  // Regression.
  // Causal sequences.
  // Order, recall, images and sets.
  aBeforeB,
  firstToken,
  addPosition,
  associativeRecall,
  copyMemory,
  reverse,
  sort,
  rowOrColumn,
  shiftedImage,
  setMaximum,
  mixtureOfExperts,
  pairMatching,
  // Generative models and contrast.
];
