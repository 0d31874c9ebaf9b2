"""Networks for problems that ask how far targets spread, each with one mistake."""

import torch
from hidden_layers import Network
from torch import nn
from torch.nn import functional as F

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
