/** @file The bidirectional LSTM. */
import type { Architecture } from "./architecture.ts";

export const bidirectionalLstm: Architecture = {
  name: "bidirectional LSTM",
  spec: "bidirectional-lstm",
  right: [
    { program: "bidirectional_lstm", written: "nn.LSTM" },
    { program: "bidirectional_lstm_by_hand", written: "two loops over the steps" },
  ],
  wrong: [
    {
      program: "bidirectional_lstm_forwards_twice",
      mistake: "both directions read forwards",
      kinds: ["wrong-direction"],
      equation: "7",
      line: "self.both(x)",
      words: "runs forwards instead of backwards",
    },
    {
      program: "bidirectional_lstm_not_turned_back",
      mistake: "the states of the way back stay turned around",
      kinds: ["wrong-direction"],
      equation: "13",
      line: "self.head(",
      words: "the steps of k are in reverse order",
    },
    {
      program: "bidirectional_lstm_one_cell",
      mistake: "one cell for both directions",
      kinds: ["shared-parameter"],
      equation: "7",
      line: "self.both(x)",
      words: "p, q, r, s are computed with parameters of i, f, g, o",
    },
    {
      program: "bidirectional_lstm_forwards_only",
      mistake: "the way back is not used",
      kinds: ["wrong-operand"],
      equation: "13",
      line: "self.head(",
      words: "h stands in the place of k",
    },
    {
      program: "bidirectional_lstm_without_output_activation",
      mistake: "the cells leave without their tanh",
      kinds: ["missing-activation", "missing-activation"],
      equation: "6",
      line: "self.both(x)",
      long: true,
    },
    {
      program: "bidirectional_lstm_without_input_gate",
      mistake: "the input gates are not used",
      kinds: ["missing-term", "missing-term"],
      equation: "5",
      line: "",
      short: "undecided",
    },
    {
      program: "bidirectional_lstm_relu_head",
      mistake: "relu behind the last layer",
      kinds: ["extra-activation"],
      equation: "13",
      line: "torch.relu(",
    },
    {
      program: "bidirectional_lstm_head_without_bias",
      mistake: "the last layer has no bias",
      kinds: ["missing-bias"],
      equation: "13",
      line: "self.head(",
    },
    {
      program: "bidirectional_lstm_output_doubled",
      mistake: "the output is doubled",
      kinds: ["wrong-scale"],
      equation: "13",
      line: "2 * ",
    },
  ],
};
