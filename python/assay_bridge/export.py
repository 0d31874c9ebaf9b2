"""Finds the model that a target names, and has the library that it is written in capture it."""

import importlib
import sys

from .entry import Found, required_parameters
from .keras_export import keras_model, save
from .libraries import LIBRARIES, imported_by, set_up_jax, used_libraries
from .loading import load_module, named_in, run_user_code, split_target
from .protocol import Failure

HOW_TO_GIVE_INPUTS = (
    "return (model, example_inputs) from {name}, or define example_inputs() in the file, for example\n"
    "def example_inputs():\n"
    "    return ({example},)"
)


def export(target, out):
    """Exports FILE.py:NAME to the path `out`; the report of success."""
    set_up_jax()
    file, name = split_target(target)
    exporters = exporters_of(imported_by(file))
    module = load_module(file)
    value = named_in(module, file, name)
    if "keras" in sys.modules:
        model, inputs, value = keras_model(value, file)
        if model is not None:
            return save(model, inputs, module, file, name, out)
    # What the file imports may import a library for it.
    exporters = exporters or exporters_of(used_libraries()) or exporters_of(LIBRARIES[:1])
    given_by_file = getattr(module, "example_inputs", None)
    examples = (lambda: run_user_code(file, given_by_file)) if callable(given_by_file) else lambda: None
    exporter, model, inputs = model_in(value, exporters) or model_made(value, exporters, examples, file, name)
    if inputs is None:
        inputs = examples()
    return exporter.export(Found(file, name, model, True), model, given(inputs, exporter, file, name), out)


HOW_TO_GIVE_MODELS = (
    "return (function, example_inputs) from {name}, for example\n"
    "def {name}():\n"
    "    return losses, (generator, discriminator, real, noise)\n"
    "or name one of the models"
)


def exporters_of(libraries):
    """Modules that capture the models of libraries. Throws a Failure for one that can't be imported."""
    found = []
    for library in libraries:
        try:
            importlib.import_module(library.package)
        except ImportError as error:
            raise Failure(f"no-{library.package}", f"{library.name} can't be imported: {error}") from error
        found.append(importlib.import_module(f".{library.exporter}", __package__))
    return found


def model_in(value, exporters):
    """The library of a model, the model, and its inputs where it comes with them; None where a value is none."""
    for exporter in exporters:
        if exporter.is_model(value):
            return exporter, value, None
    if isinstance(value, (tuple, list)) and len(value) == 2 and not are_models(value, exporters):
        model, inputs = value
        for exporter in exporters:
            if exporter.is_model(model) or exporter.is_function(model) or exporter.is_set_up(model, inputs):
                return exporter, model, inputs
    return None


def model_made(value, exporters, examples, file, name):
    """As model_in, of what makes a model, or of a function that is one, or that is given models by example_inputs()."""
    functions = [exporter for exporter in exporters if exporter.is_function(value)]
    if functions and required_parameters(value):
        return functions[0], value, None
    if callable(value) and required_parameters(value):
        inputs = examples()
        set_ups = [exporter for exporter in exporters if exporter.is_set_up(value, inputs)]
        if set_ups:
            return set_ups[0], value, inputs
    made = run_user_code(file, value) if callable(value) else value
    found = model_in(made, exporters)
    if found is None and callable(made):
        functions = [exporter for exporter in exporters if exporter.is_function(made)]
        found = (functions[0], made, None) if functions else None
    if found is None and are_models(made, exporters):
        raise Failure("several-models", HOW_TO_GIVE_MODELS.format(name=name), file)
    if found is None:
        wanted = ", or ".join(exporter.MODEL for exporter in exporters)
        raise Failure("not-a-model", f"{name} gives {type(made).__name__}, not {wanted}", file)
    return found


def are_models(value, exporters):
    """Whether a list, a tuple or a dict holds models, and nothing else."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
    return len(held) > 0 and all(any(exporter.is_model(one) for exporter in exporters) for one in held)


def given(inputs, exporter, file, name):
    """Example inputs as positional arguments, or by name where the library's models take them so."""
    if exporter.is_array(inputs):
        return (inputs,)
    if isinstance(inputs, (tuple, list)):
        return tuple(inputs)
    if exporter.BY_NAME and isinstance(inputs, dict) and all(isinstance(key, str) for key in inputs):
        return inputs
    if inputs is None:
        raise Failure("no-inputs", HOW_TO_GIVE_INPUTS.format(name=name, example=exporter.EXAMPLE), file)
    wanted = "a tuple or a dict by name" if exporter.BY_NAME else "a tuple"
    raise Failure("no-inputs", f"the example inputs of {name} are {type(inputs).__name__}, not {wanted}", file)
