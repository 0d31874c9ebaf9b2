"""Networks over sequences for toy problems. Every argument is a place where people go wrong; the defaults are sound."""

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Tokens, and whatever else comes with them, as vectors [B, T, width]."""

    def __init__(self, problem, width, tokens=lambda ids: ids):
        super().__init__()
        self.tables = nn.ModuleList([nn.Embedding(field.count, width) for field in problem.inputs])
        self.tokens = tokens

    def forward(self, first, *others):
        ids = (self.tokens(first), *others)
        return sum(table(own) for table, own in zip(self.tables, ids))


class Head(nn.Module):
    """One answer for every token, for the last ones, or for all of them together."""

    def __init__(self, problem, width, read):
        super().__init__()
        (self.output,) = problem.outputs
        self.each = self.output.items[:1] != () and read is None
        numbers = 1 if self.each else max(1, self.output.items[0] if self.output.items else 1)
        self.linear = nn.Linear(width, numbers * self.output.width)
        self.read = read or (lambda h: h.mean(1))

    def forward(self, h):
        if self.each:
            h = h[:, -self.output.items[0] :]
        return self.linear(h if self.each else self.read(h)).reshape(-1, *self.output.shape)


class Attention(nn.Module):
    def __init__(self, width, heads, axis, scores):
        super().__init__()
        self.heads, self.axis, self.scores = heads, axis, scores
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, allowed):
        batch, length, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = self.scores(q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5)
        weights = scores.masked_fill(~allowed, float("-inf")).softmax(self.axis)
        return self.out((weights.nan_to_num() @ v).transpose(1, 2).reshape(batch, length, width))


class Transformer(nn.Module):
    """Pre-norm blocks.

    allowed: which tokens j a token i sees; tokens: what becomes of ids; places: of positions, None for none;
    embedded: of the embedded sequence; read: what the head gets, None for every token; said: what becomes of the output.
    """

    def __init__(
        self,
        problem,
        allowed=None,
        tokens=lambda ids: ids,
        places=lambda t: t,
        embedded=lambda h: h,
        read=None,
        said=lambda logits: logits,
        scores=lambda s: s,
        axis=-1,
        width=64,
        depth=2,
        heads=4,
    ):
        super().__init__()
        self.embedding = Embedding(problem, width, tokens)
        self.positions = nn.Embedding(64, width)
        self.places, self.embedded, self.said = places, embedded, said
        if allowed is None:
            allowed = causal if "causal" in problem.tags else everything
        self.allowed = allowed
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2 * depth + 1)])
        self.attentions = nn.ModuleList([Attention(width, heads, axis, scores) for _ in range(depth)])
        self.networks = nn.ModuleList(
            [nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)) for _ in range(depth)]
        )
        self.head = Head(problem, width, read)

    def forward(self, *inputs):
        h = self.embedding(*inputs)
        length = h.shape[1]
        if self.places is not None:
            h = h + self.positions(self.places(torch.arange(length)))
        h = self.embedded(h)
        i, j = torch.arange(h.shape[1])[:, None], torch.arange(h.shape[1])[None, :]
        allowed = self.allowed(i, j)
        for block, (attention, network) in enumerate(zip(self.attentions, self.networks)):
            h = h + attention(self.norms[2 * block](h), allowed)
            h = h + network(self.norms[2 * block + 1](h))
        return self.said(self.head(self.norms[-1](h)))


def causal(i, j):
    return j <= i


def everything(i, j):
    return (i >= 0) & (j >= 0)


def only_itself(i, j):
    return i == j


def last(reach):
    """The last tokens, the current one included."""
    return lambda i, j: (j <= i) & (j > i - reach)


def within(reach):
    return lambda i, j: (i - j).abs() <= reach


class Window(nn.Module):
    """A causal convolution over embedded tokens, with positions if wanted, and a network on every position."""

    def __init__(self, problem, reach, tokens=lambda ids: ids, width=64, said=lambda logits: logits, places=False):
        super().__init__()
        self.embedding = Embedding(problem, width, tokens)
        self.positions = nn.Embedding(64, width) if places else None
        self.reach, self.said = reach, said
        self.convolution = nn.Conv1d(width, 2 * width, reach)
        self.network = nn.Sequential(nn.ReLU(), nn.Linear(2 * width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.head = Head(problem, width, None)

    def forward(self, *inputs):
        h = self.embedding(*inputs)
        if self.positions is not None:
            h = h + self.positions(torch.arange(h.shape[1]))
        h = F.pad(h.transpose(1, 2), (self.reach - 1, 0))
        return self.said(self.head(self.network(self.convolution(h).transpose(1, 2))))


class Recurrent(nn.Module):
    """A GRU, or another recurrence, and a head on every state."""

    def __init__(self, problem, cell=nn.GRU, tokens=lambda ids: ids, width=64, states=lambda h: h):
        super().__init__()
        self.embedding = Embedding(problem, width, tokens)
        self.cell = cell(width, width, batch_first=True)
        self.states = states
        self.head = Head(problem, width, None)

    def forward(self, *inputs):
        return self.head(self.states(self.cell(self.embedding(*inputs))[0]))


class Linear(nn.Module):
    """A recurrence without a nonlinearity: h_t = A h_(t-1) + x_t."""

    def __init__(self, inputs, width, batch_first=True):
        super().__init__()
        self.transition = nn.Linear(width, width)
        nn.init.orthogonal_(self.transition.weight)

    def forward(self, x):
        h, states = torch.zeros_like(x[:, 0]), []
        for t in range(x.shape[1]):
            h = self.transition(h) + x[:, t]
            states.append(h)
        return torch.stack(states, 1), h
