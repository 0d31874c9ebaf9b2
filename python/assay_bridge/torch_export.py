"""Exports a model of PyTorch with torch.export."""

import torch

from .loading import run_user_code
from .protocol import from_exception, note

MODEL = "an nn.Module"
EXAMPLE = "torch.randn(4, 3)"


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

    def run():
        # A model that fails on its own inputs is the user's to mend; what fails after that is the export.
        run_user_code(file, lambda: evaluate(model, inputs))

    mode = mode_of(modules_asking_for_their_mode(torch.nn, run))
    program = capture(model, inputs, file)
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


def capture(model, inputs, file):
    """The exported program, with the first size of every input symbolic where the model allows it."""
    symbolic = tuple(
        {0: torch.export.Dim.DYNAMIC} if isinstance(value, torch.Tensor) and value.ndim > 0 else None
        for value in inputs
    )
    # torch marks the tensors themselves as dynamic, and the second attempt must not see that.
    try:
        return without_mutation(torch.export.export(model, copies(inputs), dynamic_shapes=symbolic))
    except Exception as error:  # noqa: BLE001 - torch.export raises many kinds
        reason = str(error).strip().split("\n", 1)[0]
    try:
        program = without_mutation(torch.export.export(model, inputs))
    except Exception as error:  # noqa: BLE001
        raise from_exception("export", error, file) from error
    note(f"every size is fixed to the example's, since the export with a symbolic batch failed: {reason}")
    return program


def evaluate(model, inputs):
    """Runs the model once. Its buffers, such as running statistics, and the inputs stay as they were."""
    before = [(buffer, buffer.clone()) for buffer in model.buffers()]
    with torch.no_grad():
        model(*copies(inputs))
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
