/** @file The gated recurrent unit, with the reset gate behind the product. */
import type { Architecture } from "./architecture.ts";

export const gruResetAfter: Architecture = {
  name: "GRU, reset after",
  spec: "gru-reset-after",
  right: [
    { program: "gru_layer", written: "nn.GRU" },
    { program: "gru_layer_by_hand", written: "a loop over the steps, two layers for all gates" },
  ],
  wrong: [
    {
      program: "gru_layer_without_reset_gate",
      mistake: "the reset gate is not used",
      kinds: ["missing-term"],
      equation: "3",
      line: "self.step(",
      long: true,
    },
    {
      program: "gru_layer_reset_of_all",
      mistake: "the reset gate acts on the input too",
      kinds: ["wrong-order"],
      equation: "3",
      line: "self.step(",
      words: "multiplies the whole sum",
      long: true,
    },
    {
      program: "gru_layer_sigmoid_for_the_candidate",
      mistake: "the candidate goes through sigmoid",
      kinds: ["wrong-activation"],
      equation: "3",
      line: "self.step(",
    },
    {
      program: "gru_layer_candidate_without_activation",
      mistake: "the candidate has no activation",
      kinds: ["missing-activation"],
      equation: "3",
      line: "self.step(",
    },
    {
      program: "gru_layer_forgets",
      mistake: "the state before is left out",
      kinds: ["missing-term"],
      equation: "4",
      line: "self.step(",
    },
    {
      program: "gru_layer_adds_the_candidate",
      mistake: "the candidate is added whole",
      kinds: ["missing-term"],
      equation: "4",
      line: "self.step(",
    },
    {
      program: "gru_layer_update_for_reset",
      mistake: "the update gate resets too",
      // One gate in the place of another is one set of parameters for both, whichever of the two is meant.
      kinds: ["shared-parameter"],
      equation: "2",
      line: "self.step(",
      words: "z is computed with parameters of r",
    },
    {
      program: "gru_layer_gates_without_activation",
      mistake: "the update gate has no activation",
      kinds: ["missing-activation"],
      equation: "2",
      line: "self.step(",
    },
    {
      program: "gru_layer_without_hidden_bias",
      mistake: "no bias behind the reset gate",
      kinds: ["missing-bias"],
      equation: "3",
      line: "self.step(",
      words: "a_n is missing",
    },
  ],
};
