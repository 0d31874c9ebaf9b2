"""Mistakes in entries in JAX, and which problems these have models for."""

import pytest
from folders import JAX_FIRST_LINE, JAX_TABLE, PAIR, TOKENS, JaxFolder


def with_parts(parts):
    return f"{JAX_TABLE}make = dict(model=(params, apply), {parts})"


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
    assert (failure["kind"], failure["file"], failure["line"]) == ("user-error", "net.py", JAX_FIRST_LINE + line)


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
        ("leaves", f"SystemExit: 1 (net.py:{JAX_FIRST_LINE + 2})"),
        ("tokens", None),
        ("narrow", "the output `label` of shape [2, 7, 5] where [2] is wanted"),
        ("pair", f"pair has no vocabulary: its input x holds real numbers (net.py:{JAX_FIRST_LINE + 4})"),
    ]
