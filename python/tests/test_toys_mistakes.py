"""Mistakes in entries and in folders, and where they are told to be."""

import pytest
import torch
from folders import FIRST_LINE, TOKEN_MODEL, Folder, write

NET = "class Net(nn.Embedding):\n    def __init__(self): super().__init__(5, 5)\n"


def net(forward):
    return f"{NET}    def forward(self, tokens): {forward}\nmake = Net"


def with_parts(parts):
    return f"{NET}make = dict(model=Net, {parts})"


@pytest.mark.parametrize(
    ("line", "source"),
    [
        (0, "import does_not_exist"),
        (0, "this is no python"),
        (1, "def make():\n    raise ValueError('no')"),
        (0, "def make(problem): return nn.Linear(problem.vocabulary_size, 5)"),
        (2, net("raise SystemExit(0)")),
        (2, with_parts("loss=lambda outputs, targets: 1 / 0")),
        (2, with_parts("loss=lambda outputs, targets: outputs @ targets")),
        (2, with_parts("optimizer=lambda parameters: 1 / 0")),
        (3, f"{NET}def train(model, task):\n    raise ValueError('no')\nmake = dict(model=Net, train=train)"),
        (2, with_parts("train=lambda model, task: task.report(torch.zeros(3))")),
    ],
)
def test_mistakes_in_the_users_code_have_their_line(tmp_path, line, source):
    failure = Folder(tmp_path, source).failed()
    assert (failure["kind"], failure["file"], failure["line"]) == ("user-error", "net.py", FIRST_LINE + line)


@pytest.mark.parametrize(
    ("kind", "message", "source"),
    [
        ("no-name", "net.py has no make; it has build", "def build(): pass"),
        ("not-an-entry", "make is of type int, neither a model nor a namespace with `model`", "make = 1"),
        ("not-an-entry", "make is of type dict, neither", "make = dict(train=print)"),
        ("not-an-entry", "`loss` of make is of type float, which can't", with_parts("loss=0.5")),
        ("not-an-entry", "the entry gives a model of type int, not an nn.Module", "def make(): return 1"),
        ("not-an-entry", "from the problem or from nothing, not from (a, b)", "def make(a, b, c=1): return 1"),
        ("not-an-entry", "the model has no parameter that can be", "make = nn.Embedding(5, 5).requires_grad_(False)"),
        ("not-an-entry", "`loss` gives float, not a tensor", with_parts("loss=lambda outputs, targets: 0.5")),
        ("not-an-entry", "`optimizer` gives int, which has no", with_parts("optimizer=lambda parameters: 1")),
        ("not-an-entry", "`train` gives int, not a model", with_parts("train=lambda model, task: 1")),
        ("user-error", "the loss depends on no parameter that can be", net("return self.weight.data[tokens]")),
        ("does-not-fit", "tokens has no input_width: its input tokens", "def make(problem): problem.input_width"),
        ("does-not-fit", "tokens has no input x; it has tokens", "def make(problem): problem.inputs['x']"),
        ("does-not-fit", "the model takes (input1, input2) where tokens gives", "make = lambda: nn.Bilinear(1, 1, 1)"),
        ("wrong-shape", "the output `next` of shape [4, 7] where [4, 7, 5] is wanted", net("return tokens")),
        ("wrong-shape", "a loss of shape [4, 7, 5] where one", with_parts("loss=lambda outputs, targets: outputs")),
    ],
)
def test_entries_that_are_none(tmp_path, kind, message, source):
    failure = Folder(tmp_path, source).failed()
    assert (failure["kind"], failure["file"]) == (kind, "net.py")
    assert message in failure["message"] and "\n" not in failure["message"]


def test_a_model_that_ends_the_process_leaves_what_was_said_before(tmp_path):
    folder = Folder(tmp_path, "import os\ndef make(): os._exit(3)")
    assert folder.process() == (3, [{"event": "loaded"}])


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: (folder / "job.json").unlink(), "job.json can't be read"),
        (lambda folder: (folder / "job.json").write_text("{"), "job.json is no JSON"),
        (lambda folder: (folder / "net.py").unlink(), "net.py can't be read"),
        (lambda folder: (folder / "train.safetensors").unlink(), "train.safetensors can't be read"),
        (lambda folder: cut(folder / "train.safetensors"), "train.safetensors is no safetensors file"),
        (lambda folder: cut(folder / "questions.safetensors"), "questions.safetensors is no safetensors file"),
        (
            lambda folder: write(folder / "train.safetensors", {"inputs/tokens": torch.zeros(24, 6)}),
            "train.safetensors has inputs/tokens with the shape [24, 6], not [24, 7]",
        ),
        (
            lambda folder: write(folder / "questions.safetensors", {"other/tokens": torch.zeros(24, 7)}),
            "questions.safetensors has no curve/tokens",
        ),
    ],
)
def test_files_that_can_not_be_read(tmp_path, break_it, message):
    folder = Folder(tmp_path, TOKEN_MODEL)
    break_it(tmp_path)
    failure = folder.failed()
    assert failure["kind"] == "no-file" and message in failure["message"]


def test_a_file_that_can_not_be_written(tmp_path):
    folder = Folder(tmp_path, TOKEN_MODEL)
    (tmp_path / "curve-0.safetensors").mkdir()
    failure = folder.failed()
    assert failure["kind"] == "no-file" and "curve-0.safetensors can't be written" in failure["message"]
