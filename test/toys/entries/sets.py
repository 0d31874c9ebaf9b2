"""Networks for sets in slots, each with one mistake."""

import torch
from torch import nn


class Slots(nn.Module):
    """A network on every slot, the mean over those that hold something, and a network on the mean."""

    def __init__(self, width=64):
        super().__init__()
        self.of_slot = nn.Sequential(nn.LazyLinear(width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.of_all = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))

    def read(self, elements, present):
        """[B, slots, features of one]"""
        return elements.unsqueeze(2)

    def pool(self, h, present):
        held = present.unsqueeze(2)
        return (h * held).sum(1) / held.sum(1)

    def forward(self, elements, present):
        return self.of_all(self.pool(self.of_slot(self.read(elements, present)), present))


class NormalisedAlone(Slots):
    """The output is normalised along its last axis, which has a single number."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(1)

    def forward(self, elements, present):
        return self.norm(super().forward(elements, present))


class MaskForElements(Slots):
    """The mask is embedded in place of what it masks."""

    def read(self, elements, present):
        return super().read(present.float(), present)

    def pool(self, h, present):
        return h.mean(1)


class WithoutMask(Slots):
    """The padding is pooled too."""

    def pool(self, h, present):
        return h.mean(1)


class WithoutActivation(Slots):
    def __init__(self, width=64):
        super().__init__()
        self.of_slot, self.of_all = nn.Linear(1, width), nn.Linear(width, 1)


class FirstSlotRead(Slots):
    """The first slot is read as if it stood for all, though nothing was mixed into it."""

    def read(self, elements, present):
        return torch.stack([elements, present.float()], 2)

    def pool(self, h, present):
        return h[:, 0]
