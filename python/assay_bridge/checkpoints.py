"""Asks a model on the way through its training, and tells what it says."""

import math

from .protocol import Failure
from .tensors import write_tensors


class Checkpoints:
    """`inputs_of` gives the inputs of a step's batch where the steps are the user's, whose reports are checked; else None."""

    def __init__(self, folder, steps, asker, curve, emit, inputs_of=None):
        self._folder = folder
        self._steps = set(steps)
        self._asker = asker
        self._curve = curve
        self._emit = emit
        self._inputs_of = inputs_of
        self._before = {}

    def asks(self, step):
        """Whether the model is asked anything after so many steps."""
        return step in self._steps or step + 1 in self._steps

    def reach(self, model, step, loss=None):
        """The model after so many steps, and the loss that was reported of the last."""
        if step in self._steps:
            answers = named_in_set("curve", self._asker.answers(model, self._curve))
            if step > 0:
                answers |= self._before | self._of_batch("after", model, step - 1)
            write_tensors(self._folder / f"curve-{step}.safetensors", answers)
            self._emit("checkpoint", step=step, **({} if loss is None else {"reported": finite(loss)}))
        if step + 1 in self._steps:
            self._before = self._of_batch("before", model, step)

    def _of_batch(self, name, model, step):
        if self._inputs_of is None:
            return {}
        try:
            return named_in_set(name, self._asker.answers(model, self._inputs_of(step), in_training=True))
        except Failure:
            # Some models return other things in training; then nothing can be said of reports.
            return {}


def named_in_set(name, answers):
    return {f"{name}/{output}": tensor for output, tensor in answers.items()}


def finite(loss):
    """A loss as JSON can hold it."""
    return loss if math.isfinite(loss) else None
