"""What training needs of PyTorch. jax_numpy.py has the same functions for JAX."""

import contextlib
import math

import torch
from torch import nn
from torch.nn import functional

from .entry import takes_learning_rate
from .loading import run_user_code
from .protocol import Failure
from .pytorch_inspection import cosine_of_change, inspected, put, seed, snapshot, unmoved  # noqa: F401
from .tensors import Raw

NAME = "PyTorch"
MODEL = "an nn.Module"
MADE = "from the problem or from nothing"
CLIPPED_AT = 1.0
IGNORED = -100

TYPES = {"F32": torch.float32, "F64": torch.float64, "I32": torch.int32}


# Trainings run side by side.
torch.set_num_threads(1)


def is_model(value):
    return isinstance(value, nn.Module)


def is_model_class(value):
    return isinstance(value, type) and issubclass(value, nn.Module)


def is_optimizer(_):
    """An optimizer is made for parameters that are given."""
    return False


def starts_alike(_):
    """Whether a model that is given begins with the same parameters for every seed."""
    return True


def forward_of(model):
    return model.forward


def for_maker(problem, _):
    """What a function that makes a model is given, as far as it wants it."""
    return (problem,)


def ready(model, _problem, _number, _file):
    return model


def for_training(model):
    """What an own training is given."""
    return model


def trained(model, said, _file):
    """What an own training means by what it says: nothing, another model or a function; else None."""
    if said is None:
        return model
    return said if callable(said) else None


def is_tensor(value):
    return isinstance(value, torch.Tensor)


def number(loss):
    return float(loss.detach() if is_tensor(loss) else loss)


def from_raw(raw, whole):
    """A tensor of whole or of real numbers, in the types that PyTorch's own losses take."""
    tensor = torch.frombuffer(raw.data, dtype=TYPES[raw.dtype]).reshape(raw.shape)
    return tensor.to(torch.int64 if whole else torch.float32)


def joined(chunks):
    """The rows of all chunks."""
    return torch.cat(chunks)


def to_raw(tensor):
    """A tensor of real numbers as a file holds it."""
    tensor = tensor.detach()
    dtype = "F64" if tensor.dtype == torch.float64 else "F32"
    data = bytearray(tensor.numel() * tensor.element_size())
    torch.frombuffer(data, dtype=TYPES[dtype]).copy_(tensor.flatten())
    return Raw(dtype, tuple(tensor.shape), data)


def rows(tensors, start, end):
    """Copies, so that a model that writes into its inputs doesn't change the data."""
    return [tensor[start:end].clone() for tensor in tensors]


def as_tensor(value):
    """A tensor of what the user's code gives; None where it holds no numbers."""
    try:
        return torch.tensor(value, dtype=torch.float64) if isinstance(value, float) else torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError):
        return None


def stacked(tensors):
    return torch.stack(tensors)


def constant(shape, value, whole):
    return torch.full(shape, value, dtype=torch.int64 if whole else torch.float32)


def one_hot(tensor, count):
    return functional.one_hot(tensor, count).float()


def is_real(tensor):
    return not tensor.is_complex()


def as_real(tensor):
    return tensor if tensor.dtype == torch.float64 else tensor.float()


@contextlib.contextmanager
def asking(model):
    """Evaluation mode without gradients. Afterwards every module has its mode, and chance goes on where it was."""
    modes = [(module, module.training) for module in model.modules()] if is_model(model) else []
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        if modes:
            model.eval()
        try:
            yield
        finally:
            # By its own method first: some models do more than to note their mode.
            if modes:
                model.train(modes[0][1])
            for module, mode in modes:
                module.training = mode


@contextlib.contextmanager
def training(model):
    """The mode that the model has, without gradients. Afterwards its buffers are as they were, and chance goes on where it was."""
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()] if is_model(model) else []
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        try:
            yield
        finally:
            for buffer, value in buffers:
                buffer.copy_(value)


def compiled(function):
    """A function of a model and of tensors. The model has its mode by itself."""
    return lambda model, tensors, _: function(model, tensors)


def hurry():
    """For a process that computes little."""


