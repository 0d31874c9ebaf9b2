"""Several models of JAX and what a function makes of them, as one function of all that they store."""

import sys
from typing import Any, Callable, NamedTuple

import jax

from .functions import returned_names, under_name, with_names
from .jax_models import has_init, is_graph, is_model, is_tree, pair_of


class Part(NamedTuple):
    """A model of a set-up: `bound(stored)` is the model itself, and `left(model)` what it stores after its calls."""

    stored: Any
    bound: Callable
    left: Callable
    is_trained: Callable = lambda keys: True
    #: How many of the keys that lead to an array are those of the form that the model was taken apart into.
    depth: int = 0


class InSetUp:
    """A model whose calls stand in the traced program under its name in the set-up."""

    def __init__(self, model, name):
        self._model, self._name = model, name

    def __call__(self, *args, **kwargs):
        with jax.named_scope(self._name):
            return self._model(*args, **kwargs)

    def __getattr__(self, name):
        return getattr(self._model, name)


def is_set_up(function, inputs):
    """Whether some of the inputs of a function are models."""
    is_code = callable(function) and not isinstance(function, type) and not is_model(function)
    return is_code and isinstance(inputs, (tuple, list)) and any(map(is_part, inputs))


def is_part(value):
    """Whether a value is a model that can be called: one of flax.linen must be bound to its variables."""
    if has_init(value):
        return getattr(value, "scope", None) is not None
    return not isinstance(value, type) and (pair_of(value) is not None or is_graph(value) or is_tree(value))


def part_of(value):
    pair = pair_of(value)
    if pair is not None:
        return Part(pair.params, lambda tree: lambda *inputs: pair.apply(tree, *inputs), lambda _: ())
    if has_init(value):
        module, variables = value.unbind()
        others = [name for name in variables if name != "params"]
        return Part(variables, module.bind, lambda _: (), lambda keys: keys[0] not in others)
    if not is_graph(value):
        return Part(value, lambda tree: tree, lambda _: ())
    library = sys.modules["flax.nnx"]
    form, trained, keys, others = library.split(value, library.Param, library.RngState, ...)

    def bound(tree):
        # Copies: variables may only change in the trace in which they were made.
        return library.merge(form, tree["trained"], jax.tree.map(lambda leaf: leaf, keys), tree["others"])

    def left(model):
        _, trained, _, others = library.split(model, library.Param, library.RngState, ...)
        return {"trained": trained, "others": others}

    return Part({"trained": trained, "others": others}, bound, left, lambda keys: keys[0] == "trained", 1)


def set_up(function, inputs, names):
    """What is stored, a function of it and of the inputs that are no models, and these inputs with their names."""
    # A model that is given twice is one.
    firsts = {id(value): name for name, value in reversed(list(zip(names, inputs))) if is_part(value)}
    parts = {name: part_of(value) for name, value in zip(names, inputs) if firsts.get(id(value)) == name}

    # The front end takes lines of `__call__` for those that call modules.
    traced, results = under_name(function, "__call__"), returned_names(function)

    def call(stored, others):
        models = {name: part.bound(stored[name]) for name, part in parts.items()}
        rest = iter(others)
        given = [
            InSetUp(models[firsts[id(value)]], firsts[id(value)]) if id(value) in firsts else next(rest)
            for value in inputs
        ]
        with jax.named_scope(function.__name__):
            said = with_names(traced(*given), results)
        return said, {name: part.left(models[name]) for name, part in parts.items()}

    others = [(name, value) for name, value in zip(names, inputs) if id(value) not in firsts]
    return parts, call, others
