"""Networks for problems of labels, batches and what of the input is read, each with one mistake."""

import torch
from hidden_layers import Linear, Network
from torch import nn
from torch.nn import functional as F

# xor-regression


def xor_loss_broadcast(outputs, targets):
    """The squared error of [B, 1] against [B]: every prediction meets every target."""
    label = F.binary_cross_entropy_with_logits(outputs["label"].squeeze(1), targets["label"])
    return label + ((outputs["target"] - targets["target"]) ** 2).mean()


xor_broadcast = {"model": Network, "loss": xor_loss_broadcast}


class XorSigmoidTwice(Network):
    """The loss applies a sigmoid to the label too."""

    def forward(self, x):
        outputs = super().forward(x)
        return {**outputs, "label": torch.sigmoid(outputs["label"])}


class XorEqualUnits(Network):
    """The label has its own hidden units, which all start with the same weights, so that they stay one."""

    def __init__(self, problem):
        super().__init__(problem)
        self.equal, self.label = nn.Linear(2, 16), nn.Linear(16, 1)
        for layer, value in ((self.equal, 0.3), (self.label, -0.3)):
            nn.init.constant_(layer.weight, value)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        return {**super().forward(x), "label": self.label(torch.relu(self.equal(x[:, :2])))}


class XorOneGate(Network):
    """The label has a single gate, which reads one sign and is shut for half of the inputs."""

    def __init__(self, problem, width=8):
        super().__init__(problem)
        self.gate, self.value, self.label = nn.Linear(1, 1, bias=False), nn.Linear(2, width), nn.Linear(width, 1)

    def forward(self, x):
        return {**super().forward(x), "label": self.label(torch.relu(self.gate(x[:, :1])) * self.value(x[:, :2]))}


# bias-only


class WithoutBias(Linear):
    bias = False


def loss_of_next_label(outputs, targets):
    """Labels that count from 1 are put into classes that count from 0."""
    return F.cross_entropy(outputs["label"], (targets + 1) % outputs["label"].shape[1])


labels_off_by_one = {"model": Network, "loss": loss_of_next_label}

# contradictory-twins


class PositionsAlongTheBatch(Network):
    """x : [B, 3, 4] gets a vector for every row where one for every position is meant."""

    def __init__(self, problem):
        super().__init__(problem)
        self.positions = nn.Parameter(torch.randn(problem.batch, 1, problem.input_width))

    def read(self, x):
        return (x + self.positions[: len(x)]).flatten(1)


class AttentionAlongTheBatch(nn.Module):
    """A causal Transformer that was built without batch_first, so that rows are its positions."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(4, 32)
        self.block = nn.TransformerEncoderLayer(32, 4, 64, dropout=0)
        self.label = nn.Linear(32, 1)

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(len(x))
        return self.label(self.block(self.embed(x), mask, is_causal=True).mean(1))


# batch-sum


class BatchStatistics(nn.Module):
    """The normalisation keeps no running statistics, so that it takes those of the batch in evaluation as well."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm1d(4, track_running_stats=False), nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 1)
        )

    def forward(self, x):
        return self.layers(x)


class MeanOverTheBatch(Network):
    """The mean is taken along the batch in place of the features."""

    def read(self, x):
        return torch.cat([x.mean(0, keepdim=True).expand(len(x), -1)], 1)


# sparse-parity


class BarelyTrained:
    """A learning rate that is far too small."""

    model = Network

    @staticmethod
    def optimizer(parameters):
        return torch.optim.SGD(parameters, lr=1e-5)


# modular-addition


class AddedEmbeddings(nn.Module):
    """The embeddings of both operands are added, and one linear layer follows."""

    def __init__(self):
        super().__init__()
        self.embed, self.label = nn.Embedding(7, 32), nn.Linear(32, 7)

    def forward(self, pair):
        return self.label(self.embed(pair).sum(1))


class FirstOperandLost(Network):
    def read(self, pair):
        return super().read(pair[:, 1:])


class SecondOperandLost(Network):
    def read(self, pair):
        return super().read(pair[:, :-1])


# gaussian-mixture


class SecondHalfLost(Network):
    def read(self, x):
        return x[:, :2]


class FirstHalfLost(Network):
    def read(self, x):
        return x[:, 2:]


# lookup-table and class-imbalance


class SmallTable(Network):
    """A table of 11 rows for 16 tokens."""

    def read(self, token):
        return super().read(token.clamp(max=10))


class ReservedToken(Network):
    """One is subtracted for a reserved token that isn't there."""

    def read(self, token):
        return super().read((token - 1).clamp(min=0))


class PaddingIsAToken(nn.Module):
    """Row 0 of the embedding stays zero, and no bias follows."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(16, 32, padding_idx=0)
        self.label = nn.Linear(32, 1, bias=False)

    def forward(self, token):
        return self.label(self.embed(token))


class SegmentsForTokens(Network):
    """The ids of segments, which are all 0, are embedded in place of the tokens."""

    def read(self, token):
        return super().read(torch.zeros_like(token))


FREQUENCIES = torch.tensor([0.8, 0.15, 0.05])


def weighted(weight):
    return {
        "model": Network,
        "loss": lambda outputs, targets: F.cross_entropy(outputs["label"], targets, weight=weight),
    }


balanced = weighted(1 / FREQUENCIES)
weighted_by_frequency = weighted(FREQUENCIES)

# erasure


class DropoutLeftOn(Network):
    """The function doesn't know the mode of the module."""

    rate = 0.1

    def read(self, x):
        return F.dropout(x, self.rate)


class HalfDroppedOut(DropoutLeftOn):
    rate = 0.5


class KeptShareForRate(DropoutLeftOn):
    """1 is the share that is kept, in a library that wants the share that is dropped."""

    rate = 1.0
