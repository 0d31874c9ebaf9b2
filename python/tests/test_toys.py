"""The worker that trains as its caller sees it: a folder, an event a line, an exit code."""

import contextlib
import io
import json
import math
import os
import pathlib
import subprocess
import sys
import textwrap

import pytest
import torch
from torch import nn
from torch.nn import functional

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


def test_what_the_entry_leaves_out_is_supplied(tmp_path):
    folder = Folder(tmp_path, TOKEN_MODEL)
    events = folder.trained(Folder.process)
    assert [(event["event"], event.get("step")) for event in events] == [
        ("loaded", None),
        *(("checkpoint", step) for step in CHECKPOINTS),
        ("done", None),
    ]
    assert "reported" not in events[1] and events[-1] == {"event": "done", "brings": ["model"], "still": []}
    assert sorted(path.name for path in tmp_path.glob("*.safetensors")) == sorted(
        ["train.safetensors", "questions.safetensors", "answers.safetensors"]
        + [f"curve-{step}.safetensors" for step in CHECKPOINTS]
    )
    reported, model = trained_by_hand(folder)
    assert [event["reported"] for event in events[2:-1]] == pytest.approx([reported[0], reported[3], reported[5]])
    answers = folder.answers()
    assert set(answers) == {"evaluation/next", "probe-a rung-0/next", "train/next"}
    assert folder.answers("curve-6").keys() == {"curve/next"}
    model.eval()
    for name, inputs in (*folder.sets.items(), ("train", folder.batch(0)[0])):
        given = (folder.answers("curve-6") if name == "curve" else answers)[f"{name}/next"]
        torch.testing.assert_close(given, model(inputs["tokens"]).detach())


def trained_by_hand(folder):
    """What README.md says of losses, Adam, clipping and rates, written down once more."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Embedding(5, 8), nn.Dropout(0.2), nn.Linear(8, 5))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05, betas=(0.9, 0.999))
    warm_up, reported = 1, []
    for step in range(STEPS):
        turn = math.pi * (step - warm_up) / (STEPS - warm_up)
        optimizer.param_groups[0]["lr"] = 0.05 if step < warm_up else 0.05 * (1 + math.cos(turn)) / 2
        inputs, targets = folder.batch(step)
        logits = model(inputs["tokens"].long())
        loss = 2 * functional.cross_entropy(logits.flatten(0, 1), targets["next"].flatten().long())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        reported.append(loss.item())
    return reported, model


def test_losses_of_several_heads_are_summed_by_weight(tmp_path):
    folder = Folder(tmp_path, PAIR_MODEL, PAIR, "Net")
    events = folder.trained()
    said, (_, targets) = folder.answers("curve-0"), folder.batch(0)
    counts = [0, 2, 3]
    label = functional.binary_cross_entropy_with_logits(said["curve/label"][counts], targets["label"][counts])
    value = functional.mse_loss(said["curve/value"][counts], targets["value"][counts])
    assert events[2]["reported"] == pytest.approx(float(label + 0.5 * value))


def test_seeds(tmp_path):
    folders = [Folder(tmp_path / str(run), TOKEN_MODEL, seed=seed) for run, seed in enumerate((1, 1, 2))]
    for folder in folders:
        folder.trained(Folder.process)
    assert folders[0].bytes() == folders[1].bytes() != folders[2].bytes()


def test_a_model_that_draws_in_evaluation_draws_anew_for_every_question(tmp_path):
    source = """
    class Net(nn.Linear):
        def forward(self, x):
            return super().forward(functional.dropout(x, 0.5)).unbind(-1)
    def make():
        return Net(3, 2)
    """
    folder = Folder(tmp_path, source, PAIR)
    inputs = folder.sets["evaluation"]
    same = {f"{name}/{key}": value for name in folder.sets for key, value in inputs.items()}
    write(tmp_path / "questions.safetensors", same)
    folder.trained()
    answers, first = folder.answers(), folder.bytes()
    assert not torch.equal(answers["evaluation/value"], answers["probe-a rung-0/value"])
    # The same in every run.
    folder.trained()
    assert folder.bytes() == first


def test_a_model_that_is_made_when_the_file_is_loaded(tmp_path):
    source = "make = nn.Sequential(nn.Embedding(5, 5))"
    folders = [Folder(tmp_path / str(seed), source, seed=seed) for seed in (1, 2)]
    for folder in folders:
        events = folder.trained()
        assert events[1]["event"] == "note" and "the same for every seed" in events[1]["message"]
    assert torch.equal(*(folder.answers("curve-0")["curve/next"] for folder in folders))


def test_an_own_loss_is_given_what_the_model_returns_and_is_audited(tmp_path):
    source = """
    class Net(nn.Module):
        def __init__(self, problem):
            super().__init__()
            self.out = nn.Linear(problem.input_width, 2)
            self.drop = nn.Dropout(0.5)
        def forward(self, x):
            label, value = self.drop(self.out(x)).split(1, -1)
            return label, value
    def loss(outputs, targets):
        label, value = outputs
        assert label.shape == (4, 1) and targets["label"].shape == (4,)
        assert targets["value"].isnan().tolist() == [False, True, False, False]
        counts = [0, 2, 3]
        return ((label[:, 0] + value[:, 0] - targets["value"])[counts] ** 2).mean()
    entry = {"model": Net, "loss": loss}
    """
    folder = Folder(tmp_path, source, PAIR, "entry")
    done = folder.trained()[-1]
    said, (_, targets) = folder.answers(), folder.batch(0)
    loss = ((said["train/label"] + said["train/value"] - targets["value"]) ** 2).nanmean()
    assert done == {"event": "done", "brings": ["model", "loss"], "still": [], "audit": pytest.approx(float(loss))}


def test_targets_of_one_head_are_a_tensor_that_pytorch_takes(tmp_path):
    source = """
    class entry:
        model = nn.Embedding(5, 5)
        def loss(outputs, targets):
            return functional.cross_entropy(outputs.flatten(0, 1), targets.flatten())
    """
    folder = Folder(tmp_path, source, name="entry")
    events = folder.trained()
    _, targets = folder.batch(0)
    expected = functional.cross_entropy(
        folder.answers("curve-0")["curve/next"].flatten(0, 1), targets["next"].flatten().long()
    )
    assert events[3]["reported"] == pytest.approx(float(expected))
    assert events[-1]["brings"] == ["model", "loss"] and events[-1]["audit"] > 0


RECORDING = """
class Recording(torch.optim.SGD):
    def step(self):
        norm = sum(float(p.grad.square().sum()) for p in self.param_groups[0]["params"]) ** 0.5
        print("rate", self.param_groups[0]["lr"], norm)
        super().step()
