/** @file Entries for problems of regression. */
import { type Names, type Reference, type Variant, variantsIn } from "./kinds.ts";

const ofVectors = [
  "relu-teacher",
  "absolute-teacher",
  "product",
  "bilinear",
  "rank-ladder",
  "linear-regression",
  "heteroscedastic",
  "quantile",
  "scale-blind",
];

export const references: readonly Reference[] = [
  { entry: "examples/toys/perceptron.ts:model", problems: ofVectors },
  { entry: "examples/toys/networks.py:Perceptron", problems: ofVectors },
  { entry: "examples/toys/recurrent.ts:model", problems: ["adding"] },
  { entry: "examples/toys/transformer.ts:model", problems: ["in-context-regression"] },
  { entry: "examples/toys/networks.py:Recurrent", problems: ["adding"] },
  { entry: "examples/toys/networks.py:Transformer", problems: ["in-context-regression"] },
];

const general = "hidden_layers.py";
const regression = "regression.py";
const spreads = "spreads.py";

const broken = (problem: string, names: Names, file: string = regression): Variant[] =>
  variantsIn(file, problem, names);

export const variants: readonly Variant[] = [
  ...broken(
    "relu-teacher",
    {
      affine: "WithoutActivation",
      constant: "DeadUnits",
      odd: "OddNetwork",
      "first input lost": "FirstColumnLost",
    },
    general,
  ),
  ...broken("relu-teacher", { even: "AbsoluteWithoutBias" }),
  ...broken(
    "absolute-teacher",
    { affine: "WithoutActivation", odd: "OddNetwork", "first input lost": "FirstColumnLost" },
    general,
  ),
  ...broken("product", {
    additive: "BranchesAdded",
    "sum only": "InputsAdded",
    "one factor clipped": "FirstFactorClipped",
    "both factors clipped": "InputsClipped",
  }),
  ...broken("bilinear", {
    additive: "VectorsAdded",
    symmetric: "KeysAreQueries",
    "rank 1": "NarrowScores",
    "difference only": "Difference",
    diagonal: "Elementwise",
  }),
  ...broken("rank-ladder", {
    "rank 0": "BothFactorsZero",
    "rank 1": "BottleneckOfOne",
    "rank 2": "BottleneckOfTwo",
    "rank 3": "Bottleneck",
    diagonal: "Scales",
  }),
  ...broken(
    "linear-regression",
    {
      constant: "broadcast",
      "first feature lost": "FirstColumnLost",
      "length lost": "RmsNormOnTheInput",
      "offset lost": "RowsCentred",
      "layer-normalised": "LayerNormOnTheInput",
      tanh: "TanhOnTheOutput",
      sigmoid: "SigmoidTwice",
    },
    general,
  ),
  ...broken("linear-regression", {
    "no bias": "WithoutBias",
    "last feature lost": "LastColumnLost",
    ReLU: "ReluOnTheOutput",
  }),
  ...broken(
    "heteroscedastic",
    {
      homoscedastic: "OneVariance",
      "mean not learned": "MeanFrozen",
      constant: "likelihoods_broadcast",
      "variance of 1": "only_squared_error",
      "logarithm of the deviation": "log_of_deviation",
      deviation: "deviation",
      variance: "variance",
      precision: "precision",
      "half the variance": "half_variance",
      "twice the variance": "twice_variance",
    },
    spreads,
  ),
  ...broken(
    "quantile",
    { "level swapped": "level_swapped", mean: "median", constant: "quantile_broadcast" },
    spreads,
  ),
  ...broken("heteroscedastic", { "first input lost": "FirstColumnLost" }, general),
  ...broken("quantile", { "first input lost": "FirstColumnLost" }, general),
  ...broken(
    "scale-blind",
    {
      "scale lost": "RmsNormOnTheInput",
      "offset lost": "RowsCentred",
      "layer-normalised": "LayerNormOnTheInput",
      affine: "WithoutActivation",
    },
    general,
  ),
  ...broken("adding", {
    constant: "adding_broadcast",
    "marks not read": "MarksLost",
    "first half lost": "FirstHalfLost",
    "second half lost": "SecondHalfLost",
  }),
  ...broken("in-context-regression", {
    "no context": "Window",
    "last pair": "LastPair",
    "last two pairs": "LastTwoPairs",
    "next token visible": "WithoutMask",
  }),
];
