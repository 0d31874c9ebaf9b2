"""Asks a model, and gives its outputs their names and shapes."""

from .adapting import ROWS, Adapter
from .loading import run_user_code
from .protocol import Failure

FITTING_ROWS = 2


class Asker:
    """Asks models of one problem; `file` is the user's, to whom mistakes are told."""

    def __init__(self, library, problem, file, adapts=False):
        self.library = library
        self.problem = problem
        self.file = file
        self.adapter = Adapter(library, problem) if adapts else None
        self._answer = library.compiled(self._answer_now)

    def outputs(self, model, inputs):
        """What the model returns, as it is."""
        given = inputs if self.adapter is None else self.adapter.inputs(inputs)
        return run_user_code(self.file, lambda: model(*given))

    def named(self, returned, rows):
        """The outputs by name, in the shapes that are wanted."""
        by_name = self.by_name(returned if self.adapter is None else self.adapter.read(returned))
        return {output.name: self.shaped(output, by_name[output.name], rows) for output in self.problem.outputs}

    def fit(self, model):
        """A Failure where the model doesn't answer a batch that is made up; how a model is adapted is decided."""
        rows = FITTING_ROWS if self.adapter is None else ROWS
        inputs = [
            self.library.constant((rows, *field.shape), (field.count or 0) // 2, field.whole)
            for field in self.problem.inputs
        ]
        with self.library.asking(model):
            self.library.tried(self._answer_now if self.adapter is None else self._adapt, model, inputs)

    def answers(self, model, inputs, in_training=False):
        """The model's outputs by name, for any number of rows, in evaluation mode or as they are in its training."""
        # Chunks of the size that the model knows from training.
        chunks = [
            self.library.rows(inputs, start, start + self.problem.batch)
            for start in range(0, len(inputs[0]), self.problem.batch)
        ]
        with self.library.training(model) if in_training else self.library.asking(model):
            named = [self._answer(model, chunk, in_training) for chunk in chunks]
        names = self.problem.outputs.names
        return {name: self.library.to_raw(self.library.joined([outputs[name] for outputs in named])) for name in names}

    def _answer_now(self, model, inputs):
        return self.named(self.outputs(model, inputs), len(inputs[0]))

    def _adapt(self, model, inputs):
        try:
            returned = self.outputs(model, inputs)
        except Failure:
            if not any(field.whole for field in self.problem.inputs):
                raise
            self.adapter.one_hot = True
            try:
                returned = self.outputs(model, inputs)
            except Failure:
                self.adapter.one_hot = False
            if not self.adapter.one_hot:
                raise
        self.adapter.decide(returned)
        self.named(returned, ROWS)

    def by_name(self, returned):
        names = self.problem.outputs.names
        if self.library.is_tensor(returned):
            if len(names) > 1:
                self.fail(f"one tensor of shape {list(returned.shape)} where the outputs {quoted(names)} are wanted")
            return {names[0]: returned}
        if isinstance(returned, tuple) and set(names) <= set(getattr(returned, "_fields", ())):
            return returned._asdict()
        if isinstance(returned, (tuple, list)):
            if len(returned) != len(names):
                kind = type(returned).__name__
                self.fail(f"{kind} of length {len(returned)} where {len(names)} outputs are wanted: {quoted(names)}")
            return dict(zip(names, returned))
        given = returned if isinstance(returned, dict) else getattr(returned, "__dict__", {})
        missing = [name for name in names if name not in given]
        if missing:
            self.fail(f"{type(returned).__name__} without {quoted(missing)} where {quoted(names)} are wanted")
        return given

    def shaped(self, output, tensor, rows):
        """Numbers of the right order; axes of length 1 don't change it."""
        wanted = [rows, *output.shape]
        if not self.library.is_tensor(tensor):
            self.fail(f"the output `{output.name}` of type {type(tensor).__name__} where a tensor {wanted} is wanted")
        if not self.library.is_real(tensor):
            self.fail(f"the output `{output.name}` of complex numbers where real ones are wanted")
        if without_ones(tensor.shape) != without_ones(wanted):
            self.fail(f"the output `{output.name}` of shape {list(tensor.shape)} where {wanted} is wanted")
        return self.library.as_real(tensor).reshape(wanted)

    def fail(self, message):
        raise Failure("wrong-shape", message, self.file)


def without_ones(shape):
    return [size for size in shape if size != 1]


def quoted(names):
    return ", ".join(f"`{name}`" for name in names)
