/** @file A network of two layers. */
import type { Architecture } from "./architecture.ts";

export const twoLayer: Architecture = {
  name: "MLP",
  spec: "two-layer-mlp",
  right: [
    { program: "mlp_by_hand", written: "matrices from the right" },
    { program: "two_layer_mlp", written: "nn.Linear" },
    { program: "two_layer_square", written: "as many hidden units as inputs" },
  ],
  wrong: [
    {
      program: "mlp_activation_missing",
      mistake: "no activation",
      kinds: ["missing-activation"],
      equation: "1",
      line: "h = x @ self.w1",
    },
    {
      program: "mlp_activation_twice",
      mistake: "the activation is applied twice",
      kinds: ["extra-activation"],
      equation: "1",
      line: "torch.tanh(torch.tanh(",
    },
    {
      program: "mlp_bias_multiplied",
      mistake: "the last bias is multiplied",
      kinds: ["wrong-operation"],
      equation: "2",
      line: "* self.b2",
    },
    {
      program: "two_layer_wrong_activation",
      mistake: "relu for tanh",
      kinds: ["wrong-activation"],
      equation: "1",
      line: "torch.relu(self.first(x))",
    },
    {
      program: "two_layer_activation_on_the_output",
      mistake: "the output goes through tanh",
      kinds: ["extra-activation"],
      equation: "2",
      line: "torch.tanh(self.second(",
    },
    {
      program: "two_layer_bias_missing",
      mistake: "a bias is missing",
      kinds: ["missing-bias"],
      equation: "1",
      line: "self.first(x)",
    },
    {
      program: "two_layer_bias_twice",
      mistake: "a bias is added twice",
      kinds: ["bias-added-twice"],
      equation: "2",
      line: "+ self.second.bias",
    },
    {
      program: "two_layer_one_weight_for_both_layers",
      mistake: "one weight for both layers",
      kinds: ["shared-parameter"],
      equation: "2",
      line: "self.first.weight",
    },
    {
      program: "two_layer_output_doubled",
      mistake: "the output is doubled",
      kinds: ["wrong-scale"],
      equation: "2",
      line: "2 * self.second",
    },
  ],
};
