"""Finds what a target names in the user's file, and a model with its example inputs."""

import pathlib
import sys
import types

from .protocol import DoesNotFit, Failure, from_exception, line_in

HOW_TO_GIVE_INPUTS = (
    "return (model, example_inputs) from {name}, or define example_inputs() in the file, for example\n"
    "def example_inputs():\n"
    "    return (torch.randn(4, 3),)"
)


def split_target(target):
    """The file and the name of FILE.py:NAME."""
    file, separator, name = target.rpartition(":")
    if separator == "" or name == "":
        raise Failure("no-name", f"{target} names no model; write FILE.py:NAME")
    return file, name


def load_module(file):
    """Runs the file as a module. Its code keeps the path as the user gave it, which origins show."""
    try:
        source = pathlib.Path(file).read_bytes()
    except OSError as error:
        raise Failure("no-file", f"{file} can't be read: {error.strerror}", file) from error
    path = pathlib.Path(file).resolve()
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    # As `python FILE` does, so that the file's neighbours can be imported.
    sys.path.insert(0, str(path.parent))
    sys.modules[path.stem] = module
    run_user_code(file, lambda: exec(compile(source, file, "exec"), module.__dict__))
    return module


def run_user_code(file, action):
    """The action's result; whatever it raises becomes a Failure."""
    try:
        return action()
    except Failure:
        raise
    except KeyboardInterrupt:
        raise
    except DoesNotFit as error:
        raise Failure("does-not-fit", str(error), file, line_in(file, error)) from error
    except BaseException as error:  # noqa: BLE001 - sys.exit() in the user's code must not end the protocol
        raise from_exception("user-error", error, file) from error


def named_in(module, file, name):
    """What has that name in the user's file."""
    if not hasattr(module, name):
        known = sorted(key for key, value in vars(module).items() if callable(value) and not key.startswith("_"))
        raise Failure("no-name", f"{file} has no {name}; it has {', '.join(known) or 'no functions'}", file)
    return getattr(module, name)


def load_model(file, name):
    """The nn.Module that NAME is or makes, and its example inputs as a tuple."""
    from torch import nn

    module = load_module(file)
    made = named_in(module, file, name)
    if not isinstance(made, (nn.Module, tuple, list)) and callable(made):
        make = made
        made = run_user_code(file, lambda: make())
    pair = isinstance(made, (tuple, list)) and len(made) == 2 and isinstance(made[0], nn.Module)
    model, inputs = made if pair else (made, None)
    if not isinstance(model, nn.Module):
        raise Failure("not-a-model", f"{name} gives {type(made).__name__}, not an nn.Module", file)
    if inputs is None and callable(getattr(module, "example_inputs", None)):
        inputs = run_user_code(file, module.example_inputs)
    if inputs is None:
        raise Failure("no-inputs", HOW_TO_GIVE_INPUTS.format(name=name), file)
    return model, as_tuple(inputs, name, file)


def as_tuple(inputs, name, file):
    """Example inputs as the positional arguments of forward."""
    import torch

    if isinstance(inputs, torch.Tensor):
        return (inputs,)
    if isinstance(inputs, (tuple, list)):
        return tuple(inputs)
    raise Failure("no-inputs", f"the example inputs of {name} are {type(inputs).__name__}, not a tuple", file)
