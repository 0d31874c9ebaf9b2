"""The parts of the worker that trains: files of tensors, problems, losses, outputs, modes, rates."""

import collections
import json
import math
import types

import pytest
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

from assay_bridge import pytorch
from assay_bridge.asking import Asker
from assay_bridge.entry import takes_learning_rate
from assay_bridge.problem import Output, Problem
from assay_bridge.protocol import DoesNotFit, Failure
from assay_bridge.tensors import Raw, read_tensors, write_tensors
from assay_bridge.training import share_of_rate


def field(name, shape, count=None):
    return {"name": name, "shape": shape, "meaning": "", **({} if count is None else {"count": count})}


def output(name, kind="squared", items=(), width=1, weight=1, **level):
    return {"name": name, "items": list(items), "weight": weight, "kind": kind, "width": width, **level}


def problem_of(inputs, outputs, batch=4):
    said = {"name": "toy", "title": "a toy", "tags": ["causal"], "batch": batch}
    return Problem({**said, "inputs": inputs, "outputs": outputs})


def head(kind, width=1, level=None):
    return Output("y", (3,), kind, width, 1, level)


# Files of tensors


def test_tensors_come_back_as_they_were_written(tmp_path):
    raws = {
        "odd name/x": Raw("F32", (1, 3), bytearray(12)),
        "y": Raw("F64", (2,), bytearray(range(16))),
        "z": Raw("I32", (), bytearray(b"\1\0\0\0")),
        "none": Raw("I32", (0, 2), bytearray()),
    }
    write_tensors(tmp_path / "a.safetensors", raws)
    assert read_tensors(tmp_path / "a.safetensors") == raws
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


def file_with(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry_with(**changes):
    return {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "header"),
        (b"1234567", "header"),
        (file_with(entry_with())[:20], "header"),
        ((1 << 62).to_bytes(8, "little"), "header"),
        (file_with(b"{"), "no safetensors file"),
        (file_with(b"\xff\xff"), "no safetensors file"),
        (file_with([]), "not a JSON object"),
        (file_with({"x": 1}), "type None"),
        (file_with(entry_with(dtype="BF16"), bytes(8)), "BF16"),
        (file_with(entry_with(shape=[True, 2]), bytes(8)), "shape and place"),
        (file_with(entry_with(shape=[-2]), bytes(8)), "shape and place"),
        (file_with(entry_with(data_offsets=[0]), bytes(8)), "shape and place"),
        (file_with(entry_with(shape=[3]), bytes(8)), "0 to 8 of 8"),
        (file_with(entry_with(), bytes(7)), "0 to 8 of 7"),
    ],
)
def test_files_that_are_none(tmp_path, content, why):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(Failure, match=why) as raised:
        read_tensors(path)
    assert raised.value.report["kind"] == "no-file"
    assert raised.value.report["file"] == str(path)


def test_a_whole_file_cut_anywhere_is_refused(tmp_path):
    path = tmp_path / "a.safetensors"
    write_tensors(path, {"x": Raw("F32", (2,), bytearray(8))})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(Failure):
            read_tensors(path)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.int64])
def test_outputs_of_every_type_are_written(dtype):
    values = torch.tensor([[1, -2], [3, 4]], dtype=dtype)
    raw = pytorch.to_raw(pytorch.as_real(values.T))
    assert (raw.dtype, raw.shape) == ("F64" if dtype == torch.float64 else "F32", (2, 2))
    assert pytorch.from_raw(raw, whole=False).tolist() == [[1, 3], [-2, 4]]


# Problems


def test_numbers_of_a_problem_with_tokens():
    problem = problem_of([field("tokens", [7], 5)], [output("next", "categorical", [7], 5)])
    assert (problem.vocabulary, problem.length, problem.output_width, problem.batch) == (5, 7, 5, 4)
    assert "causal" in problem.tags
    assert problem.outputs.next.shape == (7, 5)
    assert problem.inputs["tokens"] is problem.inputs.tokens is problem.inputs[0]
    assert "tokens" in problem.inputs and "x" not in problem.inputs
    assert not hasattr(problem, "input_width") and not hasattr(problem.inputs, "x")


