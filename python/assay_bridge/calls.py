"""Calls one function of a user's entry on given numbers, or lets its optimizer make steps on given gradients."""

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
            functions.append({"slot": slot, **({} if claim is None else {"claim": claim})})
    return functions


def read_calls(questions, path, library):
    """The arguments of every call by name."""
    tensors = read_tensors(path)

    def tensor(name):
        if name not in tensors:
            raise Failure("no-file", f"{path} has no {name}", str(path))
        return library.from_raw(tensors[name], tensors[name].dtype == "I32")

    def argument(index, one):
        place = f"{index}/{one['name']}"
        if one["kind"] == "number":
            return one["value"]
        return tensor(place) if one["kind"] == "tensor" else [tensor(f"{place}/{k}") for k in range(one["count"])]

    return [{one["name"]: argument(index, one) for one in all_of} for index, all_of in enumerate(questions)]


def answer_of(found, slot, given, library):
    """The tensors that the function under `slot` gives for one call."""
    name = python_name(slot)
    function = found.member(name)
    if not callable(function):
        found.fail(f"{found.name} has no function {name}")
    if slot == "optimizer":
        return library.trajectory(function, found.file, given)
    said = run_user_code(found.file, lambda: function(*given.values()))
    all_said = said if isinstance(said, (tuple, list)) else [said]
    return [numbers(one, name, found.file, library) for one in all_said]


def numbers(said, name, file, library):
    if library.is_tensor(said) and library.is_real(said):
        return library.as_real(said)
    if isinstance(said, (int, float)):
        return library.scalar(said)
    message = f"`{name}` gives {type(said).__name__} where a tensor of real numbers or a number is wanted"
    raise Failure("wrong-shape", message, file)
