"""Gradients beside slopes, as the worker tells them; what they show is judged elsewhere."""

import torch
from folders import PAIR, PAIR_MODEL, Folder, write

DETACHED = PAIR_MODEL.replace("self.hidden(x).tanh()", "self.hidden(x).tanh().detach()")


def inspected(tmp_path, source, name="Net", **changes):

    events = Folder(tmp_path, source, PAIR, name, inspect=True, **changes).trained()
    return {one["name"]: one for event in events if event["event"] == "inspected" for one in event["parameters"]}


def slopes(parameter):
    """Of every trial: what the gradient says, and the central difference at the shorter distance."""
    for trial in parameter["trials"]:
        near = trial["losses"][1]
        yield trial["said"], (near["along"] - near["against"]) / (2 * near["distance"])


def test_gradients_are_slopes(tmp_path):
    parameters = inspected(tmp_path, PAIR_MODEL)
    assert list(parameters) == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"]
    for parameter in parameters.values():
        assert len(parameter["trials"]) == 3
        for said, slope in slopes(parameter):
            assert abs(said - slope) < 0.02 * parameter["gradient"]["near"] + 1e-4


def test_a_detached_layer_has_slopes_and_no_gradient(tmp_path):
    parameters = inspected(tmp_path, DETACHED)
    assert parameters["hidden.weight"]["gradient"] == {"start": 0, "near": 0}
    assert any(said == 0 and abs(slope) > 1e-3 for said, slope in slopes(parameters["hidden.weight"]))
    assert parameters["out.weight"]["gradient"]["near"] > 0


def test_training_goes_on_as_if_nobody_had_looked(tmp_path):
    source = PAIR_MODEL.replace("self.hidden(x).tanh()", "functional.dropout(self.hidden(x), 0.5, self.training)")
    ends = []
    for inspect in (False, True):

        folder = Folder(tmp_path / str(inspect), source, PAIR, "Net", inspect=inspect)
        folder.trained()
        ends.append(folder.bytes())
    assert ends[0] == ends[1]


def test_a_loss_that_is_chance_has_no_slopes(tmp_path):
    source = PAIR_MODEL.replace("self.hidden(x).tanh()", "self.hidden(x).tanh() + next(self.counter)")
    source = source.replace("super().__init__()", "super().__init__(); self.counter = iter(range(10**6)).__iter__()")
    assert inspected(tmp_path, source) == {}


def test_what_the_optimizer_leaves_out_is_still(tmp_path):

    source = f"""
{PAIR_MODEL}
entry = {{"model": Net, "optimizer": lambda parameters, lr: torch.optim.SGD(list(parameters)[:2], lr)}}
"""
    done = Folder(tmp_path, source, PAIR, "entry").trained()[-1]
    assert done["still"] == ["out.weight", "out.bias"]
    assert done["cosine"] < 0


def test_weights_are_put_in(tmp_path):

    folder = Folder(tmp_path, PAIR_MODEL, PAIR, "Net", count=2)
    sets = {
        f"{number}/{name}": torch.full(shape, float(number))
        for number in range(2)
        for name, shape in {"hidden.weight": (8, 3), "hidden.bias": (8,), "out.weight": (2, 8), "out.bias": (2,)}.items()
    }
    write(tmp_path / "weights.safetensors", sets)
    assert folder.run("toys-certify")[1][-1]["event"] == "done"
    answers = folder.answers()
    assert (answers["0/label"] == 0).all()
    h = (folder.sets["evaluation"]["x"].sum(1, keepdim=True) + 1).tanh()
    assert torch.allclose(answers["1/value"], 8 * h[:, 0] + 1, atol=1e-5)
