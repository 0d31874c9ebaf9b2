"""Functions of the user's over several models: the names of what they return, and other names for themselves."""

import ast
import inspect
import textwrap
import types


def under_name(function, name):
    """The same function under another name: libraries keep the lines of functions that are called as they expect."""
    if not isinstance(function, types.FunctionType):
        return function
    # From Python 3.11 on a code has the path to its name, too.
    path = {"co_qualname": name} if hasattr(function.__code__, "co_qualname") else {}
    code = function.__code__.replace(co_name=name, **path)
    twin = types.FunctionType(code, function.__globals__, name, function.__defaults__, function.__closure__)
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


def returned_names(function):
    """The variables that a function returns, if that is what its one `return` says."""
    try:
        definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError):
        return []
    returns = [node.value for node in own_nodes(definition) if isinstance(node, ast.Return)]
    values = returns[0].elts if len(returns) == 1 and isinstance(returns[0], ast.Tuple) else returns
    names = [value.id for value in values if isinstance(value, ast.Name)]
    return names if len(set(names)) == len(values) else []


def own_nodes(definition):
    """What stands in a function, but not in functions inside it."""
    pending = list(ast.iter_child_nodes(definition))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            pending.extend(ast.iter_child_nodes(node))


def with_names(said, names):
    """What a function says under the names of the variables that it returns."""
    if isinstance(said, dict):
        return said
    values = said if isinstance(said, tuple) else (said,)
    return dict(zip(names, values, strict=True)) if len(values) == len(names) else said
