"""Gradients of a PyTorch model beside the slopes of its loss, and what a training did with its parameters."""

import contextlib
import copy
import math
import random
import sys

import torch

from .chance import seed_python
from .inspection import JITTER, LEAST_SIZE, REACH, trial, trials_of


def inspected(model, loss_of):
    """Every parameter's gradient along random directions, and the loss on both sides, near the model's start.

    `loss_of` gives the loss of a model. None where that is no function of the parameters, or the model can't be copied.
    """
    try:
        model = copy.deepcopy(model)
    except Exception:
        return None
    with chance_kept():
        # Dropout and its like draw the same numbers every time.
        def loss():
            seed(0)
            return loss_of(model)

        model.train()
        follow(model, loss())
        start = lengths_of_gradients(model)
        seed(1)
        jitter(model)
        once, again = float(loss().detach()), float(loss().detach())
        if once != again or not math.isfinite(once):
            return None
        follow(model, loss())
        near = lengths_of_gradients(model)
        seed(2)
        parameters = trained(model)
        directions = [
            [direction_in(parameter) for _ in range(trials_of(index, len(parameters)))]
            for index, (_, parameter) in enumerate(parameters)
        ]
        return [
            {
                "name": name,
                "shape": list(parameter.shape),
                "gradient": {"start": start[name], "near": near[name]},
                "trials": [one for direction in own if (one := trial_in(parameter, direction, loss)) is not None],
            }
            for (name, parameter), own in zip(parameters, directions)
        ]


def seed(number):
    seed_python(number)
    torch.manual_seed(number)


def trained(model):
    return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]


def follow(model, loss):
    """Gradients as a training step would get them."""
    for _, parameter in trained(model):
        parameter.grad = None
    if loss.requires_grad:
        loss.backward()


def lengths_of_gradients(model):
    lengths = {name: 0.0 if p.grad is None else float(p.grad.norm()) for name, p in trained(model)}
    return {name: length if math.isfinite(length) else 0.0 for name, length in lengths.items()}


def size_of(parameter):
    return max(float(parameter.detach().norm()), LEAST_SIZE * math.sqrt(parameter.numel()))


def jitter(model):
    with torch.no_grad():
        for _, parameter in trained(model):
            parameter.add_(direction_in(parameter) * JITTER * size_of(parameter))


def direction_in(parameter):
    """A random one, of length 1."""
    drawn = torch.randn_like(parameter)
    return drawn / drawn.norm()


def trial_in(parameter, direction, loss):
    gradient = parameter.grad
    # Copied before the loss is asked again, which may make other gradients.
    said = 0.0 if gradient is None else float((gradient * direction).sum())
    here = parameter.detach().clone()

    def at(distance):
        with torch.no_grad():
            parameter.copy_(here + distance * direction)
        return float(loss().detach())

    return trial(said, REACH * size_of(parameter), at)


@contextlib.contextmanager
def chance_kept():
    """Afterwards chance goes on where it was."""
    numpy = sys.modules.get("numpy")
    own, others = random.getstate(), None if numpy is None else numpy.random.get_state()
    with torch.random.fork_rng(devices=[]):
        try:
            yield
        finally:
            random.setstate(own)
            if numpy is not None:
                numpy.random.set_state(others)


def snapshot(model):
    """Copies of all parameters that are trained, by name."""
    return {name: parameter.detach().clone() for name, parameter in trained(model)}


def unmoved(model, start):
    """Names of the parameters of which no number has changed."""
    return [name for name, parameter in trained(model) if name in start and torch.equal(parameter, start[name])]


def cosine_of_change(model, before):
    """Between the change of all parameters and the gradient that they still hold; None where either is zero."""
    changes, gradients = [], []
    for name, parameter in trained(model):
        if name in before and parameter.grad is not None:
            changes.append((parameter.detach() - before[name]).flatten())
            gradients.append(parameter.grad.flatten())
    if not changes:
        return None
    change, gradient = torch.cat(changes), torch.cat(gradients)
    lengths = float(change.norm() * gradient.norm())
    return float(change @ gradient) / lengths if lengths > 0 and math.isfinite(lengths) else None


def put(model, values):
    """Gives parameters these values, by name."""
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, tensor in values.items():
            parameters[name].copy_(tensor)