def loss(outputs, targets):
    return 1e3 * functional.cross_entropy(outputs.flatten(0, 1), targets.flatten())
"""


@pytest.mark.parametrize(
    ("factory", "first", "last"),
    [
        ("lambda parameters, learning_rate: Recording(parameters, learning_rate)", 0.05, 0.05 * 0.0954915),
        ("Recording", 0.05, 0.05 * 0.0954915),
        ("lambda parameters: Recording(parameters, 0.01)", 0.01, 0.01),
    ],
)
def test_an_own_optimizer(tmp_path, factory, first, last):
    source = f"{RECORDING}\nmake = {{'model': lambda: nn.Embedding(5, 5), 'loss': loss, 'optimizer': {factory}}}"
    folder = Folder(tmp_path, source)
    assert folder.trained()[-1]["brings"] == ["model", "loss", "optimizer"]
    lines = [line.split() for line in folder.errors.splitlines() if line.startswith("rate")]
    rates = [float(rate) for _, rate, _ in lines]
    assert len(rates) == STEPS and (rates[0], rates[-1]) == pytest.approx((first, last))
    # Gradients are the user's own, too.
    assert all(float(norm) > 10 for *_, norm in lines)


OWN_TRAIN = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(2).eval()
        self.out = nn.Linear(2, 1)
    def forward(self, a, b):
        return self.out(self.norm(a + b))
def train(model, task):
    seen = []
    for step, (inputs, targets) in enumerate(task.batches()):
        model(*inputs).sum().backward()
        seen.append(([value.clone() for value in inputs], targets.clone()))
        for value in (*inputs, targets):
            value.zero_()
        model.out.bias.data.fill_(step + 1)
        model.out.weight.data.zero_()
        task.report((model.out.bias * 2).sum() if step % 2 else step)
        assert model.training and model.out.training and not model.norm.training
    again = [targets for _, targets in task.batches()]
    assert task.problem.name == "sum" and (task.steps, task.learning_rate, task.seed) == (6, 0.05, 3)
    torch.save((seen, again), "seen.pt")
"""


