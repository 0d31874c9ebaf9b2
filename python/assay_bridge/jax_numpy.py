"""What training needs of JAX, with the same functions as pytorch.py. Not named jax, which would hide the library itself."""

import contextlib
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy

from .chance import seed_python
from .entry import takes_learning_rate
from .jax_inspection import cosine_of_change, inspected, put, snapshot, unmoved
from .jax_losses import head_loss
from .jax_models import AS_GIVEN, EVALUATION, TRAINING, Model, Start, forward_of, has_init, is_graph, is_model, model_of
from .loading import run_user_code
from .protocol import Failure
from .tensors import Raw

NAME = "JAX"
MODEL = "(params, apply), a module of Flax, or a tree of parameters that can be called"
MADE = "from the problem and a key, from the problem, or from nothing"
CLIPPED_AT = 1.0
# Of Adam.
FIRST, SECOND, EPSILON = 0.9, 0.999, 1e-8

TYPES = {"F32": numpy.float32, "F64": numpy.float64, "I32": numpy.int32}

# What pytorch.py has, too.
__all__ = ["cosine_of_change", "forward_of", "head_loss", "inspected", "is_model", "put", "snapshot", "unmoved"]


def seed(number):
    seed_python(number)


def is_model_class(value):
    return isinstance(value, type) and any("__call__" in vars(base) for base in value.__mro__)


def is_optimizer(value):
    """As in optax."""
    return all(callable(getattr(value, method, None)) for method in ("init", "update"))


def starts_alike(model):
    """Whether a model that is given begins with the same parameters for every seed."""
    return not has_init(model)


def for_maker(problem, number):
    return (problem, jax.random.key(number))


def ready(given, problem, number, file):
    examples = [constant((problem.batch, *field.shape), 0, field.whole) for field in problem.inputs]
    return model_of(given, Start(jax.random.key(number), examples, file))


def for_training(model):
    return model.given


def trained(model, said, file):
    """The model that an own training means by what it says: nothing, parameters, a model or a function; else None."""
    if said is None:
        return changed_in_place(model, file)
    if model.has_structure_of(said):
        other = model.with_tree(said)
    elif is_model(said):
        other = model_of(said)
    else:
        return said if callable(said) else None
    return taken(model, other)


def changed_in_place(model, file):
    other = model_of(model.given)
    if is_graph(model.given) or not all(map(numpy.array_equal, other.leaves, model.start)):
        return taken(model, other)
    if not model.is_told:
        message = "`train` gives no parameters, and those of the model are as they were: call report(loss, params)"
        raise Failure("not-an-entry", message, file)
    # As it was reported last.
    return model


def taken(model, other):
    if not model.is_like(other):
        return other
    # As it was but for its numbers, so that what is compiled stays.
    model.leaves, model.state, model.is_told = other.leaves, other.state, True
    return model


def is_tensor(value):
    return isinstance(value, (jax.Array, numpy.ndarray))


def number(loss):
    return float(numpy.asarray(loss).item())


def from_raw(raw, whole):
    """An array of whole or of real numbers, in the types that JAX itself makes."""
    array = numpy.frombuffer(raw.data, TYPES[raw.dtype]).reshape(raw.shape)
    return jnp.asarray(array.astype(numpy.int32 if whole else numpy.float32))


def joined(chunks):
    """The rows of all chunks."""
    return numpy.concatenate(chunks)


def to_raw(tensor):
    """An array of real numbers as a file holds it."""
    dtype = "F64" if tensor.dtype == numpy.float64 else "F32"
    return Raw(dtype, tuple(tensor.shape), bytearray(numpy.asarray(tensor, TYPES[dtype]).tobytes()))


def rows(tensors, start, end):
    # By way of NumPy, since JAX would compile every slice.
    return [jnp.asarray(numpy.asarray(tensor)[start:end]) for tensor in tensors]


def as_tensor(value):
    """An array of what the user's code gives; None where it holds no numbers."""
    try:
        array = numpy.asarray(value)
    except (TypeError, ValueError):
        return None
    return array if jnp.issubdtype(array.dtype, jnp.number) or array.dtype == bool else None


def stacked(tensors):
    return numpy.stack(tensors)


def constant(shape, value, whole):
    return jnp.full(shape, value, jnp.int32 if whole else jnp.float32)


def one_hot(tensor, count):
    return jax.nn.one_hot(tensor, count)


def is_real(tensor):
    return not jnp.iscomplexobj(tensor)


def as_real(tensor):
    return tensor if tensor.dtype == numpy.float64 else tensor.astype(numpy.float32)


def asking(_):
    """A model is always asked in evaluation; nothing is to be put back."""
    return contextlib.nullcontext()


def training(_):
    return contextlib.nullcontext()


