"""Trains a model on a problem's batches, with what the entry brings and Assay's own for the rest."""

import math

from .loading import run_user_code
from .protocol import Failure

WARM_UP = 0.05


class Task:
    """What a user's `train` is given beside the model."""

    def __init__(self, data, job, asker, at_step):
        self.problem = asker.problem
        self.steps = job["steps"]
        self.learning_rate = job["learningRate"]
        self.seed = job["seed"]
        self._data = data
        self._asker = asker
        self._at_step = at_step
        self.reported = 0
        # Between the first change that the entry's own optimizer makes and the gradient.
        self.cosine = None

    def batches(self):
        """(inputs, targets) of every step, in order: a tuple for model(*inputs), and one tensor or a dict by output."""
        return (self._batch(step) for step in range(self.steps))

    def report(self, loss, model=None):
        """To be called once after every step, with its loss, and with the model where training does not change it in place."""
        self.reported += 1
        self._at_step(self.reported, self._asker.library.number(loss), model)

    def _batch(self, step):
        library, size = self._asker.library, self.problem.batch
        inputs, targets = (library.rows(part, step * size, (step + 1) * size) for part in self._data)
        names = self.problem.outputs.names
        return tuple(inputs), targets[0] if len(names) == 1 else dict(zip(names, targets))


def train_entry(entry, model, task, asker):
    """Trains the model, and gives the one that the entry wants to be judged."""
    if entry.train is None:
        train_by_default(entry, model, task, asker)
        return model
    return trained(model, run_user_code(entry.file, lambda: entry.train(asker.library.for_training(model), task)), asker)


def trained(model, said, asker):
    """The model that the entry's own training says is to be asked."""
    meant = asker.library.trained(model, said, asker.file)
    if meant is None:
        raise Failure("not-an-entry", f"`train` gives {type(said).__name__}, not a model", asker.file)
    return meant


def train_by_default(entry, model, task, asker):
    """One step for every batch; rates rise over the first steps, then fall as a cosine does."""

    def loss_of(model, inputs, targets):
        return loss_for(entry, asker, asker.outputs(model, inputs), targets)

    library = asker.library
    step_on = library.learner(model, loss_of, entry, task.learning_rate)
    start = library.snapshot(model)
    for step, batch in enumerate(task.batches()):
        loss = step_on(*batch, share_of_rate(step, task.steps))
        if step == 0 and entry.optimizer is not None:
            task.cosine = library.cosine_of_change(model, start)
        task.report(loss)


def loss_for(entry, asker, outputs, targets):
    """The entry's own loss of what the model returned, or Assay's."""
    library, heads = asker.library, asker.problem.outputs
    if entry.loss is not None:
        loss = run_user_code(entry.file, lambda: entry.loss(outputs, targets))
        if not library.is_tensor(loss):
            raise Failure("not-an-entry", f"`loss` gives {type(loss).__name__}, not a tensor", entry.file)
        if math.prod(loss.shape) != 1:
            raise Failure("wrong-shape", f"a loss of shape {list(loss.shape)} where one number is wanted", entry.file)
        return loss
    by_head = targets if len(heads) > 1 else {heads[0].name: targets}
    named = asker.named(outputs, len(by_head[heads[0].name]))
    return sum(head.weight * library.head_loss(head, named[head.name], by_head[head.name]) for head in heads)


def share_of_rate(step, steps):
    """The learning rate of a step, 0 … steps - 1, as a share of the highest."""
    rising = max(1, math.floor(WARM_UP * steps + 0.5))
    if step < rising:
        return (step + 1) / rising
    return (1 + math.cos(math.pi * (step - rising) / (steps - rising))) / 2
