"""A small network whose parts others replace, each with one mistake."""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Network(nn.Module):
    """Two hidden layers on what is read of the inputs, and a head for every output."""

    width = 64
    bias = True

    def __init__(self, problem):
        super().__init__()
        self.problem = problem
        # Lazy, since variants read more or less of the inputs.
        self.first = nn.LazyLinear(self.width, bias=self.bias)
        self.second = nn.Linear(self.width, self.width, bias=self.bias)
        self.heads = nn.ModuleDict(
            {output.name: nn.Linear(self.width, math.prod(output.shape), bias=self.bias) for output in problem.outputs}
        )

    def read(self, *inputs):
        """What the hidden layers see: [B, features]."""
        return torch.cat(
            [
                (F.one_hot(x, field.count).float() if field.whole else x).reshape(len(x), -1)
                for x, field in zip(inputs, self.problem.inputs)
            ],
            1,
        )

    def activation(self, h):
        return torch.relu(h)

    def answer(self, output):
        """What is done with the numbers of the heads."""
        return output

    def forward(self, *inputs):
        h = self.activation(self.first(self.read(*inputs)))
        h = self.activation(self.second(h))
        return {name: self.answer(head(h)) for name, head in self.heads.items()}


class Linear(Network):
    """A single layer on what is read."""

    def __init__(self, problem):
        nn.Module.__init__(self)
        self.problem = problem
        self.heads = nn.ModuleDict(
            {output.name: nn.LazyLinear(math.prod(output.shape), bias=self.bias) for output in problem.outputs}
        )

    def forward(self, *inputs):
        x = self.read(*inputs)
        return {name: self.answer(head(x)) for name, head in self.heads.items()}


class WithoutActivation(Network):
    """The layers compose to a single one."""

    def activation(self, h):
        return h


class FirstColumnLost(Network):
    """The slice begins one too late."""

    def read(self, x):
        return x[:, 1:]


class MaskInverted(Network):
    """What holds something is taken for padding."""

    def read(self, x):
        return x.masked_fill(x != 0, 0)


class SigmoidTwice(Network):
    """The loss applies a sigmoid too."""

    def answer(self, output):
        return torch.sigmoid(output)


class SoftmaxTwice(Network):
    """The loss applies a softmax too."""

    def answer(self, output):
        return torch.softmax(output, -1)


class TanhOnTheOutput(Network):
    def answer(self, output):
        return torch.tanh(output)


class OddNetwork(Network):
    """Biases are missing, and the activation is odd."""

    bias = False

    def activation(self, h):
        return torch.tanh(h)


class DeadUnits(Network):
    """The hidden biases start so low that no unit is ever active."""

    def __init__(self, problem):
        super().__init__(problem)
        nn.init.constant_(self.second.bias, -20)


class RmsNormOnTheInput(Network):
    def read(self, x):
        return F.rms_norm(x, x.shape[1:])


class LayerNormOnTheInput(Network):
    def read(self, x):
        return F.layer_norm(x, x.shape[1:])


class RowsCentred(Network):
    """Means are taken along the wrong axis."""

    def read(self, x):
        return x - x.mean(1, keepdim=True)


def squared_error_broadcast(outputs, targets):
    """[B, 1] against [B]: every prediction meets every target."""
    return ((outputs["y"] - targets) ** 2).mean()


broadcast = {"model": Network, "loss": squared_error_broadcast}


class SmallSequence(nn.Module):
    """A network on every item of a sequence, the sum over items, and a linear layer."""

    def __init__(self, width=32):
        super().__init__()
        self.item = nn.Sequential(nn.LazyLinear(width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.y = nn.Linear(width, 1)

    def read(self, x):
        return x

    def forward(self, x):
        return self.y(self.item(self.read(x)).mean(1))
