"""Functions of several models, as the bridge exports them."""

import textwrap

import pytest
from test_bridge import export, exported, targets
from test_jax_export import document, names
from test_jax_export import export as export_jax

MODELS = """
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 3)
    def forward(self, z): return self.layer(z)

def losses(generator, discriminator, real, noise):
    fake = generator(noise)
    g_loss = discriminator(fake).mean()
    return discriminator(real).mean() - g_loss, g_loss

def pair(): return Generator(), nn.Linear(3, 1)
def tensors(): return torch.randn(4, 3), torch.randn(4, 2)
"""


def set_up(tmp_path, source):
    code, report, errors = export(tmp_path, MODELS + textwrap.dedent(source))
    assert (code, report["ok"]) == (0, True), report
    return exported(tmp_path), errors


def classes(program):
    stacks = [node.meta["nn_module_stack"] for node in program.graph.nodes if "nn_module_stack" in node.meta]
    return {path: kind for stack in stacks for path, kind in stack.values()}


@pytest.mark.parametrize(
    "source",
    [
        "make = (losses, (*pair(), *tensors()))",
        "def make(): return losses, [*pair(), *tensors()]",
        "def make(): return losses, dict(zip(['generator', 'discriminator', 'real', 'noise'], [*pair(), *tensors()]))",
        "make = losses\ndef example_inputs(): return (*pair(), *tensors())",
    ],
)
def test_every_way_to_give_a_set_up(tmp_path, source):
    program, errors = set_up(tmp_path, source)
    assert classes(program)[""] == "assay_bridge.set_up.losses"
    assert classes(program)["generator"].endswith("net.Generator")
    assert program.graph_signature.user_inputs == ("real", "noise")
    assert set(program.state_dict) == {f"{own}.{name}" for own in ("generator.layer", "discriminator") for name in ("weight", "bias")}
    assert "fixed" not in errors


def test_results_have_the_names_of_the_variables_that_are_returned(tmp_path):
    source = """
    def one(model, x):
        def inside(y):
            return y, y
        result = inside(model(x))[0]
        return result
    def of_dict(model, x): return {"a": model(x)}
    def unnamed(model, x): return model(x), model(x) + 1
    def make(): return FUNCTION, (nn.Linear(3, 1), torch.randn(4, 3))
    """
    for function, result in (("one", "['result']"), ("of_dict", "['a']"), ("unnamed", "tuple")):
        program, _ = set_up(tmp_path, source.replace("FUNCTION", function))
        assert result in str(program.call_spec.out_spec).replace("TreeSpec(", "")


def test_lines_are_those_of_the_function(tmp_path):
    program, _ = set_up(tmp_path, "def make(): return losses, (*pair(), *tensors())")
    traces = [node.meta.get("stack_trace", "") for node in program.graph.nodes if node.op == "call_function"]
    assert all("net.py" in trace for trace in traces)
    assert any("fake = generator(noise)" in trace for trace in traces)
    assert not any("set_up.py" in trace for trace in traces)


def test_a_model_that_is_given_twice_is_one(tmp_path):
    source = """
    def both(first, second, x): return first(x) + second(x)
    def make():
        model = nn.Linear(3, 3)
        return both, (model, model, torch.randn(4, 3))
    """
    program, _ = set_up(tmp_path, source)
    assert set(program.state_dict) == {"first.weight", "first.bias"}


def test_a_name_that_modules_have_otherwise(tmp_path):
    source = """
    def both(train, x): return train(x)
    def make(): return both, (nn.Linear(3, 3), torch.randn(4, 3))
    """
    program, _ = set_up(tmp_path, source)
    assert set(program.state_dict) == {"train_.weight", "train_.bias"}


def test_values_that_are_cut_off_from_gradients_stay_so(tmp_path):
    source = """
    def distil(student, teacher, x):
        with torch.no_grad():
            wanted = teacher(x)
        return (student(x.detach()) - wanted).pow(2).mean()
    def make(): return distil, (nn.Linear(3, 1), nn.Linear(3, 1), torch.randn(4, 3))
    """
    program, _ = set_up(tmp_path, source)
    assert "aten.detach.default" in targets(program)
    assert "wrap_with_set_grad_enabled" in targets(program)


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("several-models", "def make(): return [*pair()]"),
        ("several-models", "make = {'generator': Generator()}"),
        ("several-models", "def make(): return (*pair(), *pair())"),
        ("no-inputs", "def make(): return losses, (*pair(),)"),
        ("user-error", "def make(): return losses, (*pair(), *reversed(tensors()))"),
    ],
)
def test_failures(tmp_path, kind, source):
    code, report, _ = export(tmp_path, MODELS + source)
    assert (code, report["ok"], report["kind"]) == (2, False, kind)


JAX_MODELS = """
class Net(nnx.Module):
    def __init__(self, size, out, seed):
        self.layer = nnx.Linear(size, out, rngs=nnx.Rngs(seed))
        self.scale = 2.0
    def __call__(self, x): return self.scale * self.layer(x)

class Mlp(nn.Module):
    @nn.compact
    def __call__(self, x): return nn.Dense(1)(x)

def bound():
    return Mlp().bind(Mlp().init(jax.random.key(0), jnp.ones((4, 3))))

def losses(first, second, x):
    loss = jnp.mean(second(first(x)))
    return loss, first.scale * loss if hasattr(first, "scale") else loss
"""


@pytest.mark.parametrize(
    ("models", "stored"),
    [
        (
            "Net(3, 3, 0), Net(3, 1, 1)",
            ["first.layer.bias", "first.layer.kernel", "second.layer.bias", "second.layer.kernel"],
        ),
        ("Net(3, 3, 0), bound()", ["first.layer.bias", "first.layer.kernel", "second.params.Dense_0.bias", "second.params.Dense_0.kernel"]),
        ("(jnp.ones((3, 3)), lambda w, x: x @ w), bound()", ["first", "second.params.Dense_0.bias", "second.params.Dense_0.kernel"]),
    ],
)
def test_models_of_jax(tmp_path, models, stored):
    code, _, notes = export_jax(tmp_path, f"{JAX_MODELS}\ndef make(): return losses, ({models}, jnp.ones((4, 3)))")
    written = document(tmp_path)
    assert code == 0
    assert sorted(name for own in names(written) for name in own) == stored
    assert (written["name"], written["set_up"], written["inputs"], notes) == ("losses", True, ["x"], [])
    scopes = {equation.get("scope", "").split("/")[1] for program in written["programs"] for equation in program["equations"] if "/" in equation.get("scope", "")}
    assert scopes == {"first", "second"}


def test_a_model_of_jax_that_is_given_twice_is_one(tmp_path):
    source = "\ndef make():\n    net = Net(3, 3, 0)\n    return losses, (net, net, jnp.ones((4, 3)))"
    assert export_jax(tmp_path, JAX_MODELS + source)[0] == 0
    assert names(document(tmp_path)) == [["first.layer.bias"], ["first.layer.kernel"]]
