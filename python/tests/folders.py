"""Jobs as Assay writes them, made by hand, and what the worker leaves in their folders."""

import contextlib
import io
import json
import math
import os
import pathlib
import subprocess
import sys
import textwrap

import torch

from assay_bridge import toys

BRIDGE = pathlib.Path(__file__).parent.parent

HEADER = """
import torch
from torch import nn
from torch.nn import functional
"""
FIRST_LINE = HEADER.count("\n") + 1
NUMPY = {torch.float32: "F32", torch.float64: "F64", torch.int32: "I32"}
TYPES = {name: dtype for dtype, name in NUMPY.items()}

BATCH, STEPS, CHECKPOINTS = 4, 6, [0, 1, 4, 6]

# Two heads of one vector.
PAIR = {
    "name": "pair",
    "title": "a label and a value",
    "tags": [],
    "batch": BATCH,
    "inputs": [{"name": "x", "shape": [3], "meaning": "three numbers"}],
    "outputs": [
        {"name": "label", "items": [], "weight": 1, "kind": "binary", "width": 1},
        {"name": "value", "items": [], "weight": 0.5, "kind": "squared", "width": 1},
    ],
}
# One head of a sequence.
TOKENS = {
    "name": "tokens",
    "title": "the next token",
    "tags": [],
    "batch": BATCH,
    "inputs": [{"name": "tokens", "shape": [7], "count": 5, "meaning": "tokens"}],
    "outputs": [{"name": "next", "items": [7], "weight": 2, "kind": "categorical", "width": 5}],
}
# Two inputs.
SUM = {
    "name": "sum",
    "title": "a sum",
    "tags": [],
    "batch": BATCH,
    "inputs": [{"name": name, "shape": [2], "meaning": "two numbers"} for name in ("a", "b")],
    "outputs": [{"name": "sum", "items": [], "weight": 1, "kind": "squared", "width": 1}],
}

TOKEN_MODEL = """
def make(problem):
    return nn.Sequential(nn.Embedding(problem.vocabulary, 8), nn.Dropout(0.2), nn.Linear(8, problem.output_width))
"""
PAIR_MODEL = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(3, 8)
        self.out = nn.Linear(8, 2)
    def forward(self, x):
        label, value = self.out(self.hidden(x).tanh()).unbind(-1)
        return {"value": value, "label": label}
"""


def write(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.numpy().tobytes()
        offsets = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": NUMPY[tensor.dtype], "shape": list(tensor.shape), "data_offsets": offsets}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def read(path):
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        first, last = entry["data_offsets"]
        data = bytearray(content[start + first : start + last])
        tensors[name] = torch.frombuffer(data, dtype=TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def inputs_of(description, rows):
    return {
        field["name"]: torch.randint(field["count"], (rows, *field["shape"]), dtype=torch.int32)
        if "count" in field
        else torch.randn(rows, *field["shape"])
        for field in description["inputs"]
    }


def targets_of(description, rows):
    """The second item of every batch doesn't count."""
    targets = {}
    for head in description["outputs"]:
        shape = (rows, *head["items"])
        if head["kind"] == "categorical":
            target = torch.randint(head["width"], shape, dtype=torch.int32)
        else:
            target = torch.randint(2, shape).float()
        target.view(rows // BATCH, -1)[:, 1] = -100 if head["kind"] == "categorical" else math.nan
        targets[head["name"]] = target
    return targets


class Folder:
    """A job that was made by hand."""

    header = HEADER

    def __init__(self, path, source, description=TOKENS, name="make", **changes):
        torch.manual_seed(7)
        self.path = path
        self.description = description
        self.inputs = inputs_of(description, STEPS * BATCH)
        self.targets = targets_of(description, STEPS * BATCH)
        # The curve is asked of the first batch, whose loss is reported.
        self.sets = {
            "curve": {key: value[:BATCH] for key, value in self.inputs.items()},
            "evaluation": inputs_of(description, 10),
            "probe-a rung-0": inputs_of(description, 3),
        }
        path.mkdir(exist_ok=True)
        job = {"problem": description, "entry": f"net.py:{name}", "seed": 3, "learningRate": 0.05, "steps": STEPS}
        (path / "job.json").write_text(json.dumps({**job, "checkpoints": CHECKPOINTS, "inspect": False, **changes}))
        train = {f"inputs/{key}": value for key, value in self.inputs.items()}
        write(path / "train.safetensors", train | {f"targets/{key}": value for key, value in self.targets.items()})
        questions = {f"{name}/{key}": value for name, part in self.sets.items() for key, value in part.items()}
        write(path / "questions.safetensors", questions)
        (path / "net.py").write_text(self.header + textwrap.dedent(source).lstrip("\n"))

    def run(self, command="toys"):
        """As the process does it, without the time that a process takes to start."""
        channel, printed, here = io.StringIO(), io.StringIO(), os.getcwd()
        os.chdir(self.path)
        try:
            with contextlib.redirect_stdout(printed):
                code = toys.run(command, ".", channel)
        finally:
            os.chdir(here)
        self.errors = printed.getvalue()
        return code, [json.loads(line) for line in channel.getvalue().splitlines()]

    def process(self, command="toys"):
        environment = {"PYTHONPATH": str(BRIDGE), "PATH": "", "HOME": str(self.path)}
        arguments = [sys.executable, "-m", "assay_bridge", command, "."]
        done = subprocess.run(arguments, cwd=self.path, env=environment, capture_output=True, text=True)
        self.errors = done.stderr
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def trained(self, run=run):
        code, events = run(self)
        assert (code, events[-1]["event"]) == (0, "done"), (events, self.errors)
        return events

    def failed(self, run=run):
        code, events = run(self)
        assert (code, events[-1].pop("event")) == (2, "failed"), (events, self.errors)
        assert not (self.path / "answers.safetensors").exists()
        return events[-1]

    def batch(self, step):
        rows = slice(step * BATCH, (step + 1) * BATCH)
        return tuple({key: value[rows] for key, value in part.items()} for part in (self.inputs, self.targets))

    def answers(self, name="answers"):
        return read(self.path / f"{name}.safetensors")

    def bytes(self):
        return (self.path / "answers.safetensors").read_bytes()


JAX_HEADER = """
import jax
import jax.numpy as jnp
import optax
from flax import linen, nnx
"""
JAX_FIRST_LINE = JAX_HEADER.count("\n") + 1


class JaxFolder(Folder):
    header = JAX_HEADER


# A table of vectors, given.
JAX_TABLE = "params = {'table': jnp.eye(5), 'size': 5}\ndef apply(params, tokens): return params['table'][tokens]\n"
