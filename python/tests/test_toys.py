"""The worker that trains as its caller sees it: a folder, an event a line, an exit code."""

import math

import pytest
import torch
from folders import CHECKPOINTS, PAIR, PAIR_MODEL, STEPS, TOKEN_MODEL, Folder, write
from torch import nn
from torch.nn import functional


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
