"""Calls functions of a user's entry on given numbers, or lets its optimizer make steps on given gradients."""

import json
import re

from .loading import run_user_code
from .protocol import Failure
from .tensors import read_tensors


def python_name(slot):
    """The name under which an entry in Python brings the function: policy_loss for policyLoss."""
    return re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", slot)


def claim_name(slot):
    """The name under which the entry says what the function means."""
    return f"{python_name(slot)}_is"


def call_names(slots):
    """All names that an entry may have for its functions."""
    return [name(slot) for slot in slots for name in (python_name, claim_name)]


def functions_in(found, slots):
    """The functions that an entry brings under these names, and what it says that they mean."""
    functions = []
    for slot in slots:
        claim = found.member(claim_name(slot))
        try:
            json.dumps(claim, allow_nan=False)
        except (TypeError, ValueError) as error:
            found.fail(f"`{claim_name(slot)}` holds more than texts, numbers, lists and dicts: {error}")
        if callable(found.member(python_name(slot))):
            functions.append({"slot": slot, **({} if claim is None else {"claim": spelled(claim)})})
    return functions


def spelled(claim):
    """A claim with the names of a job: warmUp for warm_up."""
    if isinstance(claim, dict):
        return {re.sub("_([a-z])", lambda part: part[1].upper(), str(key)): spelled(value) for key, value in claim.items()}
    return claim


def answers_to(found, slot, questions, tensors, library):
    """What the function under `slot` gives for every question: INDEX/0 … for the tensors of each."""
    answers = {}
    for index, question in enumerate(questions):
        given = {one["name"]: argument(one, f"{slot}/{index}/{one['name']}", tensors) for one in question}
        for output, tensor in enumerate(answer_of(found, slot, given, library)):
            answers[f"{index}/{output}"] = library.to_raw(tensor)
    return answers


def argument(one, place, tensors):
    if one["kind"] == "number":
        return one["value"]
    return tensors(place) if one["kind"] == "tensor" else [tensors(f"{place}/{k}") for k in range(one["count"])]


def question_tensors(path, library):
    """A function that gives a tensor of the file by its name."""
    raws = read_tensors(path)

    def tensor(name):
        if name not in raws:
            raise Failure("no-file", f"{path} has no {name}", str(path))
        return library.from_raw(raws[name], raws[name].dtype == "I32")

    return tensor


def answer_of(found, slot, given, library):
    """The tensors that the function under `slot` gives for one call."""
    name = python_name(slot)
    function = found.member(name)
    if not callable(function):
        found.fail(f"{found.name} has no function {name}")
    if slot == "optimizer":
        return library.trajectory(function, found.file, given)
    said = run_user_code(found.file, lambda: function(*given.values()))
    if not isinstance(said, (tuple, list)):
        return [numbers(said, name, found.file, library)]
    parts = [numbers(one, name, found.file, library) for one in said]
    # A list of numbers is one tensor.
    alone = parts and all(len(part.shape) == 0 for part in parts)
    return [library.stacked(parts)] if alone else parts


def numbers(said, name, file, library):
    tensor = library.as_tensor(said)
    if tensor is None or not library.is_real(tensor):
        message = f"`{name}` gives {type(said).__name__} where a tensor of real numbers or a number is wanted"
        raise Failure("wrong-shape", message, file)
    return library.as_real(tensor)
