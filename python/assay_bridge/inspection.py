"""How gradients are compared with the slopes of a loss, in any library."""

import math

# How far parameters are moved from their start, where some are zeros and take gradients from others.
JITTER = 0.05
# A parameter's least size for that purpose, and for how far its loss is followed.
LEAST_SIZE = 0.1
REACH = 0.015
TRIALS = 3
MOST_PARAMETERS = 48


def trials_of(index, count):
    """How many directions are tried in one of the parameters: in all of them, or in some of very many."""
    return TRIALS if index % math.ceil(count / MOST_PARAMETERS) == 0 else 0


def trial(said, reach, loss_at):
    """The gradient along a direction beside the losses on both sides, at two distances; None where one is no number."""
    losses = [{"distance": d, "along": loss_at(d), "against": loss_at(-d)} for d in (reach, reach / 2)]
    # The last, so that it is where the parameter was.
    middle = loss_at(0)
    numbers = [said, middle, *(number for one in losses for number in one.values())]
    return {"said": said, "here": middle, "losses": losses} if all(map(math.isfinite, numbers)) else None
