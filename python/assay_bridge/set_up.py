"""Several models of PyTorch and what a function makes of them, as one module that torch.export captures."""

import ast
import inspect
import textwrap
import types

import torch

from .protocol import Failure


class SetUp(torch.nn.Module):
    """The models are its children, under the names that the function has for them; it takes all other inputs by name."""

    def __init__(self, function, bound):
        super().__init__()
        self._function, self._bound = as_forward(function), bound
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
        said = self._function(*bound.args, **bound.kwargs)
        values = said if isinstance(said, tuple) else (said,)
        return dict(zip(self._results, values, strict=True)) if len(values) == len(self._results) else said


def as_forward(function):
    """The same function under the name `forward`: torch.export keeps the lines of functions that are called so."""
    if not isinstance(function, types.FunctionType):
        return function
    code = function.__code__.replace(co_name="forward")
    twin = types.FunctionType(code, function.__globals__, "forward", function.__defaults__, function.__closure__)
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


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


def returned_names(function):
    """The variables that a function returns, if that is what its one `return` says."""
    try:
        definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError):
        return []
    inner = {id(part) for node in ast.walk(definition) if is_function(node, definition) for part in ast.walk(node)}
    outer = (node for node in ast.walk(definition) if id(node) not in inner)
    returns = [node.value for node in outer if isinstance(node, ast.Return)]
    values = returns[0].elts if len(returns) == 1 and isinstance(returns[0], ast.Tuple) else returns
    names = [value.id for value in values if isinstance(value, ast.Name)]
    return names if len(set(names)) == len(values) else []


def is_function(node, other_than):
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and node is not other_than
