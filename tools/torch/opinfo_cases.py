"""Writes cases of PyTorch's own operator tests: python opinfo_cases.py FOLDER [NAME ...]

Every operator of torch.testing's op_db is called with some of its sample inputs in float64, int64 and bool, and, where it has a
gradient, the product of a fixed random vector with its Jacobian is a program of its own. FOLDER/cases.jsonl has a line for each.
"""

import itertools
import json
import pathlib
import sys
import warnings

import torch
from cases import first_line, tensors_in, write_case
from torch.fx.experimental.proxy_tensor import make_fx
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils import _pytree as pytree

SEED = 20260101
#: Samples of each dtype, chosen evenly among the first that are small.
WANTED = {torch.float64: 4, torch.int64: 1, torch.bool: 1}
GRADIENTS = 2
CONSIDERED = 60
LARGEST = 3000


class Operator(torch.nn.Module):
    """An operator as a function of the tensors among its arguments; the others are fixed."""

    def __init__(self, op, sample):
        super().__init__()
        self.op = op
        self.leaves, self.spec = pytree.tree_flatten((sample.input, sample.args, sample.kwargs))

    def tensors(self):
        return [tensor.detach().clone() for tensor in tensors_in(self.leaves)]

    def forward(self, *tensors):
        given = iter(tensors)
        leaves = [next(given) if isinstance(leaf, torch.Tensor) else leaf for leaf in self.leaves]
        first, others, keywords = pytree.tree_unflatten(leaves, self.spec)
        result = self.op.op(first, *others, **keywords)
        return result if isinstance(result, torch.Tensor) else tuple(tensors_in(result))


def chosen(samples, count):
    """Some of the samples, from the first on and evenly."""
    small = []
    for sample in itertools.islice(samples, CONSIDERED):
        tensors = tensors_in((sample.input, sample.args, sample.kwargs))
        if sum(tensor.numel() for tensor in tensors) <= LARGEST:
            small.append(sample)
    step = max(1, len(small) // count)
    return small[::step][:count]


def gradient(model, tensors):
    """The gradient of an operator as a program, and its inputs: the operator's, and a vector for each of its real outputs."""

    def real_outputs(*values):
        return tuple(output for output in tensors_in(model(*values)) if output.is_floating_point())

    places = [index for index, tensor in enumerate(tensors) if tensor.is_floating_point()]
    vectors = [torch.randn_like(output) for output in real_outputs(*tensors)]

    def pulled(*values):
        given, cotangents = list(values[: len(tensors)]), values[len(tensors) :]

        def function(*varied):
            for place, value in zip(places, varied, strict=True):
                given[place] = value
            return real_outputs(*given)

        _, pull = torch.func.vjp(function, *[given[place] for place in places])
        return pull(tuple(cotangents))

    inputs = [*tensors, *vectors]
    table = torch._decomp.core_aten_decompositions()
    # Its decomposition gives the weights in the place of the logarithms of their sums, and gradients without meaning.
    table.pop(torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default, None)
    return make_fx(pulled, decomposition_table=table)(*inputs), inputs


def cases_of(op):
    """Kind of case, model and inputs."""
    for dtype, count in WANTED.items():
        if dtype not in op.supported_dtypes("cpu"):
            continue
        for sample in chosen(op.sample_inputs("cpu", dtype), count):
            model = Operator(op, sample)
            yield str(dtype).removeprefix("torch."), lambda model=model: (model, model.tensors())
    if torch.float64 in op.supported_dtypes("cpu") and op.supports_autograd:
        for sample in chosen(op.sample_inputs("cpu", torch.float64), GRADIENTS):
            model = Operator(op, sample)
            yield "gradient", lambda model=model: gradient(model, model.tensors())


def full_name(op):
    return op.name if op.variant_test_name == "" else f"{op.name} ({op.variant_test_name})"


def main(folder, *wanted):
    warnings.simplefilter("ignore")
    # Of integers, functions have values of the default type.
    torch.set_default_dtype(torch.float64)
    target = pathlib.Path(folder)
    with (target / "cases.jsonl").open("w") as lines:
        for number, op in enumerate(op_db):
            if wanted and op.name not in wanted:
                continue
            torch.manual_seed(SEED)
            try:
                cases = list(cases_of(op))
            except Exception as error:  # noqa: BLE001 - whatever keeps the samples from being made is the reason
                lines.write(json.dumps({"operator": full_name(op), "kind": "samples", "failed": first_line(error)}) + "\n")
                continue
            for index, (kind, make) in enumerate(cases):
                line = {"operator": full_name(op), "kind": kind, "name": f"{number}_{index}"}
                try:
                    write_case(target, line["name"], *make())
                except Exception as error:  # noqa: BLE001 - torch.export raises many kinds
                    line["failed"] = first_line(error)
                lines.write(json.dumps(line) + "\n")
                lines.flush()


main(*sys.argv[1:])
