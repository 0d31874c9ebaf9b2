/** @file The convolutional network of handwriting. */
import type { Architecture } from "./architecture.ts";

export const lenet: Architecture = {
  name: "LeNet-5",
  spec: "lenet",
  right: [
    { program: "lenet", written: "nn.Conv2d and avg_pool2d" },
    { program: "lenet_by_columns", written: "unfold and a matrix product" },
    { program: "lenet_flipped", written: "filters turned around" },
  ],
  wrong: [
    {
      program: "lenet_padding",
      mistake: "another padding",
      kinds: ["wrong-window"],
      equation: "3",
      line: "self.conv2(x)",
    },
    {
      program: "lenet_stride",
      mistake: "another stride",
      kinds: ["wrong-window"],
      equation: "3",
      line: "self.conv2(x)",
    },
    {
      program: "lenet_overlapping_pool",
      mistake: "pools that overlap",
      kinds: ["wrong-window"],
      equation: "2",
      line: "avg_pool2d(torch.tanh(self.conv1(x)), 3",
    },
    {
      program: "lenet_max_pool",
      mistake: "the maximum for the average",
      kinds: ["wrong-reduction"],
      equation: "2",
      line: "max_pool2d",
    },
    {
      program: "lenet_relu",
      mistake: "relu for tanh",
      kinds: ["wrong-activation"],
      equation: "3",
      line: "torch.relu(self.conv2(x))",
    },
    {
      program: "lenet_activation_missing",
      mistake: "an activation is missing",
      kinds: ["missing-activation"],
      equation: "3",
      line: "avg_pool2d(self.conv2(x), 2)",
    },
    {
      program: "lenet_activation_after_pool",
      mistake: "the activation comes after the pool",
      kinds: ["wrong-order"],
      equation: "2",
      line: "torch.tanh(F.avg_pool2d(",
    },
    {
      program: "lenet_activation_on_the_output",
      mistake: "the classes go through tanh",
      kinds: ["extra-activation"],
      equation: "7",
      line: "torch.tanh(self.classes(x))",
    },
    {
      program: "lenet_one_layer_twice",
      mistake: "two layers are one",
      kinds: ["shared-parameter"],
      equation: "1",
      line: "shared",
    },
    {
      program: "lenet_bias_missing",
      mistake: "a bias is missing",
      kinds: ["missing-bias"],
      equation: "1",
      line: "self.conv1(x)",
    },
    {
      program: "lenet_sum_pool",
      mistake: "the sum for the average",
      kinds: ["wrong-reduction"],
      equation: "4",
      line: "",
    },
  ],
};
