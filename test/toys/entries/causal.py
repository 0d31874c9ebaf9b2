"""Entries for causal sequences: sound ones, and one bug each."""

import torch
from torch import nn
from torch.nn import functional as F

from sequence_networks import Linear, Recurrent, Transformer, Window, everything, last, only_itself


def transformer(problem):
    return Transformer(problem)


def recurrent(problem):
    return Recurrent(problem)


def window(problem):
    return Window(problem, reach=5)


def without_mask(problem):
    return Transformer(problem, allowed=everything)


def mask_off_by_one_at_a_border(problem):
    """Blocks of eight positions, and the first of a block is seen by the last of the one before."""
    return Transformer(problem, allowed=lambda i, j: (j <= i) | ((j == i + 1) & (j == 8)), depth=1)


def softmax_over_queries(problem):
    return Transformer(problem, axis=-2)


def input_not_read(problem):
    return Transformer(problem, tokens=torch.zeros_like)


def untrained(problem):
    model = Transformer(problem)
    nn.init.zeros_(model.head.linear.weight)
    nn.init.zeros_(model.head.linear.bias)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    # Something for the optimizer, which nothing reads.
    model.unread = nn.Parameter(torch.zeros(1))
    model.said = lambda logits: logits + 0 * model.unread
    return model


def shifted_again(outputs, targets):
    """The targets are the next tokens already."""
    return F.cross_entropy(outputs[:, :-1].transpose(1, 2), targets[:, 1:])


shifted_twice = {"model": transformer, "loss": shifted_again}
shifted_twice_recurrent = {"model": recurrent, "loss": shifted_again}


def softmax_twice(problem):
    return Window(problem, reach=5, said=lambda logits: logits.softmax(-1))


def current_token_only(problem):
    return Window(problem, reach=1)


def token_and_position_only(problem):
    """The mask lets every token see itself alone."""
    return Transformer(problem, allowed=only_itself)


def last_bias_only(problem):
    """As for fine-tuning, all weights are frozen but biases; the head was to start at zero."""
    model = Transformer(problem)
    nn.init.zeros_(model.head.linear.weight)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name == "head.linear.bias")
    return model


def reach_of_2(problem):
    return Window(problem, reach=2)


def reach_of_3(problem):
    return Transformer(problem, allowed=last(3), depth=1)


def convolution_of_3(problem):
    return Window(problem, reach=3)


def reach_of_4(problem):
    return Window(problem, reach=4)


def reach_of_4_with_positions(problem):
    return Window(problem, reach=4, places=True)


def reach_of_7(problem):
    return Window(problem, reach=7)


def one_layer_without_positions(problem):
    return Transformer(problem, places=None, depth=1)


def kinds_alike(problem):
    """All kinds of brackets share one row: what opens and what closes."""
    return Recurrent(problem, tokens=lambda ids: ids // 4)


def without_nonlinearity(problem):
    return Recurrent(problem, cell=Linear)
