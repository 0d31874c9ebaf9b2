/** @file Reference solutions and broken variants of the problems of saying the next token. */
import type { Reference, Variant } from "./kinds.ts";

export const references: readonly Reference[] = [
  {
    entry: "examples/toys/transformer.ts:model",
    problems: [
      "uniform-tokens",
      "markov-chain",
      "lag-copy",
      "lag-mixture",
      "in-context-die",
      "in-context-markov",
      "mess3",
    ],
  },
  {
    entry: "examples/toys/recurrent.ts:model",
    problems: ["even-process", "brackets", "flip-flop", "parity-stream"],
  },
  {
    entry: "test/toys/entries/causal.py:transformer",
    problems: [
      "uniform-tokens",
      "markov-chain",
      "lag-copy",
      "lag-mixture",
      "in-context-die",
      "in-context-markov",
      "mess3",
    ],
  },
  { entry: "examples/toys/networks_jax.py:transformer", problems: ["markov-chain", "a-before-b"] },
  {
    entry: "test/toys/entries/causal.py:recurrent",
    problems: ["even-process", "brackets", "flip-flop", "parity-stream"],
  },
];

export const variants: readonly Variant[] = [
  { entry: "test/toys/entries/causal.py:without_mask", problem: "uniform-tokens", rung: "no causal mask" },
  {
    entry: "test/toys/entries/causal.py:mask_off_by_one_at_a_border",
    problem: "uniform-tokens",
    rung: "leak at one position",
  },
  { entry: "test/toys/entries/causal.py:input_not_read", problem: "markov-chain", rung: "input not read" },
  { entry: "test/toys/entries/causal.py:untrained", problem: "markov-chain", rung: "uniform" },
  { entry: "test/toys/entries/causal.py:shifted_twice", problem: "markov-chain", rung: "shifted twice" },
  {
    entry: "test/toys/entries/causal.py:softmax_over_queries",
    problem: "markov-chain",
    rung: "no causal mask",
  },
  { entry: "test/toys/entries/causal.py:reach_of_3", problem: "lag-copy", rung: "window of 3" },
  {
    entry: "test/toys/entries/causal.py:shifted_twice_recurrent",
    problem: "lag-copy",
    rung: "shifted twice",
  },
  { entry: "test/toys/entries/causal.py:softmax_twice", problem: "lag-copy", rung: "softmax twice" },
  { entry: "test/toys/entries/causal.py:without_mask", problem: "lag-copy", rung: "no causal mask" },
  { entry: "test/toys/entries/causal.py:input_not_read", problem: "lag-mixture", rung: "input not read" },
  {
    entry: "test/toys/entries/causal.py:current_token_only",
    problem: "lag-mixture",
    rung: "current token only",
  },
  { entry: "test/toys/entries/causal.py:reach_of_2", problem: "lag-mixture", rung: "window of 2" },
  { entry: "test/toys/entries/causal.py:reach_of_4", problem: "lag-mixture", rung: "window of 4" },
  { entry: "test/toys/entries/causal.py:without_mask", problem: "lag-mixture", rung: "no causal mask" },
  { entry: "test/toys/entries/causal.py:input_not_read", problem: "in-context-die", rung: "input not read" },
  {
    entry: "test/toys/entries/causal.py:current_token_only",
    problem: "in-context-die",
    rung: "current token only",
  },
  { entry: "test/toys/entries/causal.py:convolution_of_3", problem: "in-context-die", rung: "window of 3" },
  { entry: "test/toys/entries/causal.py:without_mask", problem: "in-context-die", rung: "no causal mask" },
  {
    entry: "test/toys/entries/causal.py:input_not_read",
    problem: "in-context-markov",
    rung: "input not read",
  },
  {
    entry: "test/toys/entries/causal.py:current_token_only",
    problem: "in-context-markov",
    rung: "current token only",
  },
  {
    entry: "test/toys/entries/causal.py:one_layer_without_positions",
    problem: "in-context-markov",
    rung: "visits without what followed",
  },
  { entry: "test/toys/entries/causal.py:without_mask", problem: "in-context-markov", rung: "no causal mask" },
  { entry: "test/toys/entries/causal.py:input_not_read", problem: "even-process", rung: "input not read" },
  {
    entry: "test/toys/entries/causal.py:current_token_only",
    problem: "even-process",
    rung: "current token only",
  },
  { entry: "test/toys/entries/causal.py:reach_of_2", problem: "even-process", rung: "window of 2" },
  { entry: "test/toys/entries/causal.py:without_mask", problem: "even-process", rung: "no causal mask" },
  { entry: "test/toys/entries/causal.py:input_not_read", problem: "mess3", rung: "input not read" },
  { entry: "test/toys/entries/causal.py:current_token_only", problem: "mess3", rung: "current token only" },
  { entry: "test/toys/entries/causal.py:without_mask", problem: "mess3", rung: "no causal mask" },
  {
    entry: "test/toys/entries/causal.py:current_token_only",
    problem: "brackets",
    rung: "current token only, without position",
  },
  {
    entry: "test/toys/entries/causal.py:token_and_position_only",
    problem: "brackets",
    rung: "current token only",
  },
  { entry: "test/toys/entries/causal.py:kinds_alike", problem: "brackets", rung: "depth only" },
  { entry: "test/toys/entries/causal.py:input_not_read", problem: "brackets", rung: "input not read" },
  { entry: "test/toys/entries/causal.py:last_bias_only", problem: "brackets", rung: "constant" },
  { entry: "test/toys/entries/causal.py:without_mask", problem: "brackets", rung: "no causal mask" },
  {
    entry: "test/toys/entries/causal.py:current_token_only",
    problem: "flip-flop",
    rung: "current token only",
  },
  { entry: "test/toys/entries/causal.py:convolution_of_3", problem: "flip-flop", rung: "window of 3" },
  { entry: "test/toys/entries/causal.py:reach_of_7", problem: "flip-flop", rung: "window of 7" },
  {
    entry: "test/toys/entries/causal.py:reach_of_4_with_positions",
    problem: "parity-stream",
    rung: "window of 4",
  },
  {
    entry: "test/toys/entries/causal.py:current_token_only",
    problem: "parity-stream",
    rung: "current token only",
  },
  { entry: "test/toys/entries/causal.py:without_nonlinearity", problem: "parity-stream", rung: "affine" },
];
