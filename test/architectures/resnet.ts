/** @file The basic block of ResNet in evaluation. */
import type { Architecture } from "./architecture.ts";

export const resnet: Architecture = {
  name: "ResNet block",
  spec: "resnet-basic-block",
  right: [
    { program: "resnet_block", written: "nn.Conv2d and nn.BatchNorm2d" },
    { program: "resnet_block_by_hand", written: "sums over shifted images, normalisation written out" },
    {
      program: "resnet_block_folded",
      written: "each normalisation folded into the convolution before it",
    },
  ],
  wrong: [
    {
      program: "resnet_block_epsilon",
      mistake: "another epsilon",
      kinds: ["wrong-constant"],
      equation: "2",
      line: "self.bn1(",
    },
    {
      program: "resnet_block_groups",
      mistake: "each channel by itself",
      kinds: ["wrong-groups"],
      equation: "1",
      line: "self.conv1(x)",
    },
    {
      program: "resnet_block_dilation",
      mistake: "filters with gaps",
      kinds: ["wrong-window"],
      equation: "1",
      line: "self.conv1(x)",
    },
    {
      program: "resnet_block_norm_missing",
      mistake: "a normalisation is missing",
      kinds: ["missing-operation"],
      equation: "6",
      line: "self.conv2(h) + x",
    },
    {
      program: "resnet_block_skip_missing",
      mistake: "no shortcut",
      kinds: ["missing-skip-connection"],
      equation: "7",
      line: "self.bn2(self.conv2(h))",
    },
    {
      program: "resnet_block_skip_from_the_middle",
      mistake: "the shortcut begins in the middle",
      kinds: ["wrong-skip-connection"],
      equation: "7",
      line: "+ h)",
    },
    {
      program: "resnet_block_skip_after_the_activation",
      mistake: "the shortcut is added after the activation",
      kinds: ["wrong-order"],
      equation: "7",
      line: "torch.relu(self.bn2(",
    },
    {
      program: "resnet_block_first_activation_missing",
      mistake: "no activation between the convolutions",
      kinds: ["missing-activation"],
      equation: "3",
      line: "self.bn1(self.conv1(x))",
    },
    {
      program: "resnet_block_last_activation_missing",
      mistake: "no activation behind the sum",
      kinds: ["missing-activation"],
      equation: "7",
      line: "self.bn2(self.conv2(h)) + x",
    },
    {
      program: "resnet_block_gelu",
      mistake: "gelu for relu",
      kinds: ["wrong-activation"],
      equation: "3",
      line: "F.gelu",
    },
    {
      program: "resnet_block_activation_before_norm",
      mistake: "the activation comes before the normalisation",
      kinds: ["extra-activation", "missing-activation"],
      equation: "1",
      line: "self.bn1(torch.relu(",
    },
    {
      program: "resnet_block_one_norm_for_both",
      mistake: "one normalisation for both",
      kinds: ["shared-parameter"],
      equation: "5",
      line: "self.bn1(",
      words: "n_2, z are computed with parameters of n_1, h",
    },
    {
      program: "resnet_block_extra_bias",
      mistake: "a bias that the normalisation makes useless",
      kinds: ["extra-bias"],
      equation: "1",
      line: "self.conv1(x)",
    },
  ],
};
