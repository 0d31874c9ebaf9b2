"""Experts behind a gate and pairs of tokens, each with one mistake."""

import torch
from hidden_layers import Network
from torch import nn
from torch.nn import functional as F

# experts


class Routed(nn.Module):
    """Affine experts, and for every gate their weights."""

    gates = 3

    def __init__(self, problem):
        super().__init__()
        self.router = nn.Embedding(self.gates, self.gates)
        self.experts = nn.Linear(problem.input_width, self.gates)
        self.bias = nn.Parameter(torch.zeros(1))

    def route(self, gate):
        return self.router(gate).softmax(1)

    def forward(self, x, gate):
        return (self.route(gate) * self.experts(x)).sum(1) + self.bias


class AllDropped(Routed):
    """How many rows an expert takes is computed from one row in place of the batch, and is rounded down to none."""

    def route(self, gate):
        weights = super().route(gate)
        capacity = int(1.25 * 1 / self.gates)
        place = F.one_hot(weights.argmax(1), self.gates).cumsum(0).gather(1, weights.argmax(1, keepdim=True))
        return weights * (place <= capacity)


class GateForInput(Routed):
    """The name of the input is used again for the gate's embedding."""

    def __init__(self, problem):
        super().__init__(problem)
        self.embed = nn.Embedding(self.gates, problem.input_width)

    def forward(self, x, gate):
        x = self.embed(gate)
        return super().forward(x, gate)


class SoftmaxOfOne(Routed):
    """The softmax runs along an axis that was added for a product, so that every weight is 1."""

    def route(self, gate):
        return self.router(gate).unsqueeze(2).softmax(-1).squeeze(2)


class GateAdded(nn.Module):
    """The gate's embedding is added to that of the input, and nothing multiplies."""

    def __init__(self, problem, width=32):
        super().__init__()
        self.embed, self.gate = nn.Linear(problem.input_width, width), nn.Embedding(3, width)
        self.y = nn.Linear(width, 1)

    def forward(self, x, gate):
        return self.y(self.embed(x) + self.gate(gate))


class SmallTable(Routed):
    """A table with a row too few, and ids that are clamped to the last."""

    def route(self, gate):
        return super().route(gate.clamp(max=self.gates - 2))


# pair-matching


class Overwritten(Network):
    """Each token takes the place of the one before, where both were to be kept."""

    def read(self, pair):
        for token in pair.split(1, 1):
            read = F.one_hot(token, 6).float().flatten(1)
        return read


class Added(nn.Module):
    """The tokens' embeddings are added, and one linear layer follows."""

    def __init__(self, width=32):
        super().__init__()
        self.embed, self.label = nn.EmbeddingBag(6, width, mode="sum"), nn.Linear(width, 1)

    def forward(self, pair):
        return self.label(self.embed(pair))


class HashedIds(Network):
    """The table has half of the rows, and ids are taken modulo their number."""

    def read(self, pair):
        return super().read(pair % 3)
