"""Networks for toy problems in JAX: any inputs, and a head for every output. A model is its parameters and a function of them."""

import math

import jax
import jax.numpy as jnp


def perceptron(problem, key, width=64, depth=2, activation=jax.nn.relu):
    """Hidden layers on all inputs at once."""
    sizes = [sum(math.prod(field.shape) * (field.count or 1) for field in problem.inputs), *[width] * depth]
    keys = iter(jax.random.split(key, depth + len(problem.outputs)))
    hidden = [layer(next(keys), before, after) for before, after in zip(sizes, sizes[1:])]
    heads = {output.name: layer(next(keys), width, math.prod(output.shape)) for output in problem.outputs}

    def apply(params, *inputs):
        h = jnp.concatenate([features(x, field) for x, field in zip(inputs, problem.inputs)], 1)
        for one in params["hidden"]:
            h = activation(linear(one, h))
        return {
            output.name: linear(params["heads"][output.name], h).reshape(-1, *output.shape) for output in problem.outputs
        }

    return {"hidden": hidden, "heads": heads}, apply


def transformer(problem, key, width=32, depth=2, head_count=4):
    """Attention along the sequence; in causal problems an item sees none after it."""
    length = problem.length
    causal = "causal" in problem.tags
    item = sum(math.prod(field.shape[1:]) * (field.count or 1) for field in problem.inputs)
    keys = iter(jax.random.split(key, 2 + 4 * depth + len(problem.outputs)))
    params = {
        "embed": layer(next(keys), item, width),
        "positions": 0.5 * jax.random.normal(next(keys), (length, width)),
        "blocks": [
            {
                "queries": layer(next(keys), width, 3 * width),
                "out": layer(next(keys), width, width),
                "up": layer(next(keys), width, 4 * width),
                "down": layer(next(keys), 4 * width, width),
            }
            for _ in range(depth)
        ],
        "heads": {
            output.name: layer(next(keys), width, math.prod(output.shape) // (length if of_items(output, length) else 1))
            for output in problem.outputs
        },
    }

    def attention(block, h):
        parts = jnp.split(linear(block["queries"], h), 3, -1)
        queries, keys, values = (part.reshape(*part.shape[:2], head_count, -1) for part in parts)
        seen = jax.nn.dot_product_attention(queries, keys, values, is_causal=causal)
        return linear(block["out"], seen.reshape(h.shape))

    def apply(params, *inputs):
        parts = [one_hot(x, field) for x, field in zip(inputs, problem.inputs)]
        items = jnp.concatenate([part.reshape(*part.shape[:2], -1) for part in parts], -1)
        h = linear(params["embed"], items) + params["positions"]
        for block in params["blocks"]:
            h = h + attention(block, normalised(h))
            h = h + linear(block["down"], jax.nn.relu(linear(block["up"], normalised(h))))
        h = normalised(h)
        return {
            output.name: linear(
                params["heads"][output.name], h if of_items(output, length) else h.mean(1)
            ).reshape(-1, *output.shape)
            for output in problem.outputs
        }

    return params, apply


def layer(key, size_in, size_out):
    """Weights and biases as PyTorch starts them: uniform up to 1 / √size_in."""
    bound = size_in**-0.5
    weight, bias = jax.random.split(key)
    return {
        "weight": jax.random.uniform(weight, (size_in, size_out), minval=-bound, maxval=bound),
        "bias": jax.random.uniform(bias, (size_out,), minval=-bound, maxval=bound),
    }


def linear(params, x):
    return x @ params["weight"] + params["bias"]


def normalised(h):
    return jax.nn.standardize(h, epsilon=1e-5)


def one_hot(values, field):
    """Whole numbers as one-hot vectors, real ones as they are."""
    return jax.nn.one_hot(values, field.count) if field.whole else values


def features(values, field):
    """All numbers of a row in one line: [B, features]."""
    return one_hot(values, field).reshape(len(values), -1)


def of_items(output, length):
    """Whether the output says something of every item."""
    return output.items[:1] == (length,)
