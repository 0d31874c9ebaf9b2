"""Exports a model of PyTorch with torch.export."""

import contextlib

import torch

from .loading import run_user_code
from .protocol import from_exception, note
from .set_up import is_set_up, set_up

MODEL = "an nn.Module"
EXAMPLE = "torch.randn(4, 3)"
#: Whether example inputs may be a dict by name, as forward takes them.
BY_NAME = True


def is_model(value):
    return isinstance(value, torch.nn.Module)


def is_function(_):
    """Whether a value is a model without showing it. In PyTorch functions make models."""
    return False


def is_array(value):
    return isinstance(value, torch.Tensor)


def export(found, model, inputs, out):
    """Exports a model to the path `out`; the report of success."""
    file = found.file
    if is_set_up(model, inputs):
        model, inputs = set_up(model, inputs, file)
    call = ((), inputs) if isinstance(inputs, dict) else (inputs, {})

    def run():
        # A model that fails on its own inputs is the user's to mend; what fails after that is the export.
        run_user_code(file, lambda: evaluate(model, *call))

    mode = mode_of(modules_asking_for_their_mode(torch.nn, run))
    with without_cache(model):
        program = capture(model, call, file)
    torch.export.save(program, out)
    return {"ok": True, "format": "pt2", "torch": torch.__version__, "mode": mode}


def modules_asking_for_their_mode(nn, run):
    """The modules that read `training` while `run` runs, as dropout and batch normalisation do."""
    asking = set()
    ordinary = nn.Module.__getattribute__

    def watching(module, name):
        if name == "training":
            asking.add(module)
        return ordinary(module, name)

    nn.Module.__getattribute__ = watching
    try:
        run()
    finally:
        del nn.Module.__getattribute__
    return asking


def mode_of(modules):
    """Training or evaluation mode, as the modules that depend on it are exported; without any it is evaluation."""
    modes = {module.training for module in modules}
    if len(modes) == 2:
        return "mixed"
    return "train" if modes == {True} else "eval"


@contextlib.contextmanager
def without_cache(model):
    """Hugging Face's language models return the keys and values of their attention, for a next call, unless told not to."""
    found = {id(config): config for config in (getattr(module, "config", None) for module in model.modules())}
    caching = [config for config in found.values() if getattr(config, "use_cache", False) is True]
    if caching:
        note("config.use_cache is off for the export: keys and values that a next call would use are no outputs")
    for config in caching:
        config.use_cache = False
    try:
        yield
    finally:
        for config in caching:
            config.use_cache = True


def capture(model, call, file):
    """The exported program, with the first size of every input symbolic where the model allows it."""
    inputs, keywords = call

    def first_sizes(values, size):
        return [{0: size} if isinstance(value, torch.Tensor) and value.ndim > 0 else None for value in values]

    # Inputs by keyword, such as tokens and their mask, are of one batch where their first sizes are equal.
    batches = {value.shape[0] for value in keywords.values() if isinstance(value, torch.Tensor) and value.ndim > 0}
    size = torch.export.Dim("batch") if len(batches) == 1 else torch.export.Dim.DYNAMIC
    by_name = dict(zip(keywords, first_sizes(keywords.values(), size), strict=True))
    symbolic = by_name if keywords else tuple(first_sizes(inputs, torch.export.Dim.DYNAMIC))
    # torch marks the tensors themselves as dynamic, and the second attempt must not see that.
    try:
        copied = copies(inputs), dict(zip(keywords, copies(keywords.values()), strict=True))
        return without_mutation(torch.export.export(model, *copied, dynamic_shapes=symbolic))
    except Exception as error:  # noqa: BLE001 - torch.export raises many kinds
        reason = str(error).strip().split("\n", 1)[0]
    try:
        program = without_mutation(torch.export.export(model, inputs, keywords))
    except Exception as error:  # noqa: BLE001
        raise from_exception("export", error, file) from error
    note(f"every size is fixed to the example's, since the export with a symbolic batch failed: {reason}")
    return program


def evaluate(model, inputs, keywords):
    """Runs the model once. Its buffers, such as running statistics, and the inputs stay as they were."""
    before = [(buffer, buffer.clone()) for buffer in model.buffers()]
    with torch.no_grad():
        model(*copies(inputs), **dict(zip(keywords, copies(keywords.values()), strict=True)))
        for buffer, value in before:
            buffer.copy_(value)


def copies(inputs):
    return tuple(value.clone() if isinstance(value, torch.Tensor) else value for value in inputs)


def without_mutation(program):
    """Operators that change intermediate values in place (`add_`) become operators that return new ones."""
    return program.run_decompositions({}) if any(map(mutates_intermediate, program.graph.nodes)) else program


def mutates_intermediate(node):
    schema = getattr(node.target, "_schema", None)
    if node.op != "call_function" or schema is None or not schema.is_mutable:
        return False
    # A lifted constant is detached in place as soon as it is made, which changes nothing.
    return node.args[0].op != "placeholder" and node.target.overloadpacket.__name__ != "detach_"
