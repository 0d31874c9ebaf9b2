/** @file The gated recurrent unit, with the reset gate before the product. */
import type { Architecture } from "./architecture.ts";

export const gru: Architecture = {
  name: "GRU",
  spec: "gru",
  right: [
    { program: "gru_by_hand", written: "a loop over the steps, a layer for each gate" },
    { program: "gru_as_in_the_paper", written: "a loop over the steps, both gates out of one layer" },
  ],
  wrong: [
    {
      program: "gru_without_reset_gate",
      mistake: "the reset gate is not used",
      kinds: ["missing-term"],
      equation: "3",
      line: "self.step(",
    },
    {
      program: "gru_sigmoid_for_the_candidate",
      mistake: "the candidate goes through sigmoid",
      kinds: ["wrong-activation"],
      equation: "3",
      line: "self.step(",
      long: true,
    },
    {
      program: "gru_candidate_without_activation",
      mistake: "the candidate has no activation",
      kinds: ["missing-activation"],
      equation: "3",
      line: "self.step(",
      long: true,
    },
    {
      program: "gru_forgets",
      mistake: "the state before is left out",
      kinds: ["missing-term"],
      equation: "4",
      line: "self.step(",
    },
    {
      program: "gru_adds_the_candidate",
      mistake: "the candidate is added whole",
      kinds: ["missing-term"],
      equation: "4",
      line: "self.step(",
    },
    {
      program: "gru_one_gate_for_two",
      mistake: "the update gate resets too",
      // One gate in the place of another is one set of parameters for both, whichever of the two is meant.
      kinds: ["shared-parameter"],
      equation: "2",
      line: "self.step(",
      words: "z is computed with parameters of r",
    },
    {
      program: "gru_reset_for_update",
      mistake: "the reset gate keeps the state",
      kinds: ["wrong-operand"],
      equation: "4",
      line: "self.step(",
    },
    {
      program: "gru_without_bias",
      mistake: "no biases",
      kinds: ["missing-bias", "missing-bias", "missing-bias"],
      equation: "1",
      line: "self.step(",
    },
    {
      program: "gru_output_doubled",
      mistake: "the state is doubled at each step",
      kinds: ["wrong-scale"],
      equation: "4",
      line: "self.step(",
    },
  ],
};