def test_an_own_train_function(tmp_path):
    folder = Folder(tmp_path, f"{OWN_TRAIN}\nmake = dict(model=Net, train=train)", SUM)
    events = folder.trained()
    assert [event.get("reported") for event in events] == [None, None, 0, 8, 12, None]
    assert events[-1] == {"event": "done", "brings": ["model", "train"], "still": ["norm.weight", "norm.bias"]}
    # The curve is that of the model as it was at each step.
    for step in CHECKPOINTS[1:]:
        assert folder.answers(f"curve-{step}")["curve/sum"].tolist() == [step] * BATCH
    assert folder.answers()["evaluation/sum"].tolist() == [STEPS] * 10
    seen, again = torch.load(tmp_path / "seen.pt")
    assert len(seen) == len(again) == STEPS
    for step, (inputs, targets) in enumerate(seen):
        expected, expected_targets = folder.batch(step)
        torch.testing.assert_close(inputs, [expected["a"], expected["b"]])
        torch.testing.assert_close(targets, expected_targets["sum"], equal_nan=True)
        torch.testing.assert_close(again[step], targets, equal_nan=True)


ASKED_IN_TRAINING = """
def train(model, task):
    optimizer = torch.optim.SGD(model.parameters(), task.learning_rate)
    said = []
    for (tokens,), targets in task.batches():
        logits = model(tokens)
        said.append(logits.detach())
        optimizer.zero_grad()
        functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
        optimizer.step()
        task.report(0.0)
    torch.save(said, "seen.pt")

def make():
    # Every position has its own running average.
    return nn.Sequential(nn.Embedding(5, 8), nn.BatchNorm1d(7), nn.Dropout(0.5), nn.Linear(8, 5))
make = dict(model=make, train=train)
"""


def test_the_batch_of_a_step_is_asked_as_it_is_in_training_and_leaves_no_trace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Folder(tmp_path, ASKED_IN_TRAINING)
    folder.trained()
    said = torch.load(tmp_path / "seen.pt")
    assert folder.answers("curve-0").keys() == {"curve/next"}
    for step in CHECKPOINTS[1:]:
        answers = folder.answers(f"curve-{step}")
        assert torch.equal(answers["before/next"], said[step - 1])
        assert answers["after/next"].shape == said[step - 1].shape
        assert not torch.equal(answers["after/next"], said[step - 1])


def test_a_model_that_gives_other_things_in_training_is_not_asked_then(tmp_path):
    source = """
    class Net(nn.Embedding):
        def forward(self, tokens):
            said = super().forward(tokens)
            return (said, said) if self.training else said
    def train(model, task):
        for _ in task.batches(): task.report(0.0)
    make = dict(model=lambda: Net(5, 5), train=train)
    """
    folder = Folder(tmp_path, source)
    folder.trained()
    assert folder.answers("curve-6").keys() == {"curve/next"}


def test_a_train_function_may_return_what_is_to_be_judged(tmp_path):
    source = """
    def train(model, task):
        model.weight.data.fill_(1)
        task.report(float("nan"))
        return lambda tokens: model(tokens) + 3 + 100 * model.training
    make = dict(model=nn.Embedding(5, 5), train=train)
    """
    folder = Folder(tmp_path, source)
    _, _, first, second, note, done = folder.trained()
    assert first == {"event": "checkpoint", "step": 0}
    assert second == {"event": "checkpoint", "step": 1, "reported": None}
    assert note == {"event": "note", "message": "`train` reported 1 steps where 6 were to be made"}
    assert done["brings"] == ["model", "train"]
    assert all((tensor == 4).all() for tensor in folder.answers().values())


def test_no_number_is_no_failure(tmp_path):
    source = """
    class make(nn.Embedding):
        def __init__(self): super().__init__(5, 5)
        def forward(self, tokens): return (super().forward(tokens) - 1e6).sqrt()
    """
    folder = Folder(tmp_path, source)
    assert [event.get("reported", 0) for event in folder.trained()] == [0, 0, None, None, None, 0]
    assert folder.answers()["train/next"].isnan().all()


def test_parameters_that_are_made_late(tmp_path):
    folder = Folder(tmp_path, "def make(problem): return nn.Sequential(nn.Embedding(5, 3), nn.LazyLinear(5))")
    folder.trained()
    assert not torch.equal(*(folder.answers(f"curve-{step}")["curve/next"] for step in (1, 6)))


