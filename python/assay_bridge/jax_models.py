"""Models of JAX in one form: parameters, and a function of them that can be compiled."""

import inspect
import sys
from typing import Any, Callable, NamedTuple

import jax
import jax.numpy as jnp
import numpy

from .protocol import Failure


# The mode of a model that has modes.
TRAINING, EVALUATION, AS_GIVEN = "training", "evaluation", "as given"


class Pair(NamedTuple):
    """Parameters, and apply(params, *inputs)."""

    params: Any
    apply: Callable


class Model:
    """What a user's model is made of. `form` is equal for models that differ in their numbers only."""

    def __init__(self, given, tree, call, form, state=None):
        # What the user's own training gets.
        self.given = given
        # What else changes in training, such as the averages of a normalisation.
        self.state = state
        paths, structure = jax.tree.flatten_with_path(tree)
        leaves = [leaf for _, leaf in paths]
        self.leaves = [jnp.asarray(leaf) for leaf in leaves if is_parameter(leaf)]
        self.names = [
            jax.tree_util.keystr(path, simple=True, separator=".") for path, leaf in paths if is_parameter(leaf)
        ]
        # What the model began with, and whether its own training has told others.
        self.start, self.is_told = self.leaves, False
        # Gradients of the last step.
        self.slopes = None
        self._fixed = [None if is_parameter(leaf) else leaf for leaf in leaves]
        self._structure = structure
        self._form = form
        # call(tree, state, inputs, mode) gives outputs and the next state.
        self._call = call

    def __call__(self, *inputs):
        return self.bound(self.leaves, self.state, EVALUATION)(*inputs)

    def bound(self, leaves, state, mode):
        return Bound(self, leaves, state, mode)

    def parameters(self, leaves):
        """As the user's optimizer sees them: the tree with nothing in the place of what is not trained."""
        return self._unflattened(leaves, [None] * len(self._fixed))

    def said(self, leaves, state, inputs, mode):
        return self._call(self._unflattened(leaves, self._fixed), state, inputs, mode)

    def _unflattened(self, leaves, others):
        own = iter(leaves)
        return self._structure.unflatten(
            next(own) if fixed is None else other for fixed, other in zip(self._fixed, others)
        )

    def has_structure_of(self, tree):
        return jax.tree.structure(tree) == self._structure

    def with_tree(self, tree):
        return Model(self.given, tree, self._call, self._form, self.state)

    def is_like(self, other):
        same = self._structure == other._structure and self._form == other._form
        return same and all(a is b for a, b in zip(self._fixed, other._fixed))


class Bound:
    """A model with given numbers. Its state goes on from call to call."""

    def __init__(self, model, leaves, state, mode):
        self.model, self.leaves, self.state, self.mode = model, leaves, state, mode

    def __call__(self, *inputs):
        said, self.state = self.model.said(self.leaves, self.state, inputs, self.mode)
        return said


def is_parameter(leaf):
    return isinstance(leaf, (jax.Array, numpy.ndarray)) and jnp.issubdtype(leaf.dtype, jnp.inexact)


def is_model(value):
    return not isinstance(value, type) and (
        pair_of(value) is not None or has_init(value) or is_graph(value) or is_tree(value)
    )


def pair_of(value):
    """The pair that a tuple, a dict or an object is; None where it is none."""
    if isinstance(value, dict):
        found = value.get("params"), value.get("apply")
    elif isinstance(value, (tuple, list)) and not hasattr(value, "_fields"):
        found = value if len(value) == 2 else (None, None)
    else:
        found = getattr(value, "params", None), getattr(value, "apply", None)
    params, apply = found
    return Pair(params, apply) if callable(apply) and any(map(is_parameter, jax.tree.leaves(params))) else None


def has_init(value):
    """init(key, *inputs) gives what apply takes first, as in flax.linen."""
    return callable(getattr(value, "init", None)) and callable(getattr(value, "apply", None))


def is_graph(value):
    """A module of flax.nnx; where that is not imported, nothing is."""
    nnx = sys.modules.get("flax.nnx")
    return nnx is not None and isinstance(value, nnx.Module)


def is_tree(value):
    """A tree of parameters that can be called itself, as in Equinox."""
    return callable(value) and not jax.tree_util.all_leaves([value])


def forward_of(given):
    """What is called with the inputs, as far as it shows which it takes."""
    pair = pair_of(given)
    if pair is not None:
        parameters = list(inspect.signature(pair.apply).parameters.values())

        def forward(*_):
            """As `apply` without its first parameter."""

        takes_all = parameters[:1] and parameters[0].kind == inspect.Parameter.VAR_POSITIONAL
        forward.__signature__ = inspect.Signature(parameters if takes_all else parameters[1:])
        return forward
    return given.__call__ if callable(given) else given.apply


class Start(NamedTuple):
    """For models that make their parameters from a key and example inputs."""

    key: jax.Array
    examples: list
    file: str


def model_of(given, start=None):
    """The model that a user's is; `start` where it is not trained yet."""
    pair = pair_of(given)
    if pair is None and start is not None and has_init(given):
        pair = given = Pair(started(given, start), given.apply)
    if pair is not None:
        params, apply = pair
        return Model(given, params, lambda tree, state, inputs, _: (apply(tree, *inputs), state), apply)
    if is_graph(given):
        return graph_model(given)
    return Model(given, given, lambda tree, state, inputs, _: (tree(*inputs), state), type(given))


def started(given, start):
    params = given.init(start.key, *start.examples)
    # flax.linen has other variables beside the parameters, which change in another way.
    others = [name for name in params if name != "params"] if isinstance(params, dict) and "params" in params else []
    if others:
        message = f"the model has {', '.join(others)} beside its parameters: bring `train`, or use flax.nnx"
        raise Failure("not-an-entry", message, start.file)
    return params


def graph_model(given):
    nnx = sys.modules["flax.nnx"]
    forms = {}
    for mode, change in ((TRAINING, "train"), (EVALUATION, "eval"), (AS_GIVEN, None)):
        module = nnx.clone(given)
        if change is not None:
            getattr(module, change)()
        forms[mode], params, state = nnx.split(module, nnx.Param, ...)

    def call(tree, state, inputs, mode):
        # A copy: variables may only change in the trace in which they were made.
        module = nnx.merge(forms[mode], tree, jax.tree.map(lambda leaf: leaf, state))
        said = module(*inputs)
        return said, nnx.split(module, nnx.Param, ...)[2]

    return Model(given, params, call, forms, state)
