"""Networks of two layers, each right one followed by wrong ones that differ from it in a single mistake."""

import torch
from torch import nn
from torch.nn import functional as F

INPUT, HIDDEN, OUTPUT = 4, 8, 2


# y = tanh(x W1 + b1) W2 + b2


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(INPUT, HIDDEN)
        self.second = nn.Linear(HIDDEN, OUTPUT)

    def forward(self, x):
        return self.second(torch.tanh(self.first(x)))


class WrongActivation(Mlp):
    """Wrong: relu where tanh is meant."""

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))


class ActivationOnTheOutput(Mlp):
    """Wrong: the output can't leave (-1, 1)."""

    def forward(self, x):
        return torch.tanh(self.second(torch.tanh(self.first(x))))


class BiasMissing(Mlp):
    """Wrong: the hidden layer has no bias."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(INPUT, HIDDEN, bias=False)


class BiasTwice(Mlp):
    """Wrong: the layer has added its bias already."""

    def forward(self, x):
        return self.second(torch.tanh(self.first(x))) + self.second.bias


class OutputDoubled(Mlp):
    """Wrong: a factor of 2."""

    def forward(self, x):
        return 2 * self.second(torch.tanh(self.first(x)))


# The same with equal widths, so that the layers can be mistaken for each other.


class Square(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(INPUT, INPUT)
        self.second = nn.Linear(INPUT, INPUT)

    def forward(self, x):
        return self.second(torch.tanh(self.first(x)))


class OneWeightForBothLayers(Square):
    """Wrong: the second layer multiplies by the first one's weight."""

    def forward(self, x):
        h = torch.tanh(self.first(x))
        return F.linear(h, self.first.weight, self.second.bias)


# y = x + tanh(x W1 + b1) W2 + b2


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(INPUT, HIDDEN)
        self.second = nn.Linear(HIDDEN, INPUT)

    def forward(self, x):
        return x + self.second(torch.tanh(self.first(x)))


class SkipDropped(Residual):
    """Wrong: without the skip connection."""

    def forward(self, x):
        return self.second(torch.tanh(self.first(x)))


# The network above on an input whose features have mean 0 and variance 1.


class Normalised(Mlp):
    def forward(self, x):
        x = F.layer_norm(x, (INPUT,))
        return self.second(torch.tanh(self.first(x)))


class InputNotNormalised(Mlp):
    """Wrong: the input as it comes."""


# Attention over a set: a = softmax_n(h w), y = (sum_n a_n h_n) W2 + b2 for x : [B, N, INPUT]


class AttentionPool(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(INPUT, HIDDEN)
        self.score = nn.Linear(HIDDEN, 1, bias=False)
        self.second = nn.Linear(HIDDEN, OUTPUT)

    def forward(self, x):
        h = torch.tanh(self.first(x))
        a = torch.softmax(self.score(h), dim=1)
        return self.second((a * h).sum(dim=1))


class MeanForSum(AttentionPool):
    """Wrong: the weights sum to 1 already, so a mean divides by N once more."""

    def forward(self, x):
        h = torch.tanh(self.first(x))
        a = torch.softmax(self.score(h), dim=1)
        return self.second((a * h).mean(dim=1))


class SoftmaxOverTheBatch(AttentionPool):
    """Wrong: the weights of different examples compete."""

    def forward(self, x):
        h = torch.tanh(self.first(x))
        a = torch.softmax(self.score(h), dim=0)
        return self.second((a * h).sum(dim=1))


def make_mlp():
    return Mlp(), (torch.randn(3, INPUT),)


def make_wrong_activation():
    return WrongActivation(), (torch.randn(3, INPUT),)


def make_activation_on_the_output():
    return ActivationOnTheOutput(), (torch.randn(3, INPUT),)


def make_bias_missing():
    return BiasMissing(), (torch.randn(3, INPUT),)


def make_bias_twice():
    return BiasTwice(), (torch.randn(3, INPUT),)


def make_output_doubled():
    return OutputDoubled(), (torch.randn(3, INPUT),)


def make_square():
    return Square(), (torch.randn(3, INPUT),)


def make_one_weight_for_both_layers():
    return OneWeightForBothLayers(), (torch.randn(3, INPUT),)


def make_residual():
    return Residual(), (torch.randn(3, INPUT),)


def make_skip_dropped():
    return SkipDropped(), (torch.randn(3, INPUT),)


def make_normalised():
    return Normalised(), (torch.randn(3, INPUT),)


def make_input_not_normalised():
    return InputNotNormalised(), (torch.randn(3, INPUT),)


def make_attention_pool():
    return AttentionPool(), (torch.randn(3, 5, INPUT),)


def make_mean_for_sum():
    return MeanForSum(), (torch.randn(3, 5, INPUT),)


def make_softmax_over_the_batch():
    return SoftmaxOverTheBatch(), (torch.randn(3, 5, INPUT),)
