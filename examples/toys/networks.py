"""Networks for toy problems: any inputs, and a head for every output."""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Heads(nn.Module):
    """A linear layer for every output, on one vector of each row."""

    def __init__(self, problem, width):
        super().__init__()
        self.outputs = problem.outputs
        self.linear = nn.ModuleDict({output.name: nn.Linear(width, math.prod(output.shape)) for output in self.outputs})

    def forward(self, h):
        return {output.name: self.linear[output.name](h).reshape(-1, *output.shape) for output in self.outputs}


class Perceptron(nn.Module):
    """Hidden layers on all inputs at once."""

    def __init__(self, problem, width=64, depth=2):
        super().__init__()
        self.inputs = problem.inputs
        self.hidden = hidden_layers(row_size(problem), width, depth)
        self.heads = Heads(problem, width)

    def forward(self, *inputs):
        return self.heads(self.hidden(in_rows(inputs, self.inputs)))


class Experts(nn.Module):
    """Affine experts on all inputs at once, mixed with weights that a gate gives (Jacobs et al. 1991)."""

    def __init__(self, problem, width=16, count=4):
        super().__init__()
        self.inputs = problem.inputs
        self.gate = nn.Linear(row_size(problem), count)
        self.experts = nn.ModuleList([nn.Linear(row_size(problem), width) for _ in range(count)])
        self.heads = Heads(problem, width)

    def forward(self, *inputs):
        x = in_rows(inputs, self.inputs)
        said = torch.stack([expert(x) for expert in self.experts], 1)
        return self.heads((self.gate(x).softmax(1).unsqueeze(2) * said).sum(1))


class Set(nn.Module):
    """Layers on every item alike, the largest of each number over items, and layers on these (Zaheer et al. 2017)."""

    def __init__(self, problem, width=64, depth=2):
        super().__init__()
        self.inputs = problem.inputs
        self.of_items = hidden_layers(item_size(problem), width, depth)
        self.of_all = hidden_layers(width, width, depth)
        self.heads = Heads(problem, width)

    def forward(self, *inputs):
        return self.heads(self.of_all(self.of_items(items(inputs, self.inputs)).amax(1)))


class Convolution(nn.Module):
    """Kernels of 3 × 3 that reach around the edges, and an answer for every pixel, or one for the mean of all."""

    def __init__(self, problem, width=16, depth=2):
        super().__init__()
        (field,), (self.output,) = problem.inputs, problem.outputs
        channels, *size = field.shape
        self.per_pixel = list(self.output.items) == size
        self.layers = nn.Sequential()
        for _ in range(depth):
            layer = nn.Conv2d(channels, width, 3, padding=1, padding_mode="circular")
            self.layers.extend((layer, nn.ReLU()))
            channels = width
        self.head = nn.Linear(width, self.output.width if self.per_pixel else math.prod(self.output.shape))

    def forward(self, image):
        h = self.layers(image)
        h = h.permute(0, 2, 3, 1) if self.per_pixel else h.mean((2, 3))
        return self.head(h).reshape(-1, *self.output.shape)


class Recurrent(nn.Module):
    """A GRU along the sequence. An answer to all is read from the last state, one to an item from the state there."""

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


def hidden_layers(size, width, depth):
    layers = nn.Sequential()
    for _ in range(depth):
        layers.extend((nn.Linear(size, width), nn.ReLU()))
        size = width
    return layers


def row_size(problem):
    return sum(math.prod(field.shape) * (field.count or 1) for field in problem.inputs)


def in_rows(inputs, fields):
    """[B, features of one row]"""
    return torch.cat([numbers(x, field).reshape(len(x), -1) for x, field in zip(inputs, fields)], 1)


def numbers(x, field):
    """Whole numbers as one-hot vectors, real ones as they are."""
    return F.one_hot(x, field.count).float() if field.whole else x


def item_size(problem):
    return sum(math.prod(field.shape[1:]) * (field.count or 1) for field in problem.inputs)


def items(inputs, fields):
    """[B, length, features of one item]"""
    return torch.cat([numbers(x, field).reshape(*x.shape[:2], -1) for x, field in zip(inputs, fields)], 2)


def answered(output, length):
    """For how many items, the last of the sequence, there is an answer each; 0 where answers are to the whole."""
    return output.items[0] if output.items and output.items[0] <= length else 0


def heads(problem, width):
    sizes = {
        output.name: math.prod(output.shape) // (answered(output, problem.length) or 1) for output in problem.outputs
    }
    return nn.ModuleDict({name: nn.Linear(width, size) for name, size in sizes.items()})


def answers(model, of_items, of_all):
    """What the heads say of the items that are asked for, or of the whole sequence."""

    def read(output):
        count = answered(output, model.length)
        return of_items[:, -count:] if count else of_all

    return {
        output.name: model.heads[output.name](read(output)).reshape(-1, *output.shape) for output in model.outputs
    }
