"""Which library an entry is taken to be written in, and that what it does not need is not imported."""

import jax
import jax.numpy as jnp
import numpy
import pytest
import torch
from folders import PAIR, Folder
from test_toys_parts import head

from assay_bridge import jax_numpy, pytorch

TORCH_MODEL = "make = torch.nn.Embedding(5, 5)"
JAX_MODEL = "make = jnp.eye(5), lambda params, tokens: params[tokens]"
HERE = "import sys\n"


class BareFolder(Folder):
    header = HERE

    def hide(self, *packages):
        for package in packages:
            (self.path / f"{package}.py").write_text(f"raise ImportError('no {package}')")


@pytest.mark.parametrize(
    ("hidden", "source"),
    [
        (["jax", "flax", "optax"], f"import torch\n{TORCH_MODEL}"),
        (["torch"], f"import jax.numpy as jnp\n{JAX_MODEL}"),
        (["torch"], f"from jax import numpy as jnp\n{JAX_MODEL}"),
        # Told by what an imported file imports.
        (["torch"], "from neighbour import make"),
        # Or, where two are imported, by what the entry is.
        ([], f"import jax, torch\n{TORCH_MODEL}"),
        ([], f"import torch\nfrom jax import numpy as jnp\n{JAX_MODEL}"),
        ([], f"import torch\nfrom jax import numpy as jnp\n{JAX_MODEL}\nmake = dict(model=make)"),
        ([], "import torch, jax\nclass make(torch.nn.Embedding):\n    def __init__(self): super().__init__(5, 5)"),
        # Or by what can be imported.
        (["torch"], "try:\n    import torch\nexcept ImportError:\n    from jax import numpy as jnp\n" + JAX_MODEL),
    ],
)
def test_the_other_library_is_not_needed(tmp_path, hidden, source):
    folder = BareFolder(tmp_path, source)
    (tmp_path / "neighbour.py").write_text(f"import jax.numpy as jnp\n{JAX_MODEL}")
    folder.hide(*hidden)
    folder.trained(Folder.process)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import torch", "PyTorch can't be imported: no torch"),
        ("import flax", "JAX can't be imported: no jax"),
        ("import jax\nfrom torch import nn", "PyTorch can't be imported: no torch; JAX can't be imported: no jax"),
        ("def make(): return 1", "PyTorch can't be imported: no torch; JAX can't be imported: no jax"),
    ],
)
def test_without_any_library(tmp_path, source, message):
    folder = BareFolder(tmp_path, source)
    folder.hide("jax", "torch")
    assert folder.failed(Folder.process) == {"kind": "no-library", "message": message}


def test_an_entry_that_could_be_of_both(tmp_path):
    source = "import jax\nfrom torch import nn\ndef make(problem): return nn.Embedding(5, 5)"
    failure = BareFolder(tmp_path, source).failed()
    assert failure["kind"] == "not-an-entry"
    assert failure["message"].startswith("make could be of PyTorch and JAX, which are both imported: put it into")


def test_jax_computes_on_the_processor(tmp_path):
    source = "import jax, os\nassert os.environ['JAX_PLATFORMS'] == 'cpu'\nmake = jax.numpy.eye(5), lambda p, x: p[x]"
    BareFolder(tmp_path, source).trained(Folder.process)


# The same numbers in both


@pytest.mark.parametrize(
    ("kind", "width", "level"),
    [
        ("categorical", 5, None),
        ("binary", 1, None),
        ("squared", 1, None),
        ("gaussian", 2, None),
        ("latent", 2, None),
        ("quantile", 1, 0.8),
    ],
)
@pytest.mark.parametrize("none_count", [False, True])
def test_losses_are_those_of_pytorch(kind, width, level, none_count):
    of_head = head(kind, width, level)
    torch.manual_seed(0)
    output = torch.randn(4, *of_head.shape, requires_grad=True)
    target = torch.randint(5, (4, 3)) if kind == "categorical" else torch.randint(2, (4, 3)).float()
    target[slice(None) if none_count else 1] = -100 if kind == "categorical" else float("nan")
    loss = pytorch.head_loss(of_head, output, target)
    (gradient,) = torch.autograd.grad(loss, output)
    given = jnp.asarray(output.detach().numpy()), jnp.asarray(target.numpy())
    theirs, slopes = jax.value_and_grad(lambda output: jax_numpy.head_loss(of_head, output, given[1]))(given[0])
    numpy.testing.assert_allclose(theirs, loss.detach(), rtol=1e-5)
    numpy.testing.assert_allclose(slopes, gradient, rtol=1e-5, atol=1e-7)
    # What an item says that does not count is of no matter.
    wild = given[0].at[1].set(jnp.nan)
    wild_loss, slopes = jax.value_and_grad(lambda output: jax_numpy.head_loss(of_head, output, given[1]))(wild)
    numpy.testing.assert_allclose(wild_loss, loss.detach(), rtol=1e-5)
    assert jnp.isfinite(slopes).all()


