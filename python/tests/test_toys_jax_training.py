"""What an entry in JAX brings of its own training, and models with a state."""

import math

import numpy
import pytest
import torch
from folders import BATCH, CHECKPOINTS, STEPS, SUM, JaxFolder


@pytest.mark.parametrize(
    ("optimizer", "rate", "falls"),
    [
        ("optax.sgd", 0.05, True),
        ("lambda learning_rate: optax.sgd(learning_rate)", 0.05, True),
        ("lambda: optax.sgd(0.01)", 0.01, False),
        ("optax.sgd(0.01)", 0.01, False),
    ],
)
def test_an_own_optimizer(tmp_path, optimizer, rate, falls):
    # The gradient is 1 at every step, and not clipped where it is larger.
    source = f"""
    model = {{"w": jnp.zeros(()), "unused": jnp.zeros(3)}}, lambda params, a, b: params["w"] + 0 * a[:, 0]
    make = dict(model=model, loss=lambda outputs, targets: 9 * outputs.mean(), optimizer={optimizer})
    """
    folder = JaxFolder(tmp_path, source, SUM)
    assert folder.trained()[-1]["brings"] == ["model", "loss", "optimizer"]
    shares = [1, *((1 + math.cos(math.pi * turn / 5)) / 2 for turn in range(5))] if falls else [1] * STEPS
    expected = -9 * rate * numpy.cumsum(shares)
    for step in CHECKPOINTS[1:]:
        numpy.testing.assert_allclose(folder.answers(f"curve-{step}")["curve/sum"], expected[step - 1], rtol=1e-5)


OWN_TRAIN = """
def model():
    return {"bias": jnp.zeros(())}, lambda params, a, b: params["bias"] + 0 * a[:, 0]
def train(model, task):
    params, apply = model
    for step, (inputs, targets) in enumerate(task.batches()):
        assert apply(params, *inputs).shape == targets.shape == (4,) and isinstance(targets, jax.Array)
        params = {"bias": jnp.asarray(step + 1.0)}
        task.report(2 * params["bias"], SAID)
    assert task.problem.name == "sum" and (task.steps, task.learning_rate, task.seed) == (6, 0.05, 3)
    return SAID
make = dict(model=model, train=train)
"""


@pytest.mark.parametrize("said", ["params", "(params, apply)", "lambda a, b: apply(params, a, b)"])
def test_an_own_train_function(tmp_path, said):
    folder = JaxFolder(tmp_path, OWN_TRAIN.replace("SAID", said), SUM)
    events = folder.trained()
    assert [event.get("reported") for event in events] == [None, None, 2, 8, 12, None]
    assert events[-1]["brings"] == ["model", "train"]
    assert events[-1].get("still", []) == []
    for step in CHECKPOINTS:
        assert folder.answers(f"curve-{step}")["curve/sum"].tolist() == [step] * BATCH
    assert folder.answers()["evaluation/sum"].tolist() == [STEPS] * 10


def test_what_was_reported_last_is_judged_where_nothing_is_returned(tmp_path):
    source = OWN_TRAIN.replace("return SAID", "return None").replace("SAID", "params")
    folder = JaxFolder(tmp_path, source, SUM)
    folder.trained()
    assert folder.answers()["evaluation/sum"].tolist() == [STEPS] * 10
    # Of the batch of the step, before and after it.
    assert folder.answers("curve-4")["before/sum"].tolist() == [3] * BATCH
    assert folder.answers("curve-4")["after/sum"].tolist() == [4] * BATCH


def test_a_module_of_flax_is_initialised_for_an_own_train_function(tmp_path):
    source = """
    def train(model, task):
        for inputs, _ in task.batches():
            assert model.apply(model.params, *inputs).shape == (4, 7, 5)
            task.report(0, model.params)
        return jax.tree.map(jnp.zeros_like, model.params)
    make = dict(model=linen.Embed(5, 5), train=train)
    """
    folder = JaxFolder(tmp_path, source)
    folder.trained()
    assert not any(tensor.any() for tensor in folder.answers().values())
    assert folder.answers("curve-6")["curve/next"].any()


GRAPH = """
class Net(nnx.Module):
    def __init__(self):
        self.norm = nnx.BatchNorm(2, momentum=0.5, use_scale=False, use_bias=False, rngs=nnx.Rngs(0))
        self.drop = nnx.Dropout(0.5, rngs=nnx.Rngs(1))
        self.out = nnx.Linear(2, 1, kernel_init=nnx.initializers.ones, rngs=nnx.Rngs(2))
    def __call__(self, a, b):
        return self.out(self.drop(self.norm(a)))[:, 0]
"""


def test_a_graph_has_modes_and_a_state_of_its_own(tmp_path):
    folder = JaxFolder(tmp_path, f"{GRAPH}\nmake = dict(model=Net, loss=lambda outputs, targets: 0 * outputs.sum())", SUM)
    folder.trained()
    mean, var = torch.zeros(2), torch.ones(2)
    for step in range(STEPS):
        a = folder.batch(step)[0]["a"]
        mean, var = (mean + a.mean(0)) / 2, (var + a.var(0, correction=0)) / 2
    for name in ("evaluation", "probe-a rung-0"):
        expected = ((folder.sets[name]["a"] - mean) / (var + 1e-5).sqrt()).sum(-1)
        torch.testing.assert_close(folder.answers()[f"{name}/sum"], expected, atol=1e-4, rtol=1e-4)


def test_what_a_graph_drops_is_drawn_anew_for_every_step(tmp_path):
    source = """
    class Net(nnx.Module):
        def __init__(self):
            self.drop = nnx.Dropout(0.5, rngs=nnx.Rngs(1))
            self.w = nnx.Param(jnp.ones(64))
        def __call__(self, a, b):
            return self.drop(self.w[...]).sum() + 0 * a[:, 0]
    make = dict(model=Net, loss=lambda outputs, targets: outputs.mean(), optimizer=lambda: optax.sgd(0.0))
    """
    events = JaxFolder(tmp_path, source, SUM, checkpoints=list(range(7))).trained()
    assert len({event["reported"] for event in events if "reported" in event}) > 3


def test_a_graph_is_trained_in_place(tmp_path):
    source = f"""{GRAPH}
def train(model, task):
    assert isinstance(model, Net)
    for step, _ in enumerate(task.batches()):
        model.out.kernel[...] = jnp.zeros((2, 1))
        model.out.bias[...] = jnp.full(1, step + 1.0)
        task.report(0)
make = dict(model=Net, train=train)
"""
    folder = JaxFolder(tmp_path, source, SUM)
    folder.trained()
    for step in CHECKPOINTS[1:]:
        assert folder.answers(f"curve-{step}")["curve/sum"].tolist() == [step] * BATCH
    assert folder.answers()["evaluation/sum"].tolist() == [STEPS] * 10
