"""The worker that calls a user's functions: what it gives them, what it makes of their answers, what it tells."""

import contextlib
import io
import json
import os

import pytest
import torch

from assay_bridge import toys
from assay_bridge.calls import python_name, spelled
from assay_bridge.tensors import Raw, read_tensors, write_tensors

HEADER = "import torch\nfrom torch import nn\n"
FIRST_LINE = HEADER.count("\n") + 1


def raw(values, dtype=torch.float32):
    tensor = torch.tensor(values, dtype=dtype)
    name = {torch.float32: "F32", torch.int32: "I32"}[dtype]
    return Raw(name, tuple(tensor.shape), bytearray(tensor.numpy().tobytes()))


def run(path, source, *calls, tensors=None):
    """Calls of (slot, *questions) on an entry of this source."""
    path.mkdir(exist_ok=True)
    (path / "net.py").write_text(HEADER + source)
    asked = [{"slot": slot, "questions": questions} for slot, *questions in calls]
    (path / "job.json").write_text(json.dumps({"entry": "net.py:make", "seed": 3, "calls": asked}))
    write_tensors(path / "questions.safetensors", tensors or {})
    channel, here = io.StringIO(), os.getcwd()
    os.chdir(path)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            code = toys.run("toys-call", ".", channel)
    finally:
        os.chdir(here)
    return code, [json.loads(line) for line in channel.getvalue().splitlines()]


def answers(path, slot="kl"):
    found = {}
    for name, (dtype, shape, data) in read_tensors(path / f"answers-{slot}.safetensors").items():
        kind = {"F32": torch.float32, "F64": torch.float64}[dtype]
        found[name] = torch.frombuffer(data, dtype=kind).reshape(shape)
    return found


def called(path, source, *calls, **options):
    """Runs calls that are all answered."""
    code, events = run(path, source, *calls, **options)
    told = [{"event": "called", "slot": slot} for slot, *_ in calls]
    assert (code, events) == (0, [{"event": "loaded"}, *told, {"event": "done", "brings": []}])


def failed(path, source, *calls, **options):
    """What is told of the only call, which is not answered."""
    code, [loaded, told, done] = run(path, source, *calls, **options)
    assert (code, loaded["event"], told["event"], done["event"]) == (0, "loaded", "called", "done")
    assert not list(path.glob("answers*"))
    return told["failed"]


def test_names_are_spelled_as_python_does():
    assert [python_name(slot) for slot in ("policyLoss", "kl", "qTargets")] == ["policy_loss", "kl", "q_targets"]
    claim = {"warm_up": 1, "kind": "cosine", "most_norm": [{"a_b": None}]}
    assert spelled(claim) == {"warmUp": 1, "kind": "cosine", "mostNorm": [{"a_b": None}]}


def test_arguments_come_in_order_and_in_pytorchs_types(tmp_path):
    source = """
def policy_loss(a, b, many, c):
    assert (a.dtype, b.dtype, c) == (torch.float32, torch.int64, 0.2)
    return a + b + many[0] + many[1].sum() + c
make = dict(policy_loss=policy_loss)
"""
    question = [
        {"name": "a", "kind": "tensor"},
        {"name": "b", "kind": "tensor"},
        {"name": "many", "kind": "tensors", "count": 2},
        {"name": "c", "kind": "number", "value": 0.2},
    ]
    tensors = {
        "policyLoss/0/a": raw([1.0, 2.0]),
        "policyLoss/0/b": raw([10, 20], torch.int32),
        "policyLoss/0/many/0": raw([100.0, 200.0]),
        "policyLoss/0/many/1": raw([[1000.0, 2000.0]]),
    }
    called(tmp_path, source, ("policyLoss", question), tensors=tensors)
    torch.testing.assert_close(answers(tmp_path, "policyLoss")["0/0"], torch.tensor([3111.2, 3222.2]))


def test_a_function_is_asked_every_question(tmp_path):
    question = [[{"name": "p", "kind": "number", "value": value}] for value in (1, -2.5)]
    called(tmp_path, "make = dict(kl=lambda p: 2 * p)", ("kl", *question))
    assert {name: tensor.tolist() for name, tensor in answers(tmp_path).items()} == {"0/0": 2, "1/0": -5}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("0.1", {"0/0": 0.1}),
        ("torch.tensor(0.5)", {"0/0": 0.5}),
        ("torch.tensor([1, 2])", {"0/0": [1, 2]}),
        ("torch.tensor([True, False])", {"0/0": [1, 0]}),
        ("torch.ones(2, requires_grad=True)", {"0/0": [1, 1]}),
        ("torch.ones(2, dtype=torch.bfloat16)", {"0/0": [1, 1]}),
        ("torch.ones(2).numpy()", {"0/0": [1, 1]}),
        ("[0.5, 1.5]", {"0/0": [0.5, 1.5]}),
        ("[torch.tensor(0.5), torch.tensor(1.5)]", {"0/0": [0.5, 1.5]}),
        ("(torch.ones(2), torch.zeros(1, 3))", {"0/0": [1, 1], "0/1": [[0, 0, 0]]}),
        ("[]", {}),
    ],
)
def test_answers_are_tensors(tmp_path, value, wanted):
    called(tmp_path, f"make = dict(kl=lambda: {value})", ("kl", []))
    assert {name: tensor.tolist() for name, tensor in answers(tmp_path).items()} == wanted