def test_what_the_users_code_prints_does_not_disturb(tmp_path):
    source = """
    import os
    print("loaded")
    def make():
        os.write(1, b"from C\\n")
        return nn.Embedding(5, 5)
    """
    folder = Folder(tmp_path, source)
    assert len(folder.trained(Folder.process)) == len(CHECKPOINTS) + 2
    assert "loaded" in folder.errors and "from C" in folder.errors


def test_numpy_is_not_needed(tmp_path):
    folder = Folder(tmp_path, TOKEN_MODEL)
    (tmp_path / "numpy.py").write_text("raise ModuleNotFoundError('no numpy')")
    folder.trained(Folder.process)


def test_without_pytorch(tmp_path):
    folder = Folder(tmp_path, TOKEN_MODEL)
    (tmp_path / "torch.py").write_text("raise ImportError('no torch')")
    assert folder.failed(Folder.process) == {"kind": "no-library", "message": "PyTorch can't be imported: no torch"}


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


def test_whether_an_entry_fits(tmp_path):
    source = """
    import sys
    def make(problem):
        if problem.name == "leaves":
            sys.exit(1)
        if problem.name == "wide":
            return nn.Embedding(problem.vocabulary, problem.output_width + 1)
        return nn.Embedding(problem.vocabulary, problem.output_width)
    """
    problems = [TOKENS, PAIR, {**TOKENS, "name": "leaves"}, {**TOKENS, "name": "wide"}, {**TOKENS, "name": "last"}]
    folder = Folder(tmp_path, source, problems=problems, slots=[])
    assert folder.process("toys-fit") == (
        0,
        [
            {"event": "loaded", "functions": []},
            {"event": "fit", "problem": "tokens"},
            {
                "event": "fit",
                "problem": "pair",
                "why": f"pair has no vocabulary: its input x holds real numbers (net.py:{FIRST_LINE + 6})",
            },
            {"event": "fit", "problem": "leaves", "why": f"SystemExit: 1 (net.py:{FIRST_LINE + 3})"},
            {
                "event": "fit",
                "problem": "wide",
                "why": "the output `next` of shape [2, 7, 6] where [2, 7, 5] is wanted",
            },
            {"event": "fit", "problem": "last"},
            {"event": "done", "brings": ["model"]},
        ],
    )


@pytest.mark.parametrize(
    ("message", "source"),
    [
        ("make is of type int, neither", "make = 1"),
        ("has the key 'optimiser'; known are model, loss, optimizer, train, kl, kl_is", "make = dict(optimiser=1)"),
        ("`kl_is` holds more than texts, numbers, lists and dicts", "make = dict(kl=print, kl_is=print)"),
    ],
)
def test_whether_something_that_is_no_entry_fits(tmp_path, message, source):
    code, [event] = Folder(tmp_path, source, problems=[TOKENS], slots=["kl"]).run("toys-fit")
    assert (code, event["event"], event["kind"], event["file"]) == (2, "failed", "not-an-entry", "net.py")
    assert message in event["message"]


FUNCTIONS = """
def kl(p, q):
    return (p * (p / q).log()).sum(-1)
def policy_loss(labels):
    return labels
"""


@pytest.mark.parametrize("model", [None, "nn.Embedding(5, 5)"])
@pytest.mark.parametrize("form", ["make = dict({parts})", "import types\nmake = types.SimpleNamespace({parts})"])
def test_which_functions_an_entry_brings(tmp_path, form, model):
    parts = "kl=kl, policy_loss=policy_loss, policy_loss_is={'mean': [1, None]}, model=" + str(model)
    source = FUNCTIONS + form.format(parts=parts)
    folder = Folder(tmp_path, source, problems=[TOKENS], slots=["kl", "entropy", "policyLoss"])
    functions = [{"slot": "kl"}, {"slot": "policyLoss", "claim": {"mean": [1, None]}}]
    fit = {"event": "fit", "problem": "tokens", **({} if model else {"why": "the entry brings no model"})}
    done = {"event": "done", "brings": ["model"] if model else []}
    assert folder.run("toys-fit") == (0, [{"event": "loaded", "functions": functions}, fit, done])


def test_a_model_is_no_namespace(tmp_path):
    source = "class make(nn.Embedding):\n    def __init__(self): super().__init__(5, 5)\n    def kl(self): pass"
    code, events = Folder(tmp_path, source, problems=[TOKENS], slots=["kl"]).run("toys-fit")
    assert (code, events[:2]) == (0, [{"event": "loaded", "functions": []}, {"event": "fit", "problem": "tokens"}])
