"""Has Keras compute in float64 on PyTorch; imported before anything of Keras is used."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402


def compute_in_double():
    keras.config.set_floatx("float64")
    # Without TensorFlow, Keras computes much of a float64 model in float32.
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
    keras.config.set_dtype_policy("float64")
