/** @file Entries for problems of order, recall, images, sets and interactions. */
import { type Names, type Reference, type Variant, variantsIn } from "./kinds.ts";

const example = (name: string): string => `examples/toys/${name}`;

export const references: readonly Reference[] = [
  {
    entry: "test/toys/entries/order.py:transformer",
    problems: [
      "a-before-b",
      "first-token",
      "add-position",
      "associative-recall",
      "copy-memory",
      "reverse",
      "sort",
    ],
  },
  {
    entry: example("transformer.ts:model"),
    problems: [
      "a-before-b",
      "first-token",
      "add-position",
      "associative-recall",
      "copy-memory",
      "reverse",
      "sort",
    ],
  },
  { entry: example("networks.py:Transformer"), problems: ["associative-recall"] },
  { entry: example("networks.py:Recurrent"), problems: ["copy-memory"] },
  { entry: example("networks.py:Convolution"), problems: ["row-or-column", "shifted-image"] },
  { entry: example("convolution.ts:model"), problems: ["row-or-column", "shifted-image"] },
  { entry: example("networks.py:Set"), problems: ["set-maximum"] },
  { entry: example("set.ts:model"), problems: ["set-maximum"] },
  { entry: example("networks.py:Experts"), problems: ["experts"] },
  { entry: example("networks.py:Perceptron"), problems: ["pair-matching"] },
  { entry: example("perceptron.ts:model"), problems: ["experts", "pair-matching"] },
];

const broken = (problem: string, names: Names, file: string = "order.py"): Variant[] =>
  variantsIn(file, problem, names);

const [images, sets, interactions] = ["images.py", "sets.py", "interactions.py"];

export const variants: readonly Variant[] = [
  ...broken("a-before-b", {
    "input not read": "input_not_read",
    "order-blind": "without_positions",
    "marks alike": "marks_alike",
    "last token only": "last_token_only",
    "first token only": "first_token_only",
  }),
  ...broken("first-token", {
    "input not read": "input_not_read",
    "first token not seen": "without_first",
    "order-blind": "without_positions",
    "neighbours averaged": "neighbours_averaged",
  }),
  ...broken("add-position", {
    "input not read": "input_not_read",
    "position-blind": "without_positions",
    "positions clipped": "positions_of_half",
  }),
  ...broken("associative-recall", {
    "no context": "own_token_only",
    "binding lost": "without_positions",
    "queries not read": "queries_not_read",
    "last 2 pairs only": "last_two_pairs",
  }),
  ...broken("copy-memory", {
    memoryless: "state_not_handed_on",
    "order lost": "without_positions",
    "every second symbol": "every_second_symbol",
  }),
  ...broken("reverse", {
    "input not read": "source_not_read",
    "order lost": "pooled",
    "positions missing": "without_positions",
    "own token only": "own_token_only",
    causal: "with_causal_mask",
    "within 2 places": "reach_of_two",
  }),
  ...broken("sort", {
    "the same everywhere": "the_same_everywhere",
    "source not read": "source_not_read",
    "positions missing": "without_positions",
    "own token only": "own_token_only",
    causal: "with_causal_mask",
  }),
  ...broken(
    "row-or-column",
    {
      "input not read": "StoredAsBytes",
      affine: "WithoutActivation",
      "pixel positions lost": "KernelsOfOne",
      "transposed at random": "TurnedInTraining",
      "middle only": "CroppedToTheMiddle",
    },
    images,
  ),
  ...broken(
    "shifted-image",
    {
      "input not read": "StoredAsBytes",
      "own row only": "KernelsTurned",
      "next rows only": "OneLayer",
      "rows below only": "PaddedBelow",
      "edge closed": "PaddedWithZeros",
      "every second pixel": "StrideOfTwo",
      "averaged in blocks": "PooledFirst",
    },
    images,
  ),
  ...broken(
    "set-maximum",
    {
      constant: "NormalisedAlone",
      "elements not read": "MaskForElements",
      "mask not read": "WithoutMask",
      "affine in the mean": "WithoutActivation",
      "one slot only": "FirstSlotRead",
    },
    sets,
  ),
  ...broken(
    "experts",
    {
      constant: "AllDropped",
      "x not read": "GateForInput",
      "one expert": "SoftmaxOfOne",
      additive: "GateAdded",
      "gates alike": "SmallTable",
    },
    interactions,
  ),
  ...broken("pair-matching", { "input not read": "SegmentsForTokens" }, "labels.py"),
  ...broken(
    "pair-matching",
    { "one token only": "Overwritten", additive: "Added", "tokens share rows": "HashedIds" },
    interactions,
  ),
];
