"""Reads a job and its data from a folder."""

import json

from .protocol import Failure
from .tensors import read_tensors


def read_job(folder):
    path = folder / "job.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure("no-file", f"{path} can't be read: {error.strerror}", str(path)) from error
    except ValueError as error:
        raise Failure("no-file", f"{path} is no JSON: {error}", str(path)) from error


def read_training_data(folder, problem, steps, library):
    """(inputs, targets) of all batches, each in the problem's order."""
    file = DataFile(folder / "train.safetensors", library)
    rows = steps * problem.batch
    inputs = [file.take(f"inputs/{field.name}", field.shape, field.whole, rows) for field in problem.inputs]
    targets = [file.take(f"targets/{head.name}", head.items, head.whole, rows) for head in problem.outputs]
    return inputs, targets


def read_questions(folder, problem, library):
    """Inputs of every set, in the problem's order."""
    file = DataFile(folder / "questions.safetensors", library)
    sets = {"curve", *(name.rpartition("/")[0] for name in file.tensors)}
    return {
        name: [file.take(f"{name}/{field.name}", field.shape, field.whole) for field in problem.inputs]
        for name in sorted(sets)
    }


class DataFile:
    """A file with tensors, all of which are rows."""

    def __init__(self, path, library):
        self.path = path
        self.library = library
        self.tensors = read_tensors(path)

    def take(self, name, shape, whole, rows=None):
        """The tensor of whole or real numbers with rows of this shape."""
        if name not in self.tensors:
            self.fail(f"has no {name}")
        raw = self.tensors[name]
        count = raw.shape[0] if raw.shape else 0
        if count == 0 or rows not in (None, count) or raw.shape[1:] != shape:
            wanted = f"[{', '.join(map(str, ('rows' if rows is None else rows, *shape)))}]"
            self.fail(f"has {name} with the shape {list(raw.shape)}, not {wanted}")
        return self.library.from_raw(raw, whole)

    def fail(self, message):
        raise Failure("no-file", f"{self.path} {message}", str(self.path))