def compiled(function):
    """A function of a model and of tensors, in evaluation or as in its own training; compiled where its parts are known."""

    @functools.partial(jax.jit, static_argnums=(0, 1))
    def run(model, mode, leaves, state, tensors):
        return function(model.bound(leaves, state, mode), tensors)

    def answer(model, tensors, in_training):
        if not isinstance(model, Model):
            return function(model, tensors)
        return run(model, AS_GIVEN if in_training else EVALUATION, model.leaves, model.state, tensors)

    return answer


def hurry():
    """For a process in which compiling takes longer than what is compiled."""
    jax.config.update("jax_disable_most_optimizations", True)


def tried(function, model, tensors):
    """Only shapes are computed, since compiling takes much longer than that."""
    jax.eval_shape(lambda: function(model, tensors))


def learner(model, loss_of, entry, learning_rate):
    """A function that makes one step, with a share of the learning rate, and gives the loss before it."""
    if not model.leaves:
        raise Failure("not-an-entry", "the model has no parameter that can be trained", entry.file)
    file = entry.file
    optimizer, has_rate = Adam(learning_rate), True
    if entry.optimizer is not None:
        optimizer, has_rate = optimizer_of(entry.optimizer, learning_rate, file), wants_rate(entry.optimizer)

    @jax.jit
    def follow(leaves, state, memory, share, inputs, targets):
        def loss_at(leaves):
            bound = model.bound(leaves, state, TRAINING)
            return loss_of(bound, inputs, targets).reshape(()), bound.state

        (loss, next_state), slopes = jax.value_and_grad(loss_at, has_aux=True)(leaves)
        moves, memory = optimizer.update(model.parameters(slopes), memory, model.parameters(leaves))
        # A move is proportional to the rate.
        moved = [leaf + share * move for leaf, move in pairs(leaves, moves, file)]
        return loss, moved, slopes, next_state, memory

    memory = run_user_code(file, lambda: optimizer.init(model.parameters(model.leaves)))

    def step_on(inputs, targets, share):
        nonlocal memory
        share = share if has_rate else 1.0
        loss, model.leaves, model.slopes, model.state, memory = run_user_code(
            file, lambda: follow(model.leaves, model.state, memory, share, inputs, targets)
        )
        return loss

    return step_on


class Adam(NamedTuple):
    """Adam (Kingma and Ba 2015, algorithm 1) on gradients that are scaled down together to a norm of at most 1."""

    learning_rate: float

    def init(self, params):
        zeros = jax.tree.map(jnp.zeros_like, params)
        return jnp.zeros((), jnp.int32), zeros, zeros

    def update(self, slopes, memory, _):
        count, first, second = memory
        norm = jnp.sqrt(sum(jnp.sum(slope**2) for slope in jax.tree.leaves(slopes)))
        slopes = jax.tree.map(lambda slope: slope * jnp.minimum(1, CLIPPED_AT / (norm + 1e-6)), slopes)
        count = count + 1
        first = jax.tree.map(lambda mean, slope: FIRST * mean + (1 - FIRST) * slope, first, slopes)
        second = jax.tree.map(lambda mean, slope: SECOND * mean + (1 - SECOND) * slope**2, second, slopes)
        root = jnp.sqrt(1 - SECOND**count)
        rate = self.learning_rate / (1 - FIRST**count)
        moves = jax.tree.map(lambda one, two: -rate * one / (jnp.sqrt(two) / root + EPSILON), first, second)
        return moves, (count, first, second)


def wants_rate(make):
    return not is_optimizer(make) and takes_learning_rate(make, 0)


def optimizer_of(given, learning_rate, file):
    """An optimizer as in optax that is given, or that the user's factory gives."""
    optimizer = given
    if not is_optimizer(given):
        arguments = (learning_rate,) if wants_rate(given) else ()
        optimizer = run_user_code(file, lambda: given(*arguments))
    if not is_optimizer(optimizer):
        kind = type(optimizer).__name__
        raise Failure("not-an-entry", f"`optimizer` gives {kind}, which has no init() and update()", file)
    return optimizer


def pairs(leaves, moves, file):
    """Every parameter with its move."""
    flat = jax.tree.leaves(moves)
    if [jnp.shape(move) for move in flat] != [leaf.shape for leaf in leaves]:
        raise Failure("wrong-shape", "`optimizer` gives updates of other shapes than the parameters", file)
    return zip(leaves, flat)


def trajectory(make, file, given):
    """The parameters after every step of an optimizer, [steps, …] for each.

    At step t the gradient of parameters θ is linear_t + curvature θ, element by element.
    """
    optimizer = optimizer_of(make, given["learningRate"], file)
    params = list(given["start"])
    memory = run_user_code(file, lambda: optimizer.init(list(params)))
    visited = [[] for _ in params]
    for linear in zip(*given["linear"]):
        slopes = [
            slope + curvature * param for param, slope, curvature in zip(params, linear, given["curvature"])
        ]
        moves, memory = run_user_code(file, lambda: optimizer.update(slopes, memory, list(params)))
        params = [param + move for param, move in pairs(params, moves, file)]
        for param, values in zip(params, visited):
            values.append(numpy.asarray(param))
    return [numpy.stack(values) for values in visited]
