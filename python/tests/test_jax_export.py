"""What the bridge writes of models of JAX."""

import base64
import json

import numpy
import pytest
from test_bridge import run

HEADER = """
import jax
import jax.numpy as jnp
import flax.linen as nn
from flax import nnx
"""


def export(tmp_path, source, name="make", header=HEADER):
    (tmp_path / "net.py").write_text(header + source)
    code, report, errors = run("export", f"net.py:{name}", "out.json", cwd=tmp_path)
    notes = [json.loads(line)["note"] for line in errors.splitlines() if line.startswith('{"note"')]
    return code, report, notes


def document(tmp_path):
    return json.loads((tmp_path / "out.json").read_text())


def names(written):
    return [parameter["names"] for parameter in written["parameters"]]


INPUTS = "def example_inputs(): return (jnp.ones((4, 3)),)\n"


@pytest.mark.parametrize(
    "source, parameters",
    [
        ("def make(x): return x * 2\n" + INPUTS, []),
        ("def make(params, x): return x @ params['w']\n"
         "def example_inputs(): return {'w': jnp.ones((3, 2))}, jnp.ones((4, 3))", [["w"]]),
        ("def make(): return ({'w': jnp.ones((3, 2))}, lambda p, x: x @ p['w']), (jnp.ones((4, 3)),)", [["w"]]),
        ("make = nn.Dense(2)\n" + INPUTS, [["params.bias"], ["params.kernel"]]),
        ("def make(): return nn.Dense(2), jnp.ones((4, 3))", [["params.bias"], ["params.kernel"]]),
        ("class make(nn.Module):\n"
         "    @nn.compact\n"
         "    def __call__(self, x): return nn.Dense(2)(x)\n" + INPUTS,
         [["params.Dense_0.bias"], ["params.Dense_0.kernel"]]),
        ("def make(): return nnx.Linear(3, 2, rngs=nnx.Rngs(0))\n" + INPUTS, [["bias"], ["kernel"]]),
        ("def make():\n"
         "    w = jnp.ones((3, 3))\n"
         "    return ({'a': w, 'b': w}, lambda p, x: x @ p['a'] @ p['b'])\n" + INPUTS, [["a", "b"]]),
    ],
)  # fmt: skip
def test_every_way_to_give_a_model(tmp_path, source, parameters):
    code, report, notes = export(tmp_path, source)
    assert (code, report["ok"], report["format"]) == (0, True, "jaxpr")
    written = document(tmp_path)
    assert names(written) == parameters
    assert notes == []
    main = written["programs"][written["main"]]
    assert main["inputs"][-1]["shape"] == [{"size": "B"}, 3]


def test_a_bound_module_keeps_its_numbers(tmp_path):
    source = "def make(): return nn.Dense(1).bind({'params': {'kernel': jnp.full((3, 1), 7.0), 'bias': jnp.zeros(1)}})\n"
    assert export(tmp_path, source + INPUTS)[0] == 0
    written = document(tmp_path)
    [kernel] = [p for p in written["parameters"] if p["names"] == ["params.kernel"]]
    values = numpy.frombuffer(base64.b64decode(written["arrays"][kernel["array"]]["values"]), "<f4")
    assert values.tolist() == [7.0, 7.0, 7.0]


def test_large_models_have_shapes_only(tmp_path):
    source = "def make(): return nn.Dense(2000), jnp.ones((2, 3000))"
    assert export(tmp_path, source)[0] == 0
    assert all("values" not in array for array in document(tmp_path)["arrays"])


def test_what_is_not_trained_is_told_apart_and_its_updates_are_told(tmp_path):
    source = """
class make(nn.Module):
    @nn.compact
    def __call__(self, x): return nn.BatchNorm(use_running_average=False)(x)
"""
    assert export(tmp_path, source + INPUTS)[0] == 0
    written = document(tmp_path)
    trained = {parameter["names"][0]: parameter["trained"] for parameter in written["parameters"]}
    assert trained == {
        "batch_stats.BatchNorm_0.mean": False,
        "batch_stats.BatchNorm_0.var": False,
        "params.BatchNorm_0.bias": True,
        "params.BatchNorm_0.scale": True,
    }
    assert written["updates"] == ["batch_stats.BatchNorm_0.mean", "batch_stats.BatchNorm_0.var"]


def test_sizes_that_differ_have_symbols_of_their_own(tmp_path):
    export(tmp_path, "def make(x, y): return x.sum() + y\ndef example_inputs(): return jnp.ones(4), jnp.ones(5)")
    written = document(tmp_path)
    main = written["programs"][written["main"]]
    assert [variable["shape"] for variable in main["inputs"]] == [[{"size": "B"}], [{"size": "B_2"}]]


@pytest.mark.parametrize(
    "source, words",
    [
        ("def make(x): return x.reshape(3, 4)\n" + INPUTS, "tracing with a symbolic batch failed"),
        ("def make(x): return x[: x.shape[0] // 2]\n" + INPUTS, "floordiv"),
        ("def make(x): return x + 1 if x.shape[0] == 4 else x * 2\n" + INPUTS, "takes another way"),
        ("def make(x, flag): return x if flag else -x\ndef example_inputs(): return jnp.ones((4, 3)), True",
         "the argument flag was fixed"),
    ],
)  # fmt: skip
def test_what_could_not_stay_open_is_told(tmp_path, source, words):
    code, _, notes = export(tmp_path, source)
    assert code == 0
    assert any(words in note for note in notes), notes


@pytest.mark.parametrize(
    "source, kind",
    [
        ("def make(x): return x @ jnp.ones((7, 2))\n" + INPUTS, "user-error"),
        ("make = 5", "not-a-model"),
        ("make = nn.Dense(2)", "no-inputs"),
        ("make = nn.Dense(2)\ndef example_inputs(): return 5", "no-inputs"),
    ],
)
def test_failures(tmp_path, source, kind):
    code, report, _ = export(tmp_path, source)
    assert (code, report["kind"]) == (2, kind)


def test_a_file_that_imports_both_libraries(tmp_path):
    source = "import torch\ndef in_torch(): return torch.nn.Linear(3, 2), torch.ones(4, 3)\ndef in_jax(x): return x * 2\n"
    assert export(tmp_path, source + INPUTS, "in_torch")[1]["format"] == "pt2"
    assert export(tmp_path, source + INPUTS, "in_jax")[1]["format"] == "jaxpr"


def test_lines_and_modules_are_the_users(tmp_path):
    source = "class make(nn.Module):\n    @nn.compact\n    def __call__(self, x):\n        return nn.Dense(2)(x)\n"
    export(tmp_path, source + INPUTS)
    written = document(tmp_path)
    [product] = [e for e in written["programs"][written["main"]]["equations"] if e["primitive"] == "dot_general"]
    [frame] = [written["frames"][number] for number in product["frames"]]
    assert frame == {"file": "net.py", "line": 9, "function": "make.__call__", "code": "return nn.Dense(2)(x)"}
    assert product["scope"] == "make/Dense_0"
