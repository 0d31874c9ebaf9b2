"""Given models of a fixed shape on problems of another: what is read of them, what is told, and what is refused."""

import pytest
import torch
from folders import BATCH, PAIR, SUM, TOKENS, Folder
from torch.nn import functional


class JaxFolder(Folder):
    header = "import jax\nimport jax.numpy as jnp\n"


# One answer to a sequence.
ANSWER = {**TOKENS, "outputs": [{"name": "answer", "items": [], "weight": 1, "kind": "categorical", "width": 4}]}
SAME = "the entry is a model, not what makes one: its start is the same for every seed"

TORCH = "torch.manual_seed(1)\nmake = "
JAX = "w = 0.3 * jax.random.normal(jax.random.key(1), (9, 9))\nmake = "


def notes_of(events):
    assert events[1] == {"event": "note", "message": SAME}
    return [event["message"] for event in events[2:] if event["event"] == "note"]


@pytest.mark.parametrize(
    ("folder", "source", "problem", "notes"),
    [
        (Folder, f"{TORCH}nn.Embedding(9, 5)", TOKENS, []),
        (
            Folder,
            f"{TORCH}nn.Embedding(9, 8)",
            TOKENS,
            ["the model gives 8 numbers: the first 5 are `next`, and the other 3 are not read"],
        ),
        (JaxFolder, f"{JAX}w, lambda w, x: w[x, :5]", TOKENS, []),
        (
            JaxFolder,
            f"{JAX}w, lambda w, x: w[x]",
            TOKENS,
            ["the model gives 9 numbers: the first 5 are `next`, and the other 4 are not read"],
        ),
        (
            Folder,
            f"{TORCH}nn.Linear(5, 5)",
            TOKENS,
            ["the model takes real numbers: it is given one-hot vectors of `tokens` (5)"],
        ),
        (
            JaxFolder,
            f"{JAX}w, lambda w, x: x @ w[:5, :5]",
            TOKENS,
            ["the model takes real numbers: it is given one-hot vectors of `tokens` (5)"],
        ),
        (
            Folder,
            f"{TORCH}nn.Embedding(5, 8)",
            ANSWER,
            [
                "the model answers at 7 positions: the last is read",
                "the model gives 8 numbers: the first 4 are `answer`, and the other 4 are not read",
            ],
        ),
        (
            JaxFolder,
            f"{JAX}w, lambda w, x: w[x, :4]",
            ANSWER,
            ["the model answers at 7 positions: the last is read"],
        ),
        (Folder, f"{TORCH}nn.Linear(3, 2)", PAIR, ["the model gives 2 numbers: the first 2 are `label`, `value`"]),
        (
            JaxFolder,
            f"{JAX}w, lambda w, x: x @ w[:3]",
            PAIR,
            ["the model gives 9 numbers: the first 2 are `label`, `value`, and the other 7 are not read"],
        ),
    ],
)
def test_what_is_told(tmp_path, folder, source, problem, notes):
    events = folder(tmp_path / "train", source, problem).trained()
    assert notes_of(events) == notes
    fit = folder(tmp_path / "fit", source, problem, problems=[problem], slots=[])
    _, told = fit.run("toys-fit")
    assert {"event": "fit", "problem": problem["name"]} in told


def test_numbers_that_are_not_read_are_not_in_the_loss(tmp_path):
    folder = Folder(tmp_path, f"{TORCH}nn.Embedding(5, 8)", ANSWER)
    events = folder.trained()
    torch.manual_seed(1)
    model = torch.nn.Embedding(5, 8)
    inputs, targets = folder.batch(0)
    said = model(inputs["tokens"].long())[:, -1, :4].detach()
    torch.testing.assert_close(folder.answers("curve-0")["curve/answer"], said)
    loss = functional.cross_entropy(said, targets["answer"].long())
    reported = next(event["reported"] for event in events if "reported" in event)
    assert reported == pytest.approx(float(loss), rel=1e-5)


def test_several_outputs_are_read_in_order(tmp_path):
    folder = Folder(tmp_path, f"{TORCH}nn.Linear(3, 5)", PAIR)
    folder.trained()
    torch.manual_seed(1)
    said = torch.nn.Linear(3, 5)(folder.inputs["x"][:BATCH]).detach()
    answers = folder.answers("curve-0")
    torch.testing.assert_close(answers["curve/label"], said[:, 0])
    torch.testing.assert_close(answers["curve/value"], said[:, 1])


ROWS_AND_COLUMNS = """
class Net(nn.Linear):
    def __init__(self): super().__init__(2, 1)
    def forward(self, a, b): return super().forward(a)[:, 0] + super().forward(b)
"""


@pytest.mark.parametrize(
    ("problem", "source", "message"),
    [
        # What makes a model knows the problem.
        (TOKENS, "def make(): return nn.Embedding(5, 8)", "`next` of shape [4, 7, 8] where [4, 7, 5]"),
        (PAIR, "def make(): return nn.Linear(3, 2)", "one tensor of shape [4, 2] where the outputs"),
        # The user's own code meets the outputs as they are.
        (
            PAIR,
            "make = dict(model=nn.Linear(3, 2), loss=lambda outputs, targets: outputs.mean())",
            "one tensor of shape [4, 2] where the outputs",
        ),
        # Too few.
        (TOKENS, "make = nn.Embedding(5, 4)", "`next` of shape [61, 7, 4] where [61, 7, 5]"),
        (PAIR, "make = nn.Linear(3, 1)", "one tensor of shape [61, 1] where the outputs"),
        # As many columns as rows: [N] and [N, 1] were added.
        (SUM, f"{ROWS_AND_COLUMNS}make = Net()", "`sum` of shape [61, 61] where [61]"),
        (ANSWER, "make = nn.Embedding(5, 1)", "`answer` of shape [61, 7, 1] where [61, 4]"),
        # No axis is known to be that of positions.
        (
            ANSWER,
            "make = nn.Sequential(nn.Embedding(5, 8), nn.Unflatten(1, (1, 7)))",
            "`answer` of shape [61, 1, 7, 8] where [61, 4]",
        ),
    ],
)
def test_what_is_refused(tmp_path, problem, source, message):
    failure = Folder(tmp_path, source, problem).failed()
    assert failure["kind"] == "wrong-shape" and message in failure["message"]


def test_a_mistake_of_the_model_is_told_as_it_is(tmp_path):
    source = "class Net(nn.Embedding):\n    def forward(self, x): raise ValueError('no')\nmake = Net(5, 5)"
    failure = Folder(tmp_path, source).failed()
    assert (failure["kind"], failure["message"]) == ("user-error", "ValueError: no")
