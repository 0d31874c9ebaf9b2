"""One hidden layer with two heads: it classifies the XOR of two inputs and regresses a smooth target."""

import torch
from torch import nn


class XorRegression(nn.Module):
    """x : [B, 3] -> logit : [B, 1], y : [B, 1]"""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(3, 8)
        self.logit = nn.Linear(8, 1)
        self.value = nn.Linear(8, 1)

    def forward(self, x):
        h = torch.tanh(self.hidden(x))
        return self.logit(h), self.value(h)


class WithoutActivation(XorRegression):
    """Wrong: the two layers compose to one affine map, which can't separate XOR."""

    def forward(self, x):
        h = self.hidden(x)
        return self.logit(h), self.value(h)


def make_model():
    return XorRegression()


def make_broken():
    return WithoutActivation()


def example_inputs():
    return (torch.randn(4, 3),)
