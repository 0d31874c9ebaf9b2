"""Models of JAX as one form that can be traced: what they store, and a function of it and the inputs."""

import inspect
import sys
from typing import Any, Callable, NamedTuple

import jax

from .jax_models import forward_of, has_init, is_graph, is_model, is_tree, pair_of  # noqa: F401
from .jax_set_up import is_set_up, set_up  # noqa: F401
from .jax_trace import VALUES_LIMIT, bytes_in, is_array, trace
from .loading import run_user_code

MODEL = "a function, a module of flax or Equinox, or a pair (params, apply)"
EXAMPLE = "jnp.zeros((4, 3))"
BY_NAME = False

# What a function calls its argument that holds parameters.
PARAMETERS = ("params", "parameters", "variables")


class Traceable(NamedTuple):
    """call(stored, inputs) gives what the model says, and a tree like `stored` of what becomes of it."""

    name: str
    call: Callable
    stored: Any
    # Of the keys that lead to an array.
    is_trained: Callable
    name_of: Callable
    # Names of the inputs, as far as they are known.
    names: list
    # Whether it is a function of several models.
    is_set_up: bool = False


def export(found, value, inputs, out):
    """Writes the program of a model to the path `out`; the report of success."""
    model, inputs = run_user_code(found.file, lambda: traceable(found, value, inputs))
    trace(model, inputs, found.file, out)
    return {"ok": True, "format": "jaxpr", "jax": jax.__version__}


def is_function(value):
    """Whether a value is a model without showing it: functions are."""
    return callable(value) and not isinstance(value, type)


def traceable(found, value, inputs):
    """The model, and the inputs that are not its parameters."""
    if is_set_up(value, inputs):
        return of_several(value, inputs)
    pair = pair_of(value)
    if pair is not None:
        return stateless(found.name, pair.apply, pair.params, argument_names(forward_of(value))), inputs
    if has_init(value):
        return linen(value, inputs), inputs
    if is_graph(value):
        return nnx(value), inputs
    if is_tree(value):
        names = argument_names(value.__call__)
        return stateless(type(value).__name__, lambda tree, *rest: tree(*rest), value, names), inputs
    names = argument_names(value)
    if names[:1] and names[0] in PARAMETERS and inputs and not is_array(inputs[0]):
        return stateless(found.name, value, inputs[0], names[1:]), inputs[1:]
    return stateless(found.name, lambda _, *rest: value(*rest), (), names), inputs


def stateless(name, apply, stored, names):
    return Traceable(name, lambda tree, inputs: (apply(tree, *inputs), ()), stored, lambda _: True, dotted, names)


def of_several(function, inputs):
    """A function of several models, and the inputs that are none."""
    parts, call, others = set_up(function, inputs, argument_names(function))

    def is_trained(keys):
        return parts[keys[0]].is_trained(keys[1:])

    def name_of(keys):
        model, *path = keys
        own = path[parts[model].depth :]
        return dotted([model, *(own[:-1] if parts[model].depth and own[-1:] == ["value"] else own)])

    stored = {name: part.stored for name, part in parts.items()}
    names, rest = [name for name, _ in others], tuple(value for _, value in others)
    return Traceable(function.__name__, call, stored, is_trained, name_of, names, True), rest


def linen(module, inputs):
    """A module of flax.linen, bound to its variables or not, or another object with `init` and `apply`."""
    is_bound = getattr(module, "scope", None) is not None
    module, variables = module.unbind() if is_bound else (module, initialised(module, inputs))
    others = [name for name in variables if name != "params"] if isinstance(variables, dict) else []

    def call(tree, inputs):
        if not others:
            return module.apply(tree, *inputs), ()
        said, after = module.apply(tree, *inputs, mutable=others)
        return said, dict(after)

    names = argument_names(module.__call__ if callable(module) else lambda *_: None)
    return Traceable(type(module).__name__, call, variables, lambda keys: keys[0] not in others, dotted, names)


def initialised(module, inputs):
    """What `init` gives with the key 0; of what would be too much to be written only the shapes."""

    def init():
        return module.init(jax.random.key(0), *inputs)

    shapes = jax.eval_shape(init)
    return init() if bytes_in(jax.tree.leaves(shapes)) <= VALUES_LIMIT else shapes


def nnx(module):
    """A module of flax.nnx in the mode in which it is."""
    library = sys.modules["flax.nnx"]
    parts = (library.Param, library.RngState, ...)
    form, trained, keys, others = library.split(module, *parts)

    def call(tree, inputs):
        # Copies: variables may only change in the trace in which they were made.
        own = library.merge(form, tree["trained"], jax.tree.map(lambda leaf: leaf, keys), tree["others"])
        said = own(*inputs)
        _, trained, _, others = library.split(own, *parts)
        return said, {"trained": trained, "others": others}

    stored = {"trained": trained, "others": others}
    names = argument_names(module.__call__)
    return Traceable(type(module).__name__, call, stored, lambda keys: keys[0] == "trained", inside, names)


def dotted(keys):
    return ".".join(keys)


def inside(keys):
    """The path in a module of flax.nnx, of which a variable's value is the last step."""
    return dotted(keys[1:-1] if keys[-1] == "value" else keys[1:])


def argument_names(function):
    try:
        given = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [parameter.name for parameter in given if parameter.kind in kinds]
