"""The worker that trains as its caller sees it, on entries in JAX."""

import math

import jax
import jax.numpy as jnp
import numpy
import optax
import pytest
import torch
from folders import BATCH, CHECKPOINTS, JAX_TABLE, PAIR, STEPS, Folder, JaxFolder

TOKEN_MODEL = """
def make(problem, key):
    table, out = jax.random.split(key)
    params = {
        "table": jax.random.normal(table, (problem.vocabulary, 8)),
        "out": jax.random.normal(out, (8, problem.output_width)),
    }
    return params, lambda params, tokens: params["table"][tokens] @ params["out"]
"""


def numbers(tensor):
    return jnp.asarray(tensor.numpy())


def test_what_the_entry_leaves_out_is_supplied(tmp_path):
    folder = JaxFolder(tmp_path, TOKEN_MODEL)
    events = folder.trained(Folder.process)
    assert [(event["event"], event.get("step")) for event in events] == [
        ("loaded", None),
        *(("checkpoint", step) for step in CHECKPOINTS),
        ("done", None),
    ]
    assert "reported" not in events[1] and events[-1] == {"event": "done", "brings": ["model"], "still": []}
    reported, params = trained_by_hand(folder)
    assert [event["reported"] for event in events[2:-1]] == pytest.approx(
        [reported[0], reported[3], reported[5]], rel=1e-4
    )
    answers = folder.answers()
    assert set(answers) == {"evaluation/next", "probe-a rung-0/next", "train/next"}
    for name, inputs in (*folder.sets.items(), ("train", folder.batch(0)[0])):
        given = (folder.answers("curve-6") if name == "curve" else answers)[f"{name}/next"]
        expected = params["table"][inputs["tokens"].numpy()] @ params["out"]
        numpy.testing.assert_allclose(given, expected, rtol=1e-3, atol=1e-4)


def trained_by_hand(folder):
    """With what optax has of losses, Adam, clipping and rates."""
    table, out = jax.random.split(jax.random.key(3))
    params = {"table": jax.random.normal(table, (5, 8)), "out": jax.random.normal(out, (8, 5))}

    def rate(step):
        return jnp.where(step < 1, 0.05, 0.05 * (1 + jnp.cos(math.pi * (step - 1) / (STEPS - 1))) / 2)

    optimizer = optax.chain(optax.clip_by_global_norm(1), optax.adam(rate))
    state, reported = optimizer.init(params), []
    for step in range(STEPS):
        inputs, targets = folder.batch(step)
        labels = numbers(targets["next"])

        def loss_of(params):
            losses = optax.softmax_cross_entropy_with_integer_labels(
                params["table"][numbers(inputs["tokens"])] @ params["out"], jnp.maximum(labels, 0)
            )
            return 2 * jnp.mean(losses, where=labels >= 0)

        loss, gradients = jax.value_and_grad(loss_of)(params)
        updates, state = optimizer.update(gradients, state, params)
        params = optax.apply_updates(params, updates)
        reported.append(float(loss))
    return reported, params


@pytest.mark.parametrize(
    "source",
    [
        JAX_TABLE + "make = params, apply",
        JAX_TABLE + "make = dict(params=params, apply=apply)",
        JAX_TABLE + "class make:\n    params, apply = params, staticmethod(apply)",
        JAX_TABLE + "make = dict(model=(params, apply))",
        JAX_TABLE + "def make(): return params, apply",
        JAX_TABLE + "def make(problem): return params, apply",
        JAX_TABLE + "def make(problem, key, width=3): return params, apply",
        "make = linen.Embed(5, 5)",
        "def make(problem): return linen.Embed(problem.vocabulary, problem.output_width)",
        "def make(problem, key): return nnx.Embed(problem.vocabulary, problem.output_width, rngs=nnx.Rngs(key))",
        "class make(nnx.Embed):\n    def __init__(self, problem, key): super().__init__(5, 5, rngs=nnx.Rngs(key))",
        """
@jax.tree_util.register_pytree_node_class
class make:
    def __init__(self, table=jnp.eye(5)): self.table = table
    def __call__(self, tokens): return self.table[tokens]
    def tree_flatten(self): return [self.table], None
    @classmethod
    def tree_unflatten(cls, _, leaves): return cls(*leaves)
""",
    ],
)
def test_every_way_to_give_a_model(tmp_path, source):
    folder = JaxFolder(tmp_path, source)
    events = folder.trained()
    assert events[-1] == {"event": "done", "brings": ["model"], "still": []}
    before, after = (folder.answers(f"curve-{step}")["curve/next"] for step in (0, 6))
    assert before.shape == (BATCH, 7, 5) and not torch.equal(before, after)


def test_seeds(tmp_path):
    sources = [TOKEN_MODEL, "make = linen.Embed(5, 5)"]
    for number, source in enumerate(sources):
        folders = [JaxFolder(tmp_path / f"{number}-{run}", source, seed=seed) for run, seed in enumerate((1, 1, 2))]
        for folder in folders:
            assert all(event["event"] != "note" for event in folder.trained())
        assert folders[0].bytes() == folders[1].bytes() != folders[2].bytes()


def test_a_start_that_no_seed_changes_is_told(tmp_path):
    events = JaxFolder(tmp_path, JAX_TABLE + "make = params, apply").trained()
    assert events[1]["event"] == "note" and "the same for every seed" in events[1]["message"]


def test_losses_of_several_heads_and_an_own_loss(tmp_path):
    source = """
    def model(problem, key):
        return {"w": jax.random.normal(key, (problem.input_width, 2))}, lambda params, x: tuple((x @ params["w"]).T)
    def loss(outputs, targets):
        label, value = outputs
        assert label.shape == targets["label"].shape == (4,) and targets["value"].dtype == jnp.float32
        known = ~jnp.isnan(targets["value"])
        return jnp.mean((label + value - targets["value"].at[1].set(0)) ** 2, where=known, keepdims=True)
    own = dict(model=model, loss=loss)
    """
    folder = JaxFolder(tmp_path / "theirs", source, PAIR, "model")
    events = folder.trained()
    said, (_, targets) = folder.answers("curve-0"), folder.batch(0)
    label = optax.sigmoid_binary_cross_entropy(numbers(said["curve/label"]), numbers(targets["label"]))
    value = (numbers(said["curve/value"]) - numbers(targets["value"])) ** 2
    assert events[2]["reported"] == pytest.approx(float(jnp.nanmean(label) + 0.5 * jnp.nanmean(value)), rel=1e-5)
    own = JaxFolder(tmp_path / "own", source, PAIR, "own")
    done = own.trained()[-1]
    said, (_, targets) = own.answers(), own.batch(0)
    loss = ((said["train/label"] + said["train/value"] - targets["value"]) ** 2).nanmean()
    assert done == {"event": "done", "brings": ["model", "loss"], "audit": pytest.approx(float(loss), rel=1e-4), "still": []}


def test_no_number_is_no_failure(tmp_path):
    source = "make = {'w': jnp.ones(5)}, lambda params, tokens: jnp.sqrt(params['w'] - 9) + 0 * tokens[..., None]"
    folder = JaxFolder(tmp_path, source)
    events = folder.trained()
    assert [event.get("reported", 0) for event in events if event["event"] == "checkpoint"] == [0, None, None, None]
    assert folder.answers()["train/next"].isnan().all()
