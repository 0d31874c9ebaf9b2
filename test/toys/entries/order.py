"""Entries for order and recall: sound ones, and one bug each."""

import torch
from torch import nn

from sequence_networks import Transformer, causal, last, only_itself, within


def small(problem, **parts):
    return Transformer(problem, width=32, **parts)


def transformer(problem):
    return small(problem)


def input_not_read(problem):
    return small(problem, tokens=torch.zeros_like)


def without_positions(problem):
    return small(problem, places=None)


def positions_of_half(problem):
    """A table for half of the positions, the others clamped to its end."""
    return small(problem, places=lambda t: t.clamp(max=3))


def marks_alike(problem):
    return small(problem, tokens=lambda ids: ids.clamp(max=4))


def last_token_only(problem):
    return small(problem, allowed=only_itself, read=lambda h: h[:, -1])


def first_token_only(problem):
    return small(problem, allowed=causal, read=lambda h: h[:, 0])


def without_first(problem):
    """The first token is cut off as if it marked the beginning."""
    return small(problem, tokens=lambda ids: ids[:, 1:])


def neighbours_averaged(problem):
    return small(
        problem, places=None, embedded=lambda h: positioned(h.reshape(h.shape[0], -1, 2, h.shape[2]).mean(2))
    )


def positioned(h):
    """Fixed positions, since the model's own come too early."""
    t = torch.arange(h.shape[1])[:, None] / 10000 ** (torch.arange(h.shape[2])[None, :] / h.shape[2])
    return h + t.sin()


def own_token_only(problem):
    return small(problem, allowed=only_itself)


def queries_not_read(problem):
    """Pairs are pooled, and every query gets the same."""
    return small(problem, tokens=lambda ids: torch.cat([ids[:, :8], ids[:, 8:] * 0], 1))


def last_two_pairs(problem):
    """The sequence is truncated from the left, to what a short context holds."""
    return small(problem, tokens=lambda ids: ids[:, 4:])


def state_not_handed_on(problem):
    return small(problem, allowed=last(3), depth=1)


def every_second_symbol(problem):
    return small(problem, tokens=lambda ids: ids.index_fill(1, torch.arange(0, 8, 2), 4))


class Pooled(nn.Module):
    """One vector for the whole source, with no trace of its order, and a head for each answer."""

    def __init__(self, problem, width=64):
        super().__init__()
        self.embedding = nn.Embedding(problem.inputs[0].count, width)
        self.output = problem.outputs[0]
        self.network = nn.Sequential(
            nn.Linear(width, 4 * width),
            nn.ReLU(),
            nn.Linear(4 * width, 4 * width),
            nn.ReLU(),
            nn.Linear(4 * width, self.output.items[0] * self.output.width),
        )

    def forward(self, ids):
        return self.network(self.embedding(ids).mean(1)).reshape(-1, *self.output.shape)


def with_causal_mask(problem):
    return small(problem, allowed=causal)


def reach_of_two(problem):
    return small(problem, allowed=within(2), depth=1)


def the_same_everywhere(problem):
    return small(problem, tokens=torch.zeros_like, places=None)


def source_not_read(problem):
    return small(problem, tokens=torch.zeros_like)


def pooled(problem):
    return Pooled(problem)
