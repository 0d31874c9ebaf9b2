"""The bridge as its caller sees it: a process, one JSON object, an exit code."""

import json
import pathlib
import subprocess
import sys
import textwrap

import pytest

BRIDGE = pathlib.Path(__file__).parent.parent

HEADER = """
import torch
from torch import nn
"""


def run(*arguments, cwd):
    environment = {"PYTHONPATH": str(BRIDGE), "PATH": "", "HOME": str(cwd)}
    done = subprocess.run(
        [sys.executable, "-m", "assay_bridge", *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def export(tmp_path, source, name="make"):
    (tmp_path / "net.py").write_text(HEADER + textwrap.dedent(source))
    return run("export", f"net.py:{name}", "out.pt2", cwd=tmp_path)


def exported(tmp_path):
    import torch

    return torch.export.load(tmp_path / "out.pt2")


def targets(program):
    return [str(node.target) for node in program.graph.nodes if node.op == "call_function"]


@pytest.mark.parametrize(
    "source",
    [
        "make = nn.Linear(3, 2)\ndef example_inputs(): return (torch.randn(4, 3),)",
        "def make(): return nn.Linear(3, 2)\ndef example_inputs(): return torch.randn(4, 3)",
        "def make(): return nn.Linear(3, 2), (torch.randn(4, 3),)",
        "make = (nn.Linear(3, 2), [torch.randn(4, 3)])",
        """
        class make(nn.Module):
            def forward(self, x): return x + 1
        def example_inputs(): return (torch.randn(4, 3),)
        """,
    ],
)
def test_every_way_to_give_a_model(tmp_path, source):
    code, report, _ = export(tmp_path, source)
    assert (code, report["ok"], report["mode"]) == (0, True, "eval")
    assert "s" in str(exported(tmp_path).graph_signature.user_inputs) or exported(tmp_path).range_constraints


def test_the_batch_is_symbolic(tmp_path):
    export(tmp_path, "def make(): return nn.Linear(3, 2).eval(), (torch.randn(4, 3),)")
    assert len(exported(tmp_path).range_constraints) == 1


def test_a_batch_that_can_not_be_symbolic_is_fixed_and_noted(tmp_path):
    source = """
    class Net(nn.Module):
        def forward(self, x): return x + torch.ones(4, 1)
    def make(): return Net(), (torch.randn(4, 3),)
    """
    code, report, errors = export(tmp_path, source)
    assert (code, report["ok"]) == (0, True)
    notes = [json.loads(line) for line in errors.splitlines() if line.startswith('{"note"')]
    assert "fixed" in notes[0]["note"]
    assert len(exported(tmp_path).range_constraints) == 0


@pytest.mark.parametrize(
    ("mode", "model"),
    [
        ("eval", "nn.Sequential(nn.Linear(3, 2), nn.Tanh())"),
        ("eval", "nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5)).eval()"),
        ("train", "nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5))"),
        ("mixed", "nn.Sequential(nn.BatchNorm1d(3).eval(), nn.Dropout(0.5))"),
    ],
)
def test_the_mode_of_what_depends_on_it_is_reported(tmp_path, mode, model):
    _, report, _ = export(tmp_path, f"def make(): return {model}, (torch.randn(4, 3),)")
    assert report["mode"] == mode
    dropouts = [node for node in exported(tmp_path).graph.nodes if str(node.target) == "aten.dropout.default"]
    assert all(node.args[2] is (mode != "eval") for node in dropouts)


def test_running_statistics_stay_as_they_were(tmp_path):
    source = """
    model = nn.BatchNorm1d(3)
    def make(): return model, (torch.randn(4, 3) + 7,)
    """
    assert export(tmp_path, source)[0] == 0
    assert exported(tmp_path).state_dict["running_mean"].tolist() == [0, 0, 0]


def test_operators_in_place_are_written_without_mutation(tmp_path):
    source = "def make(): return nn.Sequential(nn.Linear(3, 2), nn.ReLU(inplace=True)), (torch.randn(4, 3),)"
    assert export(tmp_path, source)[0] == 0
    assert targets(exported(tmp_path)) == ["aten.linear.default", "aten.relu.default"]


def test_what_the_users_code_prints_does_not_disturb(tmp_path):
    source = """
    import os
    print("hello")
    os.write(1, b"from C\\n")
    def make():
        print("made")
        return nn.Linear(3, 2), (torch.randn(4, 3),)
    """
    code, report, errors = export(tmp_path, source)
    assert (code, report["ok"]) == (0, True)
    assert "hello" in errors and "from C" in errors and "made" in errors


def test_neighbours_can_be_imported(tmp_path):
    (tmp_path / "neighbour.py").write_text(HEADER + "def make(): return nn.Linear(3, 2), (torch.randn(4, 3),)")
    assert export(tmp_path, "from neighbour import make")[0] == 0


@pytest.mark.parametrize(
    ("kind", "line", "source"),
    [
        ("user-error", 4, "import does_not_exist"),
        ("user-error", 4, "this is no python"),
        ("user-error", 6, "def make():\n    x = 1\n    raise ValueError('no')"),
        ("user-error", 4, "raise SystemExit(0)"),
        ("user-error", 5, "class Net(nn.Module):\n    def forward(self, x): return x @ x\ndef make(): return Net(), (torch.randn(4, 3),)"),
        ("no-name", None, "def build(): return 1"),
        ("not-a-model", None, "def make(): return 1"),
        ("not-a-model", None, "make = 1"),
        ("no-inputs", None, "def make(): return nn.Linear(3, 2)"),
        ("no-inputs", None, "def make(): return nn.Linear(3, 2), 5"),
        ("export", None, "class Net(nn.Module):\n    def forward(self, x): return x + 1 if x.sum() > 0 else x\ndef make(): return Net(), (torch.ones(4, 3),)"),
    ],
)
def test_failures(tmp_path, kind, line, source):
    code, report, _ = export(tmp_path, source)
    assert (code, report["ok"], report["kind"]) == (2, False, kind)
    assert report["message"] != ""
    if line is not None:
        assert (report["file"], report["line"]) == ("net.py", line)
    assert not (tmp_path / "out.pt2").exists()


def test_a_file_that_is_missing(tmp_path):
    code, report, _ = run("export", "absent.py:make", "out.pt2", cwd=tmp_path)
    assert (code, report["kind"]) == (2, "no-file")


def test_doctor(tmp_path):
    code, report, _ = run("doctor", cwd=tmp_path)
    assert (code, report["ok"]) == (0, True)
    assert report["python"].startswith("3.")
    assert set(report) == {"ok", "python", "torch", "jax", "numpy"}


def test_inputs_by_keyword_share_their_batch(tmp_path):
    source = """
        class make(nn.Module):
            def forward(self, x, mask=None, scale=1.0): return x * mask * scale
        def example_inputs(): return {"mask": torch.ones(4, 3), "x": torch.randn(4, 3)}
    """
    code, report, _ = export(tmp_path, source)
    assert (code, report["ok"]) == (0, True)
    program = exported(tmp_path)
    assert sorted(program.graph_signature.user_inputs) == ["mask", "x"]
    sizes = {str(node.meta["val"].shape[0]) for node in program.graph.nodes if node.op == "placeholder"}
    assert len(sizes) == 1
    assert not sizes.pop().isdigit()


def test_inputs_of_another_kind_are_refused(tmp_path):
    code, report, _ = export(tmp_path, "def make(): return nn.Linear(3, 2), {1: torch.randn(4, 3)}")
    assert code != 0
    assert report["kind"] == "no-inputs"


def test_caches_are_no_outputs(tmp_path):
    source = """
        import types
        class make(nn.Module):
            def __init__(self):
                super().__init__()
                self.config = types.SimpleNamespace(use_cache=True)
            def forward(self, x):
                return (x * 2, set()) if self.config.use_cache else x * 2
        def example_inputs(): return torch.randn(4, 3)
    """
    code, report, said = export(tmp_path, source)
    assert (code, report["ok"]) == (0, True)
    assert "use_cache" in said
