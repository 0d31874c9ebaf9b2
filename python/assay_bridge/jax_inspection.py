"""Gradients of a JAX model beside the slopes of its loss, and what a training did with its parameters."""

import math

import jax
import jax.numpy as jnp
import numpy

from .inspection import JITTER, LEAST_SIZE, REACH, trial, trials_of
from .jax_models import TRAINING


def inspected(model, loss_of):
    """Every parameter's gradient along random directions, and the loss on both sides, near the model's start.

    `loss_of` gives the loss of a model. None where that is no function of the parameters.
    """
    # What is drawn follows from the state, which is the same every time.
    value = jax.jit(lambda leaves: loss_of(model.bound(leaves, model.state, TRAINING)).reshape(()))
    slopes = jax.jit(jax.grad(value))
    draw = numpy.random.default_rng(1)
    start = slopes(model.leaves)
    leaves = [leaf + direction_in(leaf, draw) * JITTER * size_of(leaf) for leaf in model.leaves]
    once, again = float(value(leaves)), float(value(leaves))
    if once != again or not math.isfinite(once):
        return None
    near = slopes(leaves)

    def trials(index):
        leaf, slope = leaves[index], near[index]
        found = []
        for _ in range(trials_of(index, len(leaves))):
            direction = direction_in(leaf, draw)

            def loss_at(distance):
                return float(value([*leaves[:index], leaf + distance * direction, *leaves[index + 1 :]]))

            found.append(trial(float(jnp.sum(slope * direction)), REACH * size_of(leaf), loss_at))
        return [one for one in found if one is not None]

    return [
        {
            "name": name,
            "shape": list(leaves[index].shape),
            "gradient": {"start": length_of(start[index]), "near": length_of(near[index])},
            "trials": trials(index),
        }
        for index, name in enumerate(model.names)
    ]


def size_of(leaf):
    return max(float(jnp.linalg.norm(leaf)), LEAST_SIZE * math.sqrt(leaf.size))


def direction_in(leaf, draw):
    """A random one, of length 1."""
    drawn = draw.normal(size=leaf.shape)
    return jnp.asarray(drawn / numpy.linalg.norm(drawn), leaf.dtype)


def length_of(slope):
    length = float(jnp.linalg.norm(slope))
    return length if math.isfinite(length) else 0.0


def snapshot(model):
    """All parameters that are trained, by name."""
    return dict(zip(model.names, model.leaves))


def unmoved(model, start):
    """Names of the parameters of which no number has changed."""
    return [name for name, leaf in snapshot(model).items() if jnp.array_equal(leaf, start[name])]


def cosine_of_change(model, before):
    """Between the change of all parameters and their gradient; None where either is zero."""
    change = flat(after - before[name] for name, after in snapshot(model).items())
    gradient = flat(model.slopes)
    lengths = float(numpy.linalg.norm(change) * numpy.linalg.norm(gradient))
    return float(change @ gradient) / lengths if lengths > 0 and math.isfinite(lengths) else None


def flat(arrays):
    return numpy.concatenate([numpy.asarray(array).ravel() for array in arrays])


def put(model, values):
    """Gives parameters these values, by name."""
    model.leaves = [values.get(name, leaf) for name, leaf in snapshot(model).items()]
