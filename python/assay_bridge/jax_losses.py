"""The losses of toy problems in JAX."""

import math

import jax
import jax.numpy as jnp

IGNORED = -100


def head_loss(head, output, target):
    """The mean loss of the items that count."""
    counts = target != IGNORED if head.whole else ~jnp.isnan(target)
    # Chosen before anything is computed, since even a NaN that is multiplied by 0 has a gradient of NaN.
    chosen = jnp.where(counts if output.ndim == target.ndim else counts[..., None], output, 0)
    losses = item_losses(head, chosen, jnp.where(counts, target, 0))
    return jnp.where(counts, losses, 0).sum() / jnp.maximum(1, counts.sum())


def item_losses(head, output, target):
    if head.kind == "categorical":
        return -jnp.take_along_axis(jax.nn.log_softmax(output), target[..., None], -1)[..., 0]
    if head.kind == "binary":
        # −log p(label) of a logit z is softplus(z) − label · z.
        return jax.nn.softplus(output) - target * output
    if head.kind == "gaussian":
        mean, log_variance = output[..., 0], output[..., 1]
        return (math.log(2 * math.pi) + log_variance + (target - mean) ** 2 * jnp.exp(-log_variance)) / 2
    if head.kind == "latent":
        # The divergence from the standard normal law; the target is the noise that was drawn.
        mean, log_variance = output[..., 0], output[..., 1]
        return (jnp.exp(log_variance) - log_variance - 1 + mean**2) / 2
    above = target - output
    return above**2 if head.kind == "squared" else jnp.maximum(head.level * above, (head.level - 1) * above)
