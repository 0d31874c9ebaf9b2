/** @file The basic block of ResNet in training, with a convolution as shortcut. */
import type { Architecture } from "./architecture.ts";

export const resnetTraining: Architecture = {
  name: "ResNet block in training",
  spec: "resnet-basic-block-training",
  right: [
    { program: "resnet_training", written: "nn.Conv2d and nn.BatchNorm2d" },
    {
      program: "resnet_training_written_out",
      written: "statistics written out, the shortcut as a linear layer on every other pixel",
    },
  ],
  wrong: [
    {
      program: "resnet_training_unbiased_variance",
      mistake: "the variance divides by n - 1",
      kinds: ["wrong-reduction"],
      equation: "3",
      line: "self.first(",
    },
    {
      program: "resnet_training_over_each_image",
      mistake: "statistics of each image by itself",
      kinds: ["wrong-axis"],
      equation: "2",
      line: "self.first(",
      short: "undecided",
    },
    {
      program: "resnet_training_epsilon_outside",
      mistake: "epsilon is added to the deviation",
      kinds: ["wrong-order"],
      equation: "4",
      line: "self.first(",
    },
    {
      program: "resnet_training_shortcut_not_normalised",
      mistake: "the shortcut is added as it is",
      kinds: ["missing-normalisation"],
      equation: "14",
      line: "self.shortcut(x)",
      short: "another name",
    },
    {
      program: "resnet_training_shortcut_averaged",
      mistake: "the shortcut averages before its convolution",
      kinds: ["wrong-operand"],
      equation: "11",
      line: "avg_pool2d(x, 2)",
      short: "undecided",
    },
    {
      program: "resnet_training_shortcut_missing",
      mistake: "no shortcut",
      kinds: ["missing-skip-connection"],
      equation: "16",
      line: "torch.relu(",
    },
    {
      program: "resnet_training_activation_missing",
      mistake: "no activation between the convolutions",
      kinds: ["missing-activation"],
      equation: "5",
      line: "self.bn1(self.conv1(x))",
    },
    {
      program: "resnet_training_activation_of_the_sum",
      mistake: "the activation comes before the sum",
      kinds: ["wrong-order"],
      equation: "16",
      line: "torch.relu(",
    },
    {
      program: "resnet_training_epsilon",
      mistake: "another epsilon",
      kinds: ["wrong-constant"],
      equation: "4",
      line: "self.bn1(",
    },
    {
      program: "resnet_training_dilation",
      mistake: "filters with gaps",
      kinds: ["wrong-window"],
      equation: "6",
      line: "self.conv2(h)",
    },
    {
      program: "resnet_training_wide_shortcut",
      mistake: "the shortcut sees 3 x 3 pixels",
      kinds: ["wrong-window"],
      equation: "11",
      line: "self.shortcut(x)",
    },
  ],
};
