"""How a given model of a fixed shape is tried on a problem of another: what it is given, and what of it is read.

Decided once, by what the model returns for a batch, and told. Shapes that could be a bug's are left alone.
"""

# Like no width and no length, so that a model whose rows and columns are mixed up is not taken for a wide one.
ROWS = 61


class Adapter:
    def __init__(self, library, problem):
        self._library = library
        self._problem = problem
        self.one_hot = False
        # How many positions the model answers at, where only the last is read.
        self._positions = None
        # How many numbers it gives for one item, of which the first are read, head after head.
        self._width = None

    @property
    def notes(self):
        """What is done otherwise than the model alone would have it."""
        heads = self._problem.outputs
        total = sum(head.width for head in heads)
        names = ", ".join(f"`{head.name}`" for head in heads)
        notes = []
        if self.one_hot:
            whole = ", ".join(f"`{field.name}` ({field.count})" for field in self._problem.inputs if field.whole)
            notes.append(f"the model takes real numbers: it is given one-hot vectors of {whole}")
        if self._positions is not None:
            notes.append(f"the model answers at {self._positions} positions: the last is read")
        if self._width is not None and (self._width > total or len(heads) > 1):
            rest = "" if self._width == total else f", and the other {self._width - total} are not read"
            notes.append(f"the model gives {self._width} numbers: the first {total} are {names}{rest}")
        return notes

    def inputs(self, inputs):
        if not self.one_hot:
            return inputs
        fields = self._problem.inputs
        return [self._library.one_hot(x, field.count) if field.whole else x for x, field in zip(inputs, fields)]

    def decide(self, returned):
        """What of an output for ROWS rows is read, where it is one tensor that holds enough."""
        if not self._library.is_tensor(returned):
            return
        items = self._problem.outputs[0].items
        if any(head.items != items for head in self._problem.outputs):
            return
        shape, positions = list(returned.shape), None
        if items == () and len(shape) == 3 and shape[1] == getattr(self._problem, "length", None):
            positions = shape.pop(1)
        total = sum(head.width for head in self._problem.outputs)
        if shape[:-1] == [ROWS, *items] and shape[-1] >= total and shape[-1] != ROWS:
            self._positions, self._width = positions, shape[-1]

    def read(self, returned):
        """The outputs by name, or what the model returned where that is not what was decided."""
        items = self._problem.outputs[0].items
        places = items if self._positions is None else (self._positions,)
        if self._width is None or not self._library.is_tensor(returned):
            return returned
        if tuple(returned.shape[1:]) != (*places, self._width):
            return returned
        tensor = returned if self._positions is None else returned[:, -1]
        outputs, start = {}, 0
        for head in self._problem.outputs:
            outputs[head.name] = tensor[..., start : start + head.width]
            start += head.width
        return outputs
