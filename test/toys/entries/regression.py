"""Networks for problems of regression, each with one mistake."""

import torch
from hidden_layers import Linear, Network, SmallSequence
from torch import nn
from torch.nn import functional as F

# relu-teacher


class AbsoluteWithoutBias(Network):
    """The activation is even, and nothing shifts it."""

    def __init__(self, problem):
        super().__init__(problem)
        self.first = nn.Linear(problem.input_width, self.width, bias=False)

    def activation(self, h):
        return h.abs()


# product


class FirstFactorClipped(Network):
    def read(self, x):
        return torch.cat([x[:, :1].relu(), x[:, 1:]], 1)


class InputsClipped(Network):
    def read(self, x):
        return x.relu()


class InputsAdded(Network):
    """The inputs are added in place of being concatenated."""

    def read(self, x):
        return x.sum(1, keepdim=True)


class BranchesAdded(nn.Module):
    """Nothing multiplies the branches."""

    def __init__(self):
        super().__init__()
        self.left, self.right = branch(1), branch(1)

    def forward(self, x):
        return self.left(x[:, :1]) + self.right(x[:, 1:])


def branch(size, width=64):
    return nn.Sequential(nn.Linear(size, width), nn.ReLU(), nn.Linear(width, 1))


# bilinear


class VectorsAdded(nn.Module):
    """The score is a sum of two scores, one for each vector."""

    def __init__(self):
        super().__init__()
        self.left, self.right = branch(2), branch(2)

    def forward(self, a, b):
        return self.left(a) + self.right(b)


class KeysAreQueries(nn.Module):
    """One projection serves for queries and keys."""

    def __init__(self, size=8):
        super().__init__()
        self.project, self.bias = nn.Linear(2, size, bias=False), nn.Parameter(torch.zeros(1))

    def forward(self, a, b):
        return (self.project(a) * self.project(b)).sum(1) + self.bias


class NarrowScores(nn.Module):
    """Queries and keys of size 1."""

    def __init__(self, size=1):
        super().__init__()
        self.query, self.key = nn.Linear(2, size), nn.Linear(2, size)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, a, b):
        return (self.query(a) * self.key(b)).sum(1) + self.bias


class Difference(Network):
    """One vector is subtracted from the other in place of being concatenated."""

    def read(self, a, b):
        return a - b


class Elementwise(nn.Module):
    """No matrix stands between the vectors."""

    def __init__(self):
        super().__init__()
        self.score = nn.Linear(2, 1)

    def forward(self, a, b):
        return self.score(a * b)


# rank-ladder


class Bottleneck(nn.Module):
    width = 3

    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Linear(4, self.width), nn.Linear(self.width, 4)

    def forward(self, x):
        return self.up(self.down(x))


class BottleneckOfTwo(Bottleneck):
    width = 2


class BottleneckOfOne(Bottleneck):
    width = 1


class BothFactorsZero(nn.Module):
    """A low-rank update whose factors both start at 0, so that neither ever gets a gradient."""

    def __init__(self, rank=4):
        super().__init__()
        self.down, self.up = nn.Parameter(torch.zeros(4, rank)), nn.Parameter(torch.zeros(rank, 4))
        self.bias = nn.Parameter(torch.zeros(4))

    def forward(self, x):
        return x @ self.down @ self.up + self.bias


class Scales(nn.Module):
    """A weight multiplies element by element in place of a matrix product."""

    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(4)), nn.Parameter(torch.zeros(4))

    def forward(self, x):
        return x * self.weight + self.bias


# linear-regression


class WithoutBias(Linear):
    bias = False


class LastColumnLost(Network):
    """The slice ends one too early."""

    def read(self, x):
        return x[:, :-1]


class ReluOnTheOutput(Network):
    def answer(self, output):
        return torch.relu(output)


# adding


class MarksLost(SmallSequence):
    def read(self, x):
        return x[..., :1]


class FirstHalfLost(SmallSequence):
    def read(self, x):
        return x[:, x.shape[1] // 2 :]


class SecondHalfLost(SmallSequence):
    def read(self, x):
        return x[:, : x.shape[1] // 2]


adding_broadcast = {"model": SmallSequence, "loss": lambda outputs, targets: ((outputs - targets) ** 2).mean()}

# in-context-regression


class Window(nn.Module):
    """Every position sees its own token and so many before, as if the cache kept no more."""

    earlier = 0

    def __init__(self, width=128):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(3 * (self.earlier + 1), width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1)
        )

    def forward(self, tokens):
        padded = F.pad(tokens, (0, 0, self.earlier, 0))
        return self.layers(padded.unfold(1, self.earlier + 1, 1).flatten(2))


class LastPair(Window):
    earlier = 1


class LastTwoPairs(Window):
    earlier = 2


class WithoutMask(nn.Module):
    """Attention without a causal mask."""

    def __init__(self, width=32, length=10):
        super().__init__()
        self.embed, self.positions = nn.Linear(3, width), nn.Parameter(0.5 * torch.randn(length, width))
        layer = nn.TransformerEncoderLayer(width, 4, 4 * width, dropout=0, batch_first=True, norm_first=True)
        self.blocks, self.y = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), nn.Linear(width, 1)

    def forward(self, tokens):
        return self.y(self.blocks(self.embed(tokens) + self.positions))
