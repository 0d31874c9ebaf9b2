"""Which problems an entry has models for, and which functions it brings."""

import pytest
from folders import FIRST_LINE, PAIR, TOKENS, Folder


def test_whether_an_entry_fits(tmp_path):
    source = """
    import sys
    def make(problem):
        if problem.name == "leaves":
            sys.exit(1)
        if problem.name == "wide":
            return nn.Embedding(problem.vocabulary, problem.output_width + 1)
        return nn.Embedding(problem.vocabulary, problem.output_width)
    """
    problems = [TOKENS, PAIR, {**TOKENS, "name": "leaves"}, {**TOKENS, "name": "wide"}, {**TOKENS, "name": "last"}]
    folder = Folder(tmp_path, source, problems=problems, slots=[])
    assert folder.process("toys-fit") == (
        0,
        [
            {"event": "loaded", "functions": []},
            {"event": "fit", "problem": "tokens"},
            {
                "event": "fit",
                "problem": "pair",
                "why": f"pair has no vocabulary: its input x holds real numbers (net.py:{FIRST_LINE + 6})",
            },
            {"event": "fit", "problem": "leaves", "why": f"SystemExit: 1 (net.py:{FIRST_LINE + 3})"},
            {
                "event": "fit",
                "problem": "wide",
                "why": "the output `next` of shape [2, 7, 6] where [2, 7, 5] is wanted",
            },
            {"event": "fit", "problem": "last"},
            {"event": "done", "brings": ["model"]},
        ],
    )


@pytest.mark.parametrize(
    ("message", "source"),
    [
        ("make is of type int, neither", "make = 1"),
        ("has the key 'optimiser'; known are model, loss, optimizer, train, kl, kl_is", "make = dict(optimiser=1)"),
        ("`kl_is` holds more than texts, numbers, lists and dicts", "make = dict(kl=print, kl_is=print)"),
    ],
)
def test_whether_something_that_is_no_entry_fits(tmp_path, message, source):
    code, [event] = Folder(tmp_path, source, problems=[TOKENS], slots=["kl"]).run("toys-fit")
    assert (code, event["event"], event["kind"], event["file"]) == (2, "failed", "not-an-entry", "net.py")
    assert message in event["message"]


FUNCTIONS = """
def kl(p, q):
    return (p * (p / q).log()).sum(-1)
def policy_loss(labels):
    return labels
"""


@pytest.mark.parametrize("model", [None, "nn.Embedding(5, 5)"])
@pytest.mark.parametrize("form", ["make = dict({parts})", "import types\nmake = types.SimpleNamespace({parts})"])
def test_which_functions_an_entry_brings(tmp_path, form, model):
    parts = "kl=kl, policy_loss=policy_loss, policy_loss_is={'mean': [1, None]}, model=" + str(model)
    source = FUNCTIONS + form.format(parts=parts)
    folder = Folder(tmp_path, source, problems=[TOKENS], slots=["kl", "entropy", "policyLoss"])
    functions = [{"slot": "kl"}, {"slot": "policyLoss", "claim": {"mean": [1, None]}}]
    fit = {"event": "fit", "problem": "tokens", **({} if model else {"why": "the entry brings no model"})}
    done = {"event": "done", "brings": ["model"] if model else []}
    assert folder.run("toys-fit") == (0, [{"event": "loaded", "functions": functions}, fit, done])


def test_a_model_is_no_namespace(tmp_path):
    source = "class make(nn.Embedding):\n    def __init__(self): super().__init__(5, 5)\n    def kl(self): pass"
    code, events = Folder(tmp_path, source, problems=[TOKENS], slots=["kl"]).run("toys-fit")
    assert (code, events[:2]) == (0, [{"event": "loaded", "functions": []}, {"event": "fit", "problem": "tokens"}])
