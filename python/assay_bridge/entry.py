"""Finds an entry in the user's file: a model, and what else of its training the user brings."""

import inspect
from typing import Any, NamedTuple

from .loading import run_user_code
from .protocol import Failure

PARTS = ("model", "loss", "optimizer", "train")


class Entry(NamedTuple):
    """Parts are None where the user leaves them to Assay."""

    file: str
    # A model, or what makes one.
    model: Any
    loss: Any = None
    optimizer: Any = None
    train: Any = None

    @property
    def brings(self):
        return [part for part in PARTS if getattr(self, part) is not None]


class Found(NamedTuple):
    """What FILE.py:NAME names."""

    file: str
    name: str
    value: Any
    is_model: bool

    def member(self, name):
        """What a dict or a namespace has under that name; None where it has nothing, or is a model."""
        if self.is_model:
            return None
        return self.value.get(name) if isinstance(self.value, dict) else getattr(self.value, name, None)

    def fail(self, message):
        raise Failure("not-an-entry", message, self.file)


def entry_of(found, library):
    """The entry that was found."""
    parts = {part: found.member(part) for part in PARTS}
    if parts["model"] is None:
        if not callable(found.value) and not found.is_model:
            found.fail(f"{found.name} is {described(found.value)}, neither a model nor a namespace with `model`")
        parts = {"model": found.value}
    for part, value in parts.items():
        given = part == "model" and library.is_model(value) or part == "optimizer" and library.is_optimizer(value)
        if value is not None and not callable(value) and not given:
            found.fail(f"`{part}` of {found.name} is {described(value)}, which can't be called")
    return Entry(found.file, **parts)


def check_keys(found, others):
    """A dict with a name that nothing asks for is most likely misspelt."""
    known = [*PARTS, *others]
    for key in found.value if isinstance(found.value, dict) else ():
        if key not in known:
            found.fail(f"{found.name} has the key {key!r}; known are {', '.join(known)}")


def described(value):
    return f"of type {type(value).__name__}"


def make_model(entry, problem, library, number):
    """The model of an entry for a problem. The number is for what it draws."""
    model = entry.model
    if not library.is_model(model):
        arguments = arguments_for(model, library.for_maker(problem, number), entry.file, library)
        model = run_user_code(entry.file, lambda: entry.model(*arguments))
    if not library.is_model(model):
        raise Failure("not-an-entry", f"the entry gives a model {described(model)}, not {library.MODEL}", entry.file)
    check_inputs(model, problem, entry.file, library)
    return run_user_code(entry.file, lambda: library.ready(model, problem, number, entry.file))


def arguments_for(make, known, file, library):
    """As many of the arguments that are known as a class or function must be given."""
    required = required_parameters(make)
    if len(required) > len(known):
        names = ", ".join(parameter.name for parameter in required)
        raise Failure("not-an-entry", f"the model is made {library.MADE}, not from ({names})", file)
    return known[: len(required)]


def required_parameters(function):
    return [
        parameter
        for parameter in parameters_of(function)
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]


def parameters_of(function):
    try:
        # Such as of flax.nnx, whose classes take anything by their own signature.
        if isinstance(function, type) and type(function).__call__ is not type.__call__:
            return list(inspect.signature(function.__init__).parameters.values())[1:]
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        # Some functions written in C have no signature.
        return []


def takes_learning_rate(make_optimizer, position):
    """Whether a factory is to be called with a learning rate in this position: 1 in torch.optim.SGD."""
    parameters = parameters_of(make_optimizer)
    return len(required_parameters(make_optimizer)) > position or (
        len(parameters) > position and parameters[position].name in ("learning_rate", "lr")
    )


def check_inputs(model, problem, file, library):
    """A model that takes another number of inputs doesn't fit the problem."""
    forward = library.forward_of(model)
    try:
        signature = inspect.signature(forward)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*problem.inputs)
    except TypeError as error:
        takes, gives = (", ".join(names) for names in (signature.parameters, problem.inputs.names))
        message = f"the model takes ({takes}) where {problem.name} gives ({gives})"
        raise Failure("does-not-fit", message, file) from error
