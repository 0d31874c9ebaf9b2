/** @file All toy problems, by families. */
import type { Problem } from "./problem.ts";
import { aBeforeB } from "./problems/a-before-b.ts";
import { addPosition } from "./problems/add-position.ts";
import { adding } from "./problems/adding.ts";
import { associativeRecall } from "./problems/associative-recall.ts";
import { batchSum } from "./problems/batch-sum.ts";
import { biasOnly } from "./problems/bias-only.ts";
import { bilinear } from "./problems/bilinear.ts";
import { brackets } from "./problems/brackets.ts";
import { classImbalance } from "./problems/class-imbalance.ts";
import { contradictoryTwins } from "./problems/contradictory-twins.ts";
import { contrastive } from "./problems/contrastive.ts";
import { copyMemory } from "./problems/copy-memory.ts";
import { discriminator } from "./problems/discriminator.ts";
import { erasure } from "./problems/erasure.ts";
import { evenProcess } from "./problems/even-process.ts";
import { mixtureOfExperts } from "./problems/experts.ts";
import { firstToken } from "./problems/first-token.ts";
import { flipFlop } from "./problems/flip-flop.ts";
import { flowMatching } from "./problems/flow-matching.ts";
import { gaussianMixture } from "./problems/gaussian-mixture.ts";
import { heteroscedastic } from "./problems/heteroscedastic.ts";
import { inContextDie } from "./problems/in-context-die.ts";
import { inContextMarkov } from "./problems/in-context-markov.ts";
import { inContextRegression } from "./problems/in-context-regression.ts";
import { klDirection } from "./problems/kl-direction.ts";
import { lagCopy } from "./problems/lag-copy.ts";
import { lagMixture } from "./problems/lag-mixture.ts";
import { linearRegression } from "./problems/linear-regression.ts";
import { linearVae } from "./problems/linear-vae.ts";
import { lookupTable } from "./problems/lookup-table.ts";
import { markovChain } from "./problems/markov-chain.ts";
import { maskedTokens } from "./problems/masked-tokens.ts";
import { mess3 } from "./problems/mess3.ts";
import { modularAddition } from "./problems/modular-addition.ts";
import { noisePrediction } from "./problems/noise-prediction.ts";
import { pairMatching } from "./problems/pair-matching.ts";
import { parityStream } from "./problems/parity-stream.ts";
import { product } from "./problems/product.ts";
import { quantileRegression } from "./problems/quantile.ts";
import { rankLadder } from "./problems/rank-ladder.ts";
import { reverse } from "./problems/reverse.ts";
import { rowOrColumn } from "./problems/row-or-column.ts";
import { scaleBlind } from "./problems/scale-blind.ts";
import { setMaximum } from "./problems/set-maximum.ts";
import { shiftedImage } from "./problems/shifted-image.ts";
import { sort } from "./problems/sort.ts";
import { sparseParity } from "./problems/sparse-parity.ts";
import { absoluteTeacher, reluTeacher } from "./problems/teachers.ts";
import { uniformTokens } from "./problems/uniform-tokens.ts";
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
  uniformTokens,
  markovChain,
  lagCopy,
  lagMixture,
  inContextDie,
  inContextMarkov,
  evenProcess,
  mess3,
  brackets,
  flipFlop,
  parityStream,
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
  noisePrediction,
  flowMatching,
  linearVae,
  contrastive,
  maskedTokens,
  klDirection,
  discriminator,
];
