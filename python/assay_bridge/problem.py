"""What an entry is told of a toy problem, and the numbers from which a model for it can be built."""

from dataclasses import dataclass
from typing import Optional

from .protocol import DoesNotFit


@dataclass(frozen=True)
class Input:
    """One input: [batch, *shape] of a batch."""

    name: str
    shape: tuple
    # How many whole numbers it may hold, 0 … count - 1; None for real numbers.
    count: Optional[int]
    meaning: str

    @property
    def whole(self):
        return self.count is not None


@dataclass(frozen=True)
class Output:
    """One output: [batch, *shape] of a model."""

    name: str
    # Sizes of the items of one row: (length,) for a sequence, () for one item.
    items: tuple
    # What an item's loss is: categorical, binary, squared, gaussian, latent or quantile.
    kind: str
    # How many numbers a model gives for one item.
    width: int
    # Its share in the total loss.
    weight: float
    # The quantile that is asked for, where one is.
    level: Optional[float]

    @property
    def whole(self):
        """Whether targets are classes."""
        return self.kind == "categorical"

    @property
    def shape(self):
        return self.items if self.width == 1 else (*self.items, self.width)


class Named:
    """Inputs or outputs in order; each by its name as an attribute or an item, or by its position."""

    def __init__(self, owner, noun, members):
        self._owner = f"{owner} has no {noun}"
        self._members = tuple(members)

    def __iter__(self):
        return iter(self._members)

    def __len__(self):
        return len(self._members)

    def __contains__(self, name):
        return name in self.names

    def __getitem__(self, key):
        if isinstance(key, int):
            return self._members[key]
        for member in self._members:
            if member.name == key:
                return member
        raise DoesNotFit(f"{self._owner} {key}; it has {', '.join(self.names)}")

    def __getattr__(self, name):
        # Python asks for such names itself, as when it copies.
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    @property
    def names(self):
        return [member.name for member in self._members]


class Problem:
    """A toy problem."""

    def __init__(self, description):
        self.name = description["name"]
        self.title = description["title"]
        # "causal" where an output may depend on no later item of the input, and what else the problem is about.
        self.tags = tuple(description["tags"])
        # Rows of a batch.
        self.batch = description["batch"]
        inputs = (Input(f["name"], tuple(f["shape"]), f.get("count"), f["meaning"]) for f in description["inputs"])
        outputs = (
            Output(o["name"], tuple(o["items"]), o["kind"], o["width"], o["weight"], o.get("level"))
            for o in description["outputs"]
        )
        self.inputs = Named(self.name, "input", inputs)
        self.outputs = Named(self.name, "output", outputs)

    @property
    def vocabulary(self):
        """How many whole numbers the first input may hold."""
        first = self.inputs[0]
        if first.count is None:
            raise self._lacks("vocabulary", f"its input {first.name} holds real numbers")
        return first.count

    @property
    def length(self):
        """Length of the sequences in the first input: numbers [length] or vectors [length, input_width]."""
        first = self.inputs[0]
        if len(first.shape) != (2 if first.count is None else 1):
            raise self._lacks("length", f"its input {first.name} of shape {list(first.shape)} is no sequence")
        return first.shape[0]

    @property
    def input_width(self):
        """Last axis of the first input, where that holds real numbers."""
        first = self.inputs[0]
        if first.count is not None or first.shape == ():
            raise self._lacks("input_width", f"its input {first.name} is no vector of real numbers")
        return first.shape[-1]

    @property
    def output_width(self):
        """How many numbers the first output has for one item: classes, or 2 for a mean and a log-variance, or 1."""
        return self.outputs[0].width

    def _lacks(self, what, why):
        return DoesNotFit(f"{self.name} has no {what}: {why}")
