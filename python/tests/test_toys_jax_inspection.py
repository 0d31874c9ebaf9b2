"""Gradients of entries in JAX beside slopes, what is left out, and weights that are put in."""

import torch
from folders import PAIR, JaxFolder, write


def slopes(parameter):
    """Of every trial: what the gradient says, and the central difference at the shorter distance."""
    for trial in parameter["trials"]:
        near = trial["losses"][1]
        yield trial["said"], (near["along"] - near["against"]) / (2 * near["distance"])


LAYERS = """
def make(problem, key):
    first, second = jax.random.split(key)
    params = {"first": jax.random.normal(first, (3, 8)), "second": jax.random.normal(second, (8, 2))}
    return params, lambda params, x: tuple((HIDDEN(x @ params["first"]) @ params["second"]).T)
"""


def test_gradients_beside_slopes(tmp_path):
    found = {}
    for hidden in ("jnp.tanh", "jax.lax.stop_gradient"):
        source = LAYERS.replace("HIDDEN", hidden)
        events = JaxFolder(tmp_path / hidden, source, PAIR, inspect=True).trained()
        found[hidden] = {one["name"]: one for one in events[2]["parameters"] if events[2]["event"] == "inspected"}
    right, wrong = found.values()
    assert list(right) == list(wrong) == ["first", "second"]
    for parameter in right.values():
        assert len(parameter["trials"]) == 3 and parameter["gradient"]["start"] > 0
        for said, slope in slopes(parameter):
            assert abs(said - slope) < 0.02 * parameter["gradient"]["near"] + 1e-4
    assert wrong["first"]["gradient"] == {"start": 0, "near": 0}
    assert any(said == 0 and abs(slope) > 1e-3 for said, slope in slopes(wrong["first"]))


def test_what_the_optimizer_leaves_out_is_still(tmp_path):
    source = LAYERS.replace("HIDDEN", "jnp.tanh")
    source += """
entry = dict(model=make, optimizer=lambda rate: optax.multi_transform(
    {"moved": optax.sgd(rate), "left": optax.set_to_zero()}, {"first": "moved", "second": "left"}))
"""
    done = JaxFolder(tmp_path, source, PAIR, "entry").trained()[-1]
    assert done["still"] == ["second"] and done["cosine"] < 0


def test_weights_are_put_in(tmp_path):
    folder = JaxFolder(tmp_path, LAYERS.replace("HIDDEN", "jnp.tanh"), PAIR, count=2)
    sets = {
        f"{number}/{name}": torch.full(shape, float(number))
        for number in range(2)
        for name, shape in {"first": (3, 8), "second": (8, 2)}.items()
    }
    write(tmp_path / "weights.safetensors", sets)
    assert folder.run("toys-certify")[1][-1]["event"] == "done"
    answers = folder.answers()
    assert not answers["0/label"].any()
    expected = 8 * folder.sets["evaluation"]["x"].sum(1).tanh()
    torch.testing.assert_close(answers["1/value"], expected, atol=1e-4, rtol=1e-4)
