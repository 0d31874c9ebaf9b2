"""Trainings of generative models, each with one mistake in what is fed, asked or drawn."""

import torch
from hidden_layers import Network
from torch.nn import functional as F


def training(loss):
    """A training loop on `loss(model, inputs, targets)`, with what Assay would otherwise do."""

    def train(model, task):
        optimizer = torch.optim.Adam(model.parameters(), task.learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, task.steps)
        for inputs, targets in task.batches():
            optimizer.zero_grad()
            value = loss(model, inputs, targets)
            value.backward()
            optimizer.step()
            schedule.step()
            task.report(value)

    return {"model": Network, "train": train}


# noise-prediction: every loop makes its noisy data from clean ones.

# ᾱ of every step.
KEPT = torch.tensor([0.95, 0.7, 0.3, 0.05])[:, None]


def added(kept, data, noise):
    return kept.sqrt() * data + (1 - kept).sqrt() * noise


def diffusion(schedule=KEPT, noisy=added, target=lambda kept, data, noise: noise):
    def loss(model, inputs, noise):
        (x, t) = inputs
        data = (x - (1 - KEPT[t]).sqrt() * noise) / KEPT[t].sqrt()
        said = model(noisy(schedule[t], data, noise), t)["noise"]
        return F.mse_loss(said, target(schedule[t], data, noise))

    return training(loss)


# The table starts with the clean data.
one_step_early = diffusion(torch.cat([torch.ones(1, 1), KEPT[:-1]]))
# Steps count from 1, and the last is clipped to the table.
one_step_late = diffusion(KEPT[(torch.arange(4) + 1).clamp(max=3)])
signal_and_noise_swapped = diffusion(noisy=lambda kept, data, noise: added(1 - kept, data, noise))
predicts_the_data = diffusion(target=lambda kept, data, noise: data)
predicts_the_velocity = diffusion(target=lambda kept, data, noise: kept.sqrt() * noise - (1 - kept).sqrt() * data)

# flow-matching


def flow(target):
    """A loop that learns an end of the line, from the point and the velocity."""

    def loss(model, inputs, velocity):
        x, t = inputs
        t = t[:, None]
        start, end = x - t * velocity, x + (1 - t) * velocity
        return F.mse_loss(model(*inputs)["velocity"], target(start, end))

    return training(loss)


predicts_the_end = flow(lambda noise, data: data)
predicts_the_start = flow(lambda noise, data: noise)

# kl-direction

WEIGHTS, DEVIATION = torch.tensor([0.7, 0.3]), 0.5


def student(model, means):
    mean, log_variance = model(means)["y"].unbind(1)
    return torch.distributions.Normal(mean, (log_variance / 2).exp())


def reverse_divergence(model, inputs, _):
    """log q − log p under the model's own samples."""
    (means,) = inputs
    q = student(model, means)
    y = q.rsample((16,))
    log_p = torch.distributions.Normal(means, DEVIATION).log_prob(y[..., None]) + WEIGHTS.log()
    return (q.log_prob(y) - log_p.logsumexp(-1)).mean()


def averaged_moments(model, inputs, _):
    """The teacher's components are made one before the student sees them, by their average mean and variance."""
    (means,) = inputs
    teacher = torch.distributions.Normal(means @ WEIGHTS, DEVIATION)
    return torch.distributions.kl_divergence(teacher, student(model, means)).mean()


mode_seeking = training(reverse_divergence)
variance_of_one_component = training(averaged_moments)

# discriminator


def three_for_one(model, inputs, real):
    """The generator is asked for a whole batch at a time, and three times for every batch of real rows."""
    (x,) = inputs
    data = x[real == 1]
    generated = 3 * torch.randn(3 * len(data), 2)
    labels = torch.cat([torch.ones(len(data)), torch.zeros(len(generated))])
    return F.binary_cross_entropy_with_logits(model(torch.cat([data, generated]))["real"].squeeze(1), labels)


more_generated = training(three_for_one)