def test_numbers_of_a_problem_with_vectors():
    problem = problem_of([field("x", [7, 3])], [output("y"), output("z", "gaussian", width=2)])
    assert (problem.length, problem.input_width, problem.output_width) == (7, 3, 1)
    assert problem.outputs.z.shape == (2,)
    assert [(member.name, member.kind) for member in problem.outputs] == [("y", "squared"), ("z", "gaussian")]


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (lambda problem: problem.vocabulary, "toy has no vocabulary: its input x holds real numbers"),
        (lambda problem: problem.length, r"toy has no length: its input x of shape \[3\] is no sequence"),
        (lambda problem: problem.inputs.tokens, "^toy has no input tokens; it has x$"),
        (lambda problem: problem.outputs["z"], "^toy has no output z; it has y$"),
    ],
)
def test_what_a_problem_lacks(ask, why):
    with pytest.raises(DoesNotFit, match=why):
        ask(problem_of([field("x", [3])], [output("y")]))


# Losses


def test_categorical_loss():
    logits, classes = torch.randn(4, 3, 5), torch.randint(5, (4, 3))
    classes[0], classes[1, 2] = -100, -100
    loss = pytorch.head_loss(head("categorical", 5), logits, classes)
    torch.testing.assert_close(loss, functional.cross_entropy(logits.flatten(0, 1), classes.flatten()))


@pytest.mark.parametrize(
    ("of_head", "expected"),
    [
        (head("binary"), functional.binary_cross_entropy_with_logits),
        (head("squared"), functional.mse_loss),
        (head("quantile", level=0.5), lambda output, target: functional.l1_loss(output, target) / 2),
        (
            head("gaussian", 2),
            lambda output, target: functional.gaussian_nll_loss(
                output[..., 0], target, output[..., 1].exp(), full=True, eps=1e-30
            ),
        ),
        (
            head("latent", 2),
            lambda output, target: kl_divergence(
                Normal(output[..., 0], (output[..., 1] / 2).exp()), Normal(0.0, 1.0)
            ).mean(),
        ),
    ],
)
def test_losses_of_real_targets(of_head, expected):
    outputs = torch.randn(4, *of_head.shape, dtype=torch.float64, requires_grad=True)
    targets = torch.randint(2, (4, 3)).float()
    torch.testing.assert_close(pytorch.head_loss(of_head, outputs, targets), expected(outputs, targets.double()))
    # An item that doesn't count: neither in the loss nor in the gradient.
    targets[1, 2] = math.nan
    counts = ~targets.isnan()
    loss = pytorch.head_loss(of_head, outputs, targets)
    torch.testing.assert_close(loss, expected(outputs[counts], targets[counts].double()))
    (gradient,) = torch.autograd.grad(loss, outputs)
    assert gradient.isfinite().all() and gradient[1, 2].abs().max() == 0


def test_a_quantile_is_where_its_loss_is_least():
    values = torch.arange(11.0)
    losses = [float(pytorch.head_loss(head("quantile", level=0.8), torch.full((11,), q), values)) for q in values]
    assert min(range(11), key=losses.__getitem__) == 8
    assert losses[0] == pytest.approx(0.8 * 5)
    assert losses[10] == pytest.approx(0.2 * 5)


def test_nothing_that_counts_is_no_loss():
    outputs = torch.randn(2, 3, requires_grad=True)
    loss = pytorch.head_loss(head("squared"), outputs, torch.full((2, 3), math.nan))
    assert float(loss.detach()) == 0
    assert torch.autograd.grad(loss, outputs)[0].tolist() == [[0, 0, 0], [0, 0, 0]]


# Outputs


@pytest.fixture
def asker():
    outputs = [output("label", "binary"), output("next", "categorical", [3], 5)]
    return Asker(pytorch, problem_of([field("x", [3])], outputs), "net.py")


