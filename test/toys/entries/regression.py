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


# heteroscedastic


def likelihood(outputs, targets, mean_weight=0.5, log_weight=0.5):
    mean, log_variance = outputs["y"].unbind(1)
    return (log_weight * log_variance + mean_weight * (targets - mean) ** 2 / log_variance.exp()).mean()


def of_variance(variance):
    """The likelihood of a normal law, where the second output is something else than log s²."""

    def loss(outputs, targets):
        mean, spread = outputs["y"].unbind(1)
        return F.gaussian_nll_loss(mean, targets, variance(spread), full=True)

    return {"model": Network, "loss": loss}


class OneVariance(Network):
    """The variance is a parameter, no output."""

    def __init__(self, problem):
        super().__init__(problem)
        self.log_variance = nn.Parameter(torch.zeros(1))

    def answer(self, output):
        return torch.stack([output[:, 0], self.log_variance.expand(len(output))], 1)


class MeanFrozen(Network):
    """The mean has a gate that starts at 0 and is not trained."""

    def __init__(self, problem):
        super().__init__(problem)
        self.gate = nn.Parameter(torch.zeros(1), requires_grad=False)

    def answer(self, output):
        return torch.stack([self.gate * output[:, 0], output[:, 1]], 1)


def likelihood_broadcast(outputs, targets):
    mean, log_variance = outputs["y"].split(1, 1)
    return (0.5 * log_variance + 0.5 * (targets - mean) ** 2 / log_variance.exp()).mean()


class VarianceUntouched(Network):
    """The second output starts at 0, and the squared error never moves it."""

    def __init__(self, problem):
        super().__init__(problem)
        head = self.heads["y"]
        with torch.no_grad():
            head.weight[1], head.bias[1] = 0, 0


def squared_error(outputs, targets):
    return F.mse_loss(outputs["y"][:, 0], targets)


class PositiveVariance(Network):
    """The second output is the variance itself."""

    def answer(self, output):
        return torch.stack([output[:, 0], F.softplus(output[:, 1])], 1)


likelihoods_broadcast = {"model": Network, "loss": likelihood_broadcast}
only_squared_error = {"model": VarianceUntouched, "loss": squared_error}
log_of_deviation = of_variance(lambda s: (2 * s).exp())
deviation = {**of_variance(lambda s: s**2), "model": PositiveVariance}
variance = {**of_variance(lambda s: s), "model": PositiveVariance}
precision = of_variance(lambda s: (-s).exp())
half_variance = {"model": Network, "loss": lambda outputs, targets: likelihood(outputs, targets, log_weight=1)}
twice_variance = {"model": Network, "loss": lambda outputs, targets: likelihood(outputs, targets, mean_weight=1)}

# quantile


def pinball(level):
    def loss(outputs, targets):
        above = targets - outputs["y"].squeeze(1)
        return torch.maximum(level * above, (level - 1) * above).mean()

    return {"model": Network, "loss": loss}


def pinball_broadcast(outputs, targets):
    above = targets - outputs["y"]
    return torch.maximum(0.9 * above, -0.1 * above).mean()


level_swapped = pinball(0.1)
quantile_broadcast = {"model": Network, "loss": pinball_broadcast}
median = pinball(0.5)

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

    def __init__(self, width=32, length=8):
        super().__init__()
        self.embed, self.positions = nn.Linear(3, width), nn.Parameter(0.5 * torch.randn(length, width))
        layer = nn.TransformerEncoderLayer(width, 4, 4 * width, dropout=0, batch_first=True, norm_first=True)
        self.blocks, self.y = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), nn.Linear(width, 1)

    def forward(self, tokens):
        return self.y(self.blocks(self.embed(tokens) + self.positions))
