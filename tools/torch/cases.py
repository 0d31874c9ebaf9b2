"""Writes cases: exported programs, their inputs, and what PyTorch computes from them."""

import importlib.metadata
import json
import math
import pathlib
import re

import torch
from torch.overrides import TorchFunctionMode


def first_line(error):
    """The first line of an exception that says anything, with its kind."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # Exporters colour their messages.
    plain = re.sub(r"\x1b\[\d*m", "", lines[0] if lines else "")
    return f"{type(error).__name__}: {plain}"[:300]


def number(value):
    """JSON has no words for numbers that are not finite."""
    if isinstance(value, (bool, int)) or math.isfinite(value):
        return value
    return str(value)


def values_of(tensor):
    kind = "real" if tensor.is_floating_point() else "complex" if tensor.is_complex() else "discrete"
    listed = [] if kind == "complex" else [number(value) for value in tensor.detach().flatten().tolist()]
    return {"kind": kind, "shape": list(tensor.shape), "values": listed}


class InDouble(TorchFunctionMode):
    """Whatever is computed under it is in float64, also where the code asks for a narrower type."""

    narrower = {torch.float32: torch.float64, torch.float16: torch.float64, torch.bfloat16: torch.float64}

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in (torch.Tensor.float, torch.Tensor.half, torch.Tensor.bfloat16):
            function = torch.Tensor.double
        widened = [self.wide(value) for value in args]
        return function(*widened, **{name: self.wide(value) for name, value in (kwargs or {}).items()})

    def wide(self, value):
        return self.narrower.get(value, value) if isinstance(value, torch.dtype) else value


def tensors_in(value):
    return [leaf for leaf in torch.utils._pytree.tree_leaves(value) if isinstance(leaf, torch.Tensor)]


def without_places(program):
    """Without stack traces, which hold the paths of this machine."""
    for module in program.graph_module.modules():
        for node in getattr(getattr(module, "graph", None), "nodes", []):
            node.meta.pop("stack_trace", None)
    return program


def computed(model, inputs, keywords):
    """The inputs, and what PyTorch computes from them."""
    with torch.no_grad():
        outputs = model(*inputs, **keywords)
    return {
        "inputs": [values_of(tensor) for tensor in tensors_in([*inputs, *keywords.values()])],
        "outputs": [values_of(tensor) for tensor in tensors_in(outputs)],
    }


def write_case(folder, name, model, inputs, keywords=None, dynamic=None):
    """Returns what the export was refused with, or None; NAME.pt2 and NAME.json hold the case."""
    keywords = keywords or {}
    case = computed(model, inputs, keywords)
    program = without_places(torch.export.export(model, tuple(inputs), keywords, dynamic_shapes=dynamic))
    torch.export.save(program, folder / f"{name}.pt2")
    (folder / f"{name}.json").write_text(json.dumps(case))


def write_cases(folder, *wanted, models, write):
    """A case for each of the models that are wanted, or of all, by `write(folder, name, make)`; cases.jsonl has a line for each."""
    target = pathlib.Path(folder)
    with (target / "cases.jsonl").open("w") as lines:
        for name, (package, make) in models.items():
            if wanted and name not in wanted:
                continue
            line = {"model": name, "package": package, "version": importlib.metadata.version(package), "name": name}
            try:
                write(target, name, make)
            except Exception as error:  # noqa: BLE001 - packages raise many kinds
                line["failed"] = first_line(error)
            lines.write(json.dumps(line) + "\n")
            lines.flush()