SAME_START = """
from torch import nn
import numpy
rows = numpy.random.default_rng(0).normal(size=(3, 8)).astype("float32"), numpy.ones((8, 2), "float32")
class torch_model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = (nn.Parameter(torch.tensor(one)) for one in rows)
    def forward(self, x): return ((x @ self.first).tanh() @ self.second).unbind(-1)
"""
JAX_START = """
import jax.numpy as jnp, numpy
rows = numpy.random.default_rng(0).normal(size=(3, 8)).astype("float32"), numpy.ones((8, 2), "float32")
def jax_model():
    return rows, lambda params, x: tuple((jnp.tanh(x @ params[0]) @ params[1]).T)
"""


def test_the_same_start_is_trained_to_the_same_answers(tmp_path):
    first = BareFolder(tmp_path / "torch", f"import torch\n{SAME_START}", PAIR, "torch_model")
    second = BareFolder(tmp_path / "jax", JAX_START, PAIR, "jax_model")
    events = first.trained(), second.trained()
    reported, others = ([event.get("reported", 0) for event in one] for one in events)
    assert reported == pytest.approx(others, rel=1e-4) and any(reported)
    answers, others = first.answers(), second.answers()
    assert answers.keys() == others.keys()
    for name, tensor in answers.items():
        torch.testing.assert_close(others[name], tensor, rtol=1e-3, atol=1e-4)


# Functions


QUESTIONS = [
    ("kl", "lambda p: 2 * p", [{"name": "p", "kind": "number", "value": 1.5}], [3.0]),
    ("kl", "lambda: jnp.ones(2)", [], [[1, 1]]),
    ("kl", "lambda: jnp.ones(2, jnp.bfloat16)", [], [[1, 1]]),
    ("kl", "lambda: [jnp.asarray(0.5), 1]", [], [[0.5, 1]]),
    ("kl", "lambda: (jnp.ones(2), jnp.zeros((1, 3)))", [], [[1, 1], [[0, 0, 0]]]),
]


@pytest.mark.parametrize(("slot", "function", "question", "wanted"), QUESTIONS)
def test_functions(tmp_path, slot, function, question, wanted):
    source = f"import jax.numpy as jnp\nmake = dict({slot}={function})"
    folder = BareFolder(tmp_path, source, calls=[{"slot": slot, "questions": [question]}])
    code, events = folder.run("toys-call")
    assert (code, events[1]) == (0, {"event": "called", "slot": slot})
    found = folder.answers(f"answers-{slot}")
    assert [found[f"0/{index}"].tolist() for index in range(len(found))] == wanted


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("lambda: 'no'", "`kl` gives str where a tensor of real numbers"),
        ("lambda: {}", "`kl` gives dict where"),
        ("lambda: None", "`kl` gives NoneType where"),
        ("lambda: 1j * jnp.ones(2)", "where a tensor of real numbers"),
        ("lambda: 1 / 0", "ZeroDivisionError"),
    ],
)
def test_functions_that_give_no_answer(tmp_path, function, message):
    source = f"import jax.numpy as jnp\nmake = dict(kl={function})"
    folder = BareFolder(tmp_path, source, calls=[{"slot": "kl", "questions": [[]]}])
    _, [_, told, _] = folder.run("toys-call")
    assert message in told["failed"]["message"]


def test_an_optimizer_makes_steps_on_given_gradients(tmp_path):
    from test_calls import QUESTION, STEPS, write_tensors

    source = "import optax\nmake = dict(optimizer=optax.sgd)"
    folder = BareFolder(tmp_path, source, calls=[{"slot": "optimizer", "questions": [QUESTION]}])
    write_tensors(tmp_path / "questions.safetensors", {f"optimizer/0/{name}": one for name, one in STEPS.items()})
    _, [_, told, _] = folder.run("toys-call")
    assert "failed" not in told
    first = 1 - 0.1 * 1.5
    second = first - 0.1 * 0.5 * first
    third = second - 0.1 * (1 + 0.5 * second)
    found = folder.answers("answers-optimizer")
    torch.testing.assert_close(found["0/0"], torch.tensor([[first, 2], [second, 1.9], [third, 1.8]]))
    torch.testing.assert_close(found["0/1"], torch.tensor([[[2.9]], [[2.9]], [[2.7]]]))