@pytest.mark.parametrize(
    ("kind", "message", "source"),
    [
        ("user-error", "ZeroDivisionError", "make = dict(kl=lambda: 1 / 0)"),
        ("user-error", "SystemExit", "make = dict(kl=lambda: exit(0))"),
        ("user-error", "TypeError", "make = dict(kl=lambda p: p)"),
        ("wrong-shape", "`kl` gives str where a tensor of real numbers", "make = dict(kl=lambda: 'no')"),
        ("wrong-shape", "`kl` gives NoneType where", "make = dict(kl=lambda: None)"),
        ("wrong-shape", "`kl` gives dict where", "make = dict(kl=lambda: {})"),
        ("wrong-shape", "`kl` gives Tensor where", "make = dict(kl=lambda: 1j * torch.ones(2))"),
        ("not-an-entry", "make has no function kl", "make = dict(model=nn.Embedding)"),
    ],
)
def test_functions_that_give_no_answer(tmp_path, kind, message, source):
    told = failed(tmp_path, source, ("kl", []))
    assert (told["kind"], told["file"]) == (kind, "net.py") and message in told["message"]


def test_a_mistake_in_the_users_code_has_its_line_and_stops_no_others(tmp_path):
    source = "def kl():\n    raise ValueError('no')\nmake = dict(kl=kl, entropy=lambda: 1)"
    _, [_, kl, entropy, _] = run(tmp_path, source, ("kl", []), ("entropy", []))
    assert (kl["failed"]["line"], kl["failed"]["message"]) == (FIRST_LINE + 1, "ValueError: no")
    assert entropy == {"event": "called", "slot": "entropy"}
    assert answers(tmp_path, "entropy")["0/0"] == 1


def test_chance_is_the_same_for_every_function(tmp_path):
    called(tmp_path, "make = dict(kl=lambda: torch.rand(3), ctc=lambda: torch.rand(3))", ("kl", []), ("ctc", []))
    assert torch.equal(answers(tmp_path, "kl")["0/0"], answers(tmp_path, "ctc")["0/0"])


def test_an_argument_that_is_missing(tmp_path):
    told = failed(tmp_path, "make = dict(kl=abs)", ("kl", [{"name": "p", "kind": "tensor"}]))
    assert told["kind"] == "no-file" and "has no kl/0/p" in told["message"]


STEPS = {
    "start/0": raw([1.0, 2.0]),
    "start/1": raw([[3.0]]),
    "linear/0": raw([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
    "linear/1": raw([[[1.0]], [[0.0]], [[2.0]]]),
    "curvature/0": raw([0.5, 0.0]),
    "curvature/1": raw([[0.0]]),
}
QUESTION = [
    {"name": "learningRate", "kind": "number", "value": 0.1},
    *({"name": name, "kind": "tensors", "count": 2} for name in ("start", "linear", "curvature")),
]


def stepping(optimizer):
    tensors = {f"optimizer/0/{name}": tensor for name, tensor in STEPS.items()}
    return {"source": f"make = dict(optimizer={optimizer})", "tensors": tensors}


@pytest.mark.parametrize("optimizer", ["torch.optim.SGD", "lambda parameters: torch.optim.SGD(parameters, 0.1)"])
def test_an_optimizer_makes_steps_on_given_gradients(tmp_path, optimizer):
    options = stepping(optimizer)
    called(tmp_path, options["source"], ("optimizer", QUESTION), tensors=options["tensors"])
    # θ − 0.1 (linear + 0.5 θ) in the first place, step by step.
    first = 1 - 0.1 * 1.5
    second = first - 0.1 * 0.5 * first
    third = second - 0.1 * (1 + 0.5 * second)
    found = answers(tmp_path, "optimizer")
    torch.testing.assert_close(found["0/0"], torch.tensor([[first, 2], [second, 1.9], [third, 1.8]]))
    torch.testing.assert_close(found["0/1"], torch.tensor([[[2.9]], [[2.9]], [[2.7]]]))


def test_gradients_that_an_optimizer_keeps_add_up(tmp_path):
    options = stepping("type('Keeping', (torch.optim.SGD,), {'zero_grad': lambda self: None})")
    called(tmp_path, options["source"], ("optimizer", QUESTION), tensors=options["tensors"])
    torch.testing.assert_close(answers(tmp_path, "optimizer")["0/1"], torch.tensor([[[2.9]], [[2.8]], [[2.5]]]))


@pytest.mark.parametrize(
    ("kind", "optimizer"),
    [("not-an-entry", "lambda parameters: 1"), ("user-error", "lambda parameters: 1 / 0")],
)
def test_optimizers_that_are_none(tmp_path, kind, optimizer):
    options = stepping(optimizer)
    told = failed(tmp_path, options["source"], ("optimizer", QUESTION), tensors=options["tensors"])
    assert told["kind"] == kind
