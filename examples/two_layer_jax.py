"""The networks of two_layer.py in JAX: as a function of its parameters, in flax.linen, and in flax.nnx."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from flax import nnx

INPUT, HIDDEN, OUTPUT = 4, 8, 2


def mlp(params, x):
    h = jnp.tanh(x @ params["first"]["w"] + params["first"]["b"])
    return h @ params["second"]["w"] + params["second"]["b"]


class Mlp(nn.Module):
    @nn.compact
    def __call__(self, x):
        h = jnp.tanh(nn.Dense(HIDDEN, name="first")(x))
        return nn.Dense(OUTPUT, name="second")(h)


class WrongActivation(nn.Module):
    """Wrong: relu where tanh is meant."""

    @nn.compact
    def __call__(self, x):
        h = nn.relu(nn.Dense(HIDDEN, name="first")(x))
        return nn.Dense(OUTPUT, name="second")(h)


class Normalised(nnx.Module):
    def __init__(self, rngs):
        self.norm = nnx.LayerNorm(INPUT, use_bias=False, use_scale=False, epsilon=1e-5, rngs=rngs)
        self.first = nnx.Linear(INPUT, HIDDEN, rngs=rngs)
        self.second = nnx.Linear(HIDDEN, OUTPUT, rngs=rngs)

    def __call__(self, x):
        return self.second(jnp.tanh(self.first(self.norm(x))))


class AttentionPool(nn.Module):
    @nn.compact
    def __call__(self, x):
        h = jnp.tanh(nn.Dense(HIDDEN, name="first")(x))
        a = jax.nn.softmax(nn.Dense(1, use_bias=False, name="score")(h), axis=1)
        return nn.Dense(OUTPUT, name="second")((a * h).sum(axis=1))


def example_inputs():
    return (jnp.ones((3, INPUT)),)


def make_function():
    keys = jax.random.split(jax.random.key(0))
    params = {
        "first": {"w": jax.random.normal(keys[0], (INPUT, HIDDEN)), "b": jnp.zeros(HIDDEN)},
        "second": {"w": jax.random.normal(keys[1], (HIDDEN, OUTPUT)), "b": jnp.zeros(OUTPUT)},
    }
    return params, mlp


def make_normalised():
    return Normalised(nnx.Rngs(0))


def make_attention_pool():
    return AttentionPool(), (jnp.ones((3, 5, INPUT)),)
