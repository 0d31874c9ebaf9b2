"""The worker that trains as its caller sees it, on entries in JAX."""

import math

import jax
import jax.numpy as jnp
import numpy
import optax
import pytest
import torch
from test_toys import BATCH, CHECKPOINTS, PAIR, STEPS, SUM, TOKENS, Folder, write

HEADER = """
import jax
import jax.numpy as jnp
import optax
from flax import linen, nnx
"""
FIRST_LINE = HEADER.count("\n") + 1


class JaxFolder(Folder):
    header = HEADER


TOKEN_MODEL = """
def make(problem, key):
    table, out = jax.random.split(key)
    params = {
        "table": jax.random.normal(table, (problem.vocabulary, 8)),
        "out": jax.random.normal(out, (8, problem.output_width)),
    }
    return params, lambda params, tokens: params["table"][tokens] @ params["out"]
"""
TABLE = "params = {'table': jnp.eye(5), 'size': 5}\ndef apply(params, tokens): return params['table'][tokens]\n"


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
        TABLE + "make = params, apply",
        TABLE + "make = dict(params=params, apply=apply)",
        TABLE + "class make:\n    params, apply = params, staticmethod(apply)",
        TABLE + "make = dict(model=(params, apply))",
        TABLE + "def make(): return params, apply",
        TABLE + "def make(problem): return params, apply",
        TABLE + "def make(problem, key, width=3): return params, apply",
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
    events = JaxFolder(tmp_path, TABLE + "make = params, apply").trained()
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


def test_no_number_is_no_failure(tmp_path):
    source = "make = {'w': jnp.ones(5)}, lambda params, tokens: jnp.sqrt(params['w'] - 9) + 0 * tokens[..., None]"
    folder = JaxFolder(tmp_path, source)
    events = folder.trained()
    assert [event.get("reported", 0) for event in events if event["event"] == "checkpoint"] == [0, None, None, None]
    assert folder.answers()["train/next"].isnan().all()


def with_parts(parts):
    return f"{TABLE}make = dict(model=(params, apply), {parts})"


@pytest.mark.parametrize(
    ("line", "source"),
    [
        (0, "import does_not_exist"),
        (1, "def make():\n    raise ValueError('no')"),
        (0, "make = jnp.eye(5), lambda params, tokens: params @ tokens"),
        (2, with_parts("loss=lambda outputs, targets: 1 / 0")),
        (2, with_parts("loss=lambda outputs, targets: outputs @ targets")),
        (2, with_parts("optimizer=lambda: 1 / 0")),
        (2, with_parts("train=lambda model, task: 1 / 0")),
        (1, "make = jnp.eye(5), lambda params, tokens: \\\n  params if tokens[0, 0] > 0 else 0 * params"),
    ],
)
def test_mistakes_in_the_users_code_have_their_line(tmp_path, line, source):
    failure = JaxFolder(tmp_path, source).failed()
    assert (failure["kind"], failure["file"], failure["line"]) == ("user-error", "net.py", FIRST_LINE + line)


@pytest.mark.parametrize(
    ("kind", "message", "source"),
    [
        ("not-an-entry", "make is of type int, neither a model nor", "make = 1"),
        ("not-an-entry", "the entry gives a model of type int, not (params, apply), a module", "def make(): return 1"),
        ("not-an-entry", "of type tuple, not", "def make(): return {}, lambda params, tokens: tokens"),
        ("not-an-entry", "from the problem and a key, from the problem, or", "def make(a, b, c): return 1"),
        ("not-an-entry", "`loss` gives float, not a tensor", with_parts("loss=lambda outputs, targets: 0.5")),
        ("not-an-entry", "`optimizer` gives int, which has no init", with_parts("optimizer=lambda rate: 1")),
        ("not-an-entry", "`train` gives int, not a model", with_parts("train=lambda model, task: 1")),
        (
            "not-an-entry",
            "`train` gives no parameters, and those of the model are as they were: call report(loss, params)",
            with_parts("train=lambda model, task: [task.report(0) for _ in task.batches()][:0] or None"),
        ),
        ("not-an-entry", "the model has batch_stats beside its", "make = linen.BatchNorm(True)"),
        ("does-not-fit", "tokens has no input_width: its input tokens", "def make(problem): problem.input_width"),
        ("does-not-fit", "the model takes (a, b) where tokens gives (tokens)", "make = jnp.eye(5), lambda p, a, b: a"),
        ("wrong-shape", "`next` of shape [61, 7] where [61, 7, 5] is wanted", "make = jnp.eye(5), lambda p, x: p[x, 0]"),
        ("wrong-shape", "a loss of shape [4, 7, 5] where one", with_parts("loss=lambda outputs, targets: outputs")),
        (
            "wrong-shape",
            "updates of other shapes than the parameters",
            with_parts("optimizer=optax.GradientTransformation(lambda p: 0, lambda g, s, p: (jnp.zeros(5), s))"),
        ),
    ],
)
def test_entries_that_are_none(tmp_path, kind, message, source):
    failure = JaxFolder(tmp_path, source).failed()
    assert (failure["kind"], failure["file"]) == (kind, "net.py")
    assert message in failure["message"] and "\n" not in failure["message"]


def test_whether_an_entry_fits(tmp_path):
    source = """
    def make(problem, key):
        if problem.name == "leaves":
            raise SystemExit(1)
        table = jnp.eye(5 if float(jnp.ones(())) > 0 else 6)
        return table[: problem.vocabulary], lambda params, tokens: params[tokens]
    """
    problems = [{**TOKENS, "name": "leaves"}, TOKENS, {**TOKENS, "name": "narrow", "outputs": PAIR["outputs"][:1]}, PAIR]
    folder = JaxFolder(tmp_path, source, problems=problems, slots=[])
    code, events = folder.run("toys-fit")
    told = [(event["problem"], event.get("why")) for event in events if event["event"] == "fit"]
    assert code == 0 and told == [
        ("leaves", f"SystemExit: 1 (net.py:{FIRST_LINE + 2})"),
        ("tokens", None),
        ("narrow", "the output `label` of shape [2, 7, 5] where [2] is wanted"),
        ("pair", f"pair has no vocabulary: its input x holds real numbers (net.py:{FIRST_LINE + 4})"),
    ]
