"""Networks for toy problems: any inputs, and a head for every output."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def features(values, field):
    """Whole numbers as one-hot vectors, real ones as they are; all numbers of a row in one line: [B, features]."""
    if field.whole:
        values = F.one_hot(values, field.count).float()
    return values.reshape(len(values), -1)


class Perceptron(nn.Module):
    """Hidden layers on all inputs at once."""

    def __init__(self, problem, width=64, depth=2):
        super().__init__()
        self.inputs, self.outputs = problem.inputs, problem.outputs
        size = sum(math.prod(field.shape) * (field.count or 1) for field in problem.inputs)
        self.hidden = nn.Sequential()
        for _ in range(depth):
            self.hidden.extend((nn.Linear(size, width), nn.ReLU()))
            size = width
        self.heads = nn.ModuleDict({output.name: nn.Linear(width, math.prod(output.shape)) for output in self.outputs})

    def forward(self, *inputs):
        h = self.hidden(torch.cat([features(x, field) for x, field in zip(inputs, self.inputs)], 1))
        return {output.name: self.heads[output.name](h).reshape(-1, *output.shape) for output in self.outputs}


class Recurrent(nn.Module):
    """A GRU along the sequence. One answer is read from the last state, one for every item from the state at the item."""

    def __init__(self, problem, width=64):
        super().__init__()
        self.inputs, self.outputs, self.length = problem.inputs, problem.outputs, problem.length
        self.recurrence = nn.GRU(item_size(problem), width, batch_first=True)
        self.heads = heads(problem, width)

    def forward(self, *inputs):
        states, last = self.recurrence(items(inputs, self.inputs))
        return answers(self, states, last[0])


class Transformer(nn.Module):
    """Attention along the sequence; in causal problems an item sees none after it."""

    def __init__(self, problem, width=32, depth=2, head_count=4):
        super().__init__()
        self.inputs, self.outputs, self.length = problem.inputs, problem.outputs, problem.length
        self.causal = "causal" in problem.tags
        self.embed = nn.Linear(item_size(problem), width)
        self.positions = nn.Parameter(0.5 * torch.randn(self.length, width))
        block = nn.TransformerEncoderLayer(width, head_count, 4 * width, dropout=0, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, depth, nn.LayerNorm(width), enable_nested_tensor=False)
        self.heads = heads(problem, width)

    def forward(self, *inputs):
        h = self.embed(items(inputs, self.inputs)) + self.positions
        mask = nn.Transformer.generate_square_subsequent_mask(self.length) if self.causal else None
        h = self.blocks(h, mask, is_causal=self.causal)
        return answers(self, h, h.mean(1))


def item_size(problem):
    return sum(math.prod(field.shape[1:]) * (field.count or 1) for field in problem.inputs)


def items(inputs, fields):
    """[B, length, features of one item]"""
    each = [F.one_hot(x, field.count).float() if field.whole else x for x, field in zip(inputs, fields)]
    return torch.cat([x.flatten(2) for x in each], 2)


def has_items(output, length):
    return output.items[:1] == (length,)


def heads(problem, width):
    sizes = {
        output.name: math.prod(output.shape) // (problem.length if has_items(output, problem.length) else 1)
        for output in problem.outputs
    }
    return nn.ModuleDict({name: nn.Linear(width, size) for name, size in sizes.items()})


def answers(model, of_items, of_all):
    """What the heads say of every item, or of the whole sequence, as the output wants it."""
    return {
        output.name: model.heads[output.name](of_items if has_items(output, model.length) else of_all).reshape(
            -1, *output.shape
        )
        for output in model.outputs
    }
