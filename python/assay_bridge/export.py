"""Exports a model with torch.export."""

from .loading import load_model, run_user_code
from .protocol import Failure, from_exception, note


def export(target, out):
    """Exports FILE.py:NAME to the path `out`; the report of success."""
    file, separator, name = target.rpartition(":")
    if separator == "" or name == "":
        raise Failure("no-name", f"{target} names no model; write FILE.py:NAME")
    try:
        import torch
    except ImportError as error:
        raise Failure("no-torch", f"PyTorch can't be imported: {error}") from error
    model, inputs = load_model(file, name)
    program = capture(torch, model, inputs, file)
    torch.export.save(program, out)
    return {"ok": True, "torch": torch.__version__, "mode": mode_of(model)}


def mode_of(model):
    """Whether the model's modules are in training or evaluation mode. The mode is exported as it is."""
    modes = {module.training for module in model.modules()}
    if len(modes) == 2:
        return "mixed"
    return "train" if modes == {True} else "eval"


def capture(torch, model, inputs, file):
    """The exported program, with the first size of every input symbolic where the model allows it."""
    symbolic = tuple(
        {0: torch.export.Dim.DYNAMIC} if isinstance(value, torch.Tensor) and value.ndim > 0 else None
        for value in inputs
    )
    # A model that fails on its own inputs is the user's to mend; what fails after that is the export.
    run_user_code(file, lambda: evaluate(torch, model, inputs))
    # torch marks the tensors themselves as dynamic, and the second attempt must not see that.
    marked = tuple(value.clone() if isinstance(value, torch.Tensor) else value for value in inputs)
    try:
        return without_mutation(torch.export.export(model, marked, dynamic_shapes=symbolic))
    except Exception as error:  # noqa: BLE001 - torch.export raises many kinds
        reason = str(error).strip().split("\n", 1)[0]
    try:
        program = without_mutation(torch.export.export(model, inputs))
    except Exception as error:  # noqa: BLE001
        raise from_exception("export", error, file) from error
    note(f"every size is fixed to the example's, since the export with a symbolic batch failed: {reason}")
    return program


def evaluate(torch, model, inputs):
    """Runs the model on a copy of its state: running statistics stay as they were."""
    state = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        model(*inputs)
    model.load_state_dict(state)


def without_mutation(program):
    """Operators that change intermediate values in place (`add_`) become operators that return new ones."""
    return program.run_decompositions({}) if any(map(mutates_intermediate, program.graph.nodes)) else program


def mutates_intermediate(node):
    schema = getattr(node.target, "_schema", None)
    if node.op != "call_function" or schema is None or not schema.is_mutable:
        return False
    # A lifted constant is detached in place as soon as it is made, which changes nothing.
    return node.args[0].op != "placeholder" and node.target.overloadpacket.__name__ != "detach_"
