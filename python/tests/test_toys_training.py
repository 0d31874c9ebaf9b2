"""What an entry brings of its own training: an optimizer, a function that trains."""

import pytest
import torch
from folders import BATCH, CHECKPOINTS, STEPS, SUM, Folder

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