def test_outputs_by_name_and_by_order(asker):
    label, following = torch.randn(4), torch.randn(4, 3, 5)
    Backwards = collections.namedtuple("Backwards", ["next", "label"])
    Other = collections.namedtuple("Other", ["a", "b"])
    for returned in (
        (label, following),
        [label, following],
        {"next": following, "label": label, "more": None},
        types.SimpleNamespace(next=following, label=label),
        Backwards(following, label),
        Other(label, following),
        (label[:, None], following[:, :, None]),
    ):
        named = asker.named(returned, 4)
        assert list(named) == ["label", "next"]
        assert torch.equal(named["label"], label) and torch.equal(named["next"], following)


@pytest.mark.parametrize(
    ("returned", "why"),
    [
        (torch.zeros(4, 2), "one tensor of shape [4, 2] where the outputs `label`, `next` are wanted"),
        ((torch.zeros(4),), "tuple of length 1 where 2 outputs are wanted: `label`, `next`"),
        ({"label": torch.zeros(4)}, "dict without `next` where `label`, `next` are wanted"),
        (None, "NoneType without `label`, `next` where `label`, `next` are wanted"),
        ((0.5, None), "the output `label` of type float where a tensor [4] is wanted"),
        ((torch.zeros(4, 3), None), "the output `label` of shape [4, 3] where [4] is wanted"),
        ((torch.zeros(4), torch.zeros(4, 5, 3)), "the output `next` of shape [4, 5, 3] where [4, 3, 5] is wanted"),
        ((torch.zeros(4) * 1j, None), "the output `label` of complex numbers where real ones are wanted"),
    ],
)
def test_outputs_that_are_not_wanted(asker, returned, why):
    with pytest.raises(Failure) as raised:
        asker.named(returned, 4)
    assert raised.value.report == {"ok": False, "kind": "wrong-shape", "message": why, "file": "net.py"}


def test_asking_leaves_modes_and_chance_as_they_were():
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 1))
    model[0].eval()
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), pytorch.asking(model):
        assert not any(module.training for module in model.modules()) and not torch.is_grad_enabled()
        torch.rand(1)
        raise ZeroDivisionError
    assert [module.training for module in model.modules()] == [True, False, True, True]
    assert torch.is_grad_enabled() and torch.equal(torch.get_rng_state(), before)


def test_answers_are_asked_in_batches_and_copies():
    sizes = []

    def model(x):
        sizes.append(len(x))
        return x.add_(1).sum(1, keepdim=True)

    inputs = torch.arange(18.0).reshape(9, 2)
    asker = Asker(pytorch, problem_of([field("x", [2])], [output("y")]), "net.py")
    raw = asker.answers(model, [inputs])["y"]
    assert sizes == [4, 4, 1] and raw.shape == (9,)
    assert pytorch.from_raw(raw, whole=False).tolist() == [float(4 * row + 3) for row in range(9)]
    assert inputs.flatten().tolist() == list(range(18))


# Rates


def test_rates_rise_and_fall():
    shares = [share_of_rate(step, 100) for step in range(100)]
    assert shares[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])
    assert shares[5] == 1 and shares[52] > 0.5 > shares[53]
    assert all(before > after for before, after in zip(shares[5:], shares[6:]))
    assert 0 < shares[99] < 1e-3
    assert share_of_rate(0, 1) == 1


def test_which_optimizers_get_a_rate():
    assert takes_learning_rate(torch.optim.SGD, 1)
    assert takes_learning_rate(lambda parameters, speed: None, 1)
    assert takes_learning_rate(lambda parameters, learning_rate=1: None, 1)
    assert not takes_learning_rate(lambda parameters: None, 1)
    assert not takes_learning_rate(lambda parameters, momentum=0.9: None, 1)
    assert takes_learning_rate(lambda learning_rate, b1=0.9: None, 0)
    assert not takes_learning_rate(lambda b1=0.9: None, 0)
