"""Which library an entry is written in: PyTorch or JAX. One that is not needed is not imported."""

import ast
import importlib
import os
import pathlib
import sys
from typing import NamedTuple

from .chance import seed_python
from .entry import Found
from .loading import load_module, named_in, split_target
from .protocol import Failure


class Library(NamedTuple):
    """A library, its package, the packages whose import says that a file is written in it, and the modules that know it."""

    name: str
    package: str
    packages: frozenset
    # What training needs of it.
    module: str
    # How its models are captured.
    exporter: str


LIBRARIES = (
    Library("PyTorch", "torch", frozenset({"torch"}), "pytorch", "torch_export"),
    Library("JAX", "jax", frozenset({"jax", "flax", "optax", "equinox", "haiku"}), "jax_numpy", "jax_export"),
)


def loaded(target):
    """What an entry names, and the module of the library that it is written in."""
    set_up_jax()
    file, name = split_target(target)
    said = imported_by(file)
    known = importable(said) if said else []
    # What the file makes when it is loaded is the same in every run. PyTorch begins with the same seed by itself.
    seed_python(0)
    for library in known:
        library.seed(0)
    value = named_in(load_module(file), file, name)
    library = written_in(value, known or importable(used_libraries()) or importable(LIBRARIES)[:1], target)
    return Found(file, name, value, library.is_model(value) or library.is_model_class(value)), library


def set_up_jax():
    """For when the file imports JAX: trainings run side by side, on the processor and with a thread each."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    flags = os.environ.get("XLA_FLAGS", "").split()
    os.environ["XLA_FLAGS"] = " ".join({*flags, "--xla_cpu_multi_thread_eigen=false"})


def imported_by(file):
    """The libraries that the file itself imports, wherever in it."""
    try:
        tree = ast.parse(pathlib.Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        # Told when the file is run.
        return []
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.partition(".")[0])
    return [library for library in LIBRARIES if library.packages & names]


def used_libraries():
    """The libraries that what the file imports has imported."""
    return [library for library in LIBRARIES if library.packages & sys.modules.keys()]


def importable(libraries):
    """Those of the libraries' modules that can be imported; a Failure where there are libraries, and none can."""
    modules, errors = [], []
    for library in libraries:
        try:
            modules.append(importlib.import_module(f".{library.module}", __package__))
        except ImportError as error:
            errors.append(f"{library.name} can't be imported: {error}")
    if errors and not modules:
        raise Failure("no-library", "; ".join(errors))
    return modules


def written_in(value, modules, target):
    """The one of several libraries in which a value is written."""
    if len(modules) == 1:
        return modules[0]
    parts = value if isinstance(value, dict) else {"model": getattr(value, "model", None)}
    given = (value, parts.get("model"))
    fitting = [
        library for library in modules if any(library.is_model(one) or library.is_model_class(one) for one in given)
    ]
    # PyTorch comes first, and knows its own by their class.
    if not fitting:
        file, name = split_target(target)
        names = " and ".join(library.NAME for library in modules)
        message = f"{name} could be of {names}, which are both imported: put it into a file that imports one of them"
        raise Failure("not-an-entry", message, file)
    return fitting[0]
