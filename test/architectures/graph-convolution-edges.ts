/** @file The graph convolutional network over a list of edges. */
import type { Architecture } from "./architecture.ts";

export const graphConvolutionEdges: Architecture = {
  name: "Graph convolutional network, over edges",
  spec: "graph-convolution-edges",
  right: [
    { program: "gcn_edges", written: "index_add, what a node has itself is added behind" },
    { program: "gcn_edges_scattered", written: "loops as further edges, scatter_add" },
  ],
  wrong: [
    {
      program: "gcn_edges_backwards",
      mistake: "sources and targets are exchanged",
      kinds: ["wrong-operand"],
      equation: "1",
      line: "super().forward(x, target, source)",
      short: "undecided",
    },
    {
      program: "gcn_edges_mean",
      mistake: "the mean over neighbours",
      kinds: ["missing-operation", "missing-term"],
      equation: "4",
      line: "self.propagate(self.lin1(x), source, target)",
      short: "another name",
    },
    {
      program: "gcn_edges_linear",
      mistake: "no activation between the layers",
      kinds: ["missing-activation"],
      equation: "5",
      line: "self.propagate(self.lin1(x), source, target)",
      words: "relu is missing",
    },
    {
      program: "gcn_edges_not_normalised",
      mistake: "no normalisation",
      kinds: ["missing-operation"],
      equation: "4",
      line: "self.propagate(self.lin1(x), source, target)",
      words: "is missing",
      short: "undecided",
    },
    {
      program: "gcn_edges_softmax_over_nodes",
      mistake: "softmax over the nodes",
      kinds: ["wrong-axis"],
      equation: "6",
      line: "dim=0",
      words: "axis N instead of axis F",
    },
  ],
};
