"""Several models of PyTorch and what a function makes of them, as one module that torch.export captures."""

import inspect

import torch

from .functions import returned_names, under_name, with_names
from .protocol import Failure


class SetUp(torch.nn.Module):
    """The models are its children, under the names that the function has for them; it takes all other inputs by name."""

    def __init__(self, function, bound):
        super().__init__()
        # torch.export keeps the lines of functions that are called so.
        self._function, self._bound = under_name(function, "forward"), bound
        self._results = returned_names(function)
        self._paths = {}
        for name, value in bound.arguments.items():
            if not isinstance(value, torch.nn.Module):
                continue
            # A model that is given twice is one.
            known = [path for path, child in self.named_children() if child is value]
            self._paths[name] = known[0] if known else f"{name}_" if hasattr(self, name) else name
            if not known:
                self.add_module(self._paths[name], value)

    def computed(self, inputs):
        models = {name: self.get_submodule(path) for name, path in self._paths.items()}
        bound = inspect.BoundArguments(self._bound.signature, self._bound.arguments | models | inputs)
        return with_names(self._function(*bound.args, **bound.kwargs), self._results)


def is_set_up(function, inputs):
    """Whether some of the inputs of a function are models."""
    values = inputs.values() if isinstance(inputs, dict) else inputs if isinstance(inputs, (tuple, list)) else ()
    is_code = callable(function) and not isinstance(function, (type, torch.nn.Module))
    return is_code and any(isinstance(value, torch.nn.Module) for value in values)


def set_up(function, inputs, file):
    """The module of a set-up, and the inputs that are no models, by name."""
    positional, by_name = ((), inputs) if isinstance(inputs, dict) else (inputs, {})
    signature = inspect.signature(function)
    try:
        bound = signature.bind(*positional, **by_name)
    except TypeError as error:
        raise Failure("no-inputs", f"the example inputs are not those of {function.__name__}: {error}", file) from error
    others = {name: value for name, value in bound.arguments.items() if not isinstance(value, torch.nn.Module)}

    def call(self, **inputs):
        return self.computed(inputs)

    names = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in ("self", *others)]
    call.__signature__ = inspect.Signature(names)
    # The front end knows a set-up by the module of its class, and the function by the class's name.
    kind = type(function.__name__, (SetUp,), {"__module__": __name__, "forward": call})
    return kind(function, bound), others
