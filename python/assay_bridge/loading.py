"""Finds what a target names in the user's file, and a model with its example inputs."""

import pathlib
import sys
import types

from .protocol import DoesNotFit, Failure, from_exception, line_in


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