def tried(function, model, tensors):
    function(model, tensors)


def head_loss(head, output, target):
    """The mean loss of the items that count."""
    counts = target != IGNORED if head.whole else ~target.isnan()
    # Chosen before anything is computed, since even a NaN that is multiplied by 0 has a gradient of NaN.
    losses = item_losses(head, output[counts], target[counts].to(target.dtype if head.whole else output.dtype))
    return losses.sum() / max(1, len(losses))


def item_losses(head, output, target):
    if head.kind == "categorical":
        return functional.cross_entropy(output, target, reduction="none")
    if head.kind == "binary":
        return functional.binary_cross_entropy_with_logits(output, target, reduction="none")
    if head.kind == "gaussian":
        mean, log_variance = output.unbind(-1)
        return (math.log(2 * math.pi) + log_variance + (target - mean) ** 2 * (-log_variance).exp()) / 2
    if head.kind == "latent":
        # The divergence from the standard normal law; the target is the noise that was drawn.
        mean, log_variance = output.unbind(-1)
        return (log_variance.exp() - log_variance - 1 + mean**2) / 2
    above = target - output
    return above**2 if head.kind == "squared" else torch.maximum(head.level * above, (head.level - 1) * above)


def learner(model, loss_of, entry, learning_rate):
    """A function that makes one step, with a share of the learning rate, and gives the loss before it."""
    file, parameters = entry.file, list(model.parameters())
    if not any(parameter.requires_grad for parameter in parameters):
        raise Failure("not-an-entry", "the model has no parameter that can be trained", file)
    own = entry.optimizer is not None
    make = entry.optimizer if own else adam
    optimizer = optimizer_of(make, parameters, learning_rate, file)
    groups = getattr(optimizer, "param_groups", ()) if takes_learning_rate(make, 1) else ()
    rates = [(group, group["lr"]) for group in groups if "lr" in group]
    model.train()

    def step_on(inputs, targets, share):
        for group, rate in rates:
            group["lr"] = rate * share
        loss = loss_of(model, inputs, targets)
        if not loss.requires_grad:
            raise Failure("user-error", "the loss depends on no parameter that can be trained", file)
        run_user_code(file, lambda: follow(loss))
        return loss

    def follow(loss):
        optimizer.zero_grad()
        loss.backward()
        if not own:
            nn.utils.clip_grad_norm_(parameters, CLIPPED_AT)
        optimizer.step()

    return step_on


def adam(parameters, learning_rate):
    return torch.optim.Adam(parameters, lr=learning_rate, betas=(0.9, 0.999))


def optimizer_of(make, parameters, learning_rate, file):
    """What the user's factory gives for these parameters."""
    arguments = (parameters, learning_rate) if takes_learning_rate(make, 1) else (parameters,)
    optimizer = run_user_code(file, lambda: make(*arguments))
    if not all(callable(getattr(optimizer, method, None)) for method in ("step", "zero_grad")):
        kind = type(optimizer).__name__
        raise Failure("not-an-entry", f"`optimizer` gives {kind}, which has no step() and zero_grad()", file)
    return optimizer


def trajectory(make, file, given):
    """The parameters after every step of an optimizer, [steps, …] for each.

    At step t the gradient of parameters θ is linear_t + curvature θ, element by element.
    """
    parameters = [nn.Parameter(start.clone()) for start in given["start"]]
    optimizer = optimizer_of(make, parameters, given["learningRate"], file)
    visited = [[] for _ in parameters]
    for linear in zip(*given["linear"]):
        slopes = [
            slope + curvature * parameter.detach()
            for parameter, slope, curvature in zip(parameters, linear, given["curvature"])
        ]
        run_user_code(file, lambda: follow_slopes(optimizer, parameters, slopes))
        for parameter, values in zip(parameters, visited):
            values.append(parameter.detach().clone())
    return [torch.stack(values) for values in visited]


def follow_slopes(optimizer, parameters, slopes):
    optimizer.zero_grad()
    for parameter, slope in zip(parameters, slopes):
        # As backward() does it.
        parameter.grad = slope if parameter.grad is None else parameter.grad + slope
    optimizer.step()
