"""Has Keras save a model: its file holds layers and weights, so that nothing is computed."""

import inspect
import os
import sys

from .loading import run_user_code
from .protocol import Failure, from_exception

HOW_TO_GIVE_INPUTS = (
    "call the model once, return (model, example_inputs) from {name}, or define example_inputs() in the file, for example\n"
    "def example_inputs():\n"
    "    return (np.zeros((4, 3), dtype='float32'),)"
)


def keras_model(value, file):
    """The model of Keras that a value is or makes, or None; its inputs where it comes with them; what the value is once it is called."""
    keras = sys.modules.get("keras")
    if not hasattr(keras, "Model"):
        return None, None, value
    if callable(value) and not isinstance(value, keras.Model):
        value = run_user_code(file, value)
    pair = isinstance(value, (tuple, list)) and len(value) == 2
    model, inputs = value if pair else (value, None)
    return (model, inputs, value) if isinstance(model, keras.Model) else (None, None, value)


def save(model, inputs, module, file, name, out):
    """Writes the model as a .keras file to the path `out`; the report of success."""
    is_own = type(model).__module__.startswith("keras.")
    if not is_own:
        if inputs is None and callable(getattr(module, "example_inputs", None)):
            inputs = run_user_code(file, module.example_inputs)
        model = run_user_code(file, lambda: as_functional(model, inputs, name, file))
    path = out + ".keras"
    try:
        model.save(path)
        os.replace(path, out)
    except Exception as error:  # noqa: BLE001 - layers of the user may raise anything
        raise from_exception("export", error, file) from error
    return {"ok": True, "format": "keras"}


def as_functional(model, inputs, name, file):
    """A subclassed model as the layers that its `call` uses, which is run on symbols in the place of tensors."""
    import keras

    symbols = [
        keras.Input(batch_shape=(None, *shape[1:]), dtype=dtype) for shape, dtype in shapes_of(model, inputs, name, file)
    ]
    parameters = inspect.signature(model.call).parameters
    options = {"training": False} if "training" in parameters else {}
    return keras.Model(symbols, model.call(*symbols, **options), name=model.name)


def shapes_of(model, inputs, name, file):
    """Shape and dtype of each input: of the examples, or of what the model was built for."""
    import keras

    if inputs is not None:
        listed = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
        return [(tuple(one.shape), keras.backend.standardize_dtype(one.dtype)) for one in listed]
    known = (model.get_build_config() or {}).get("input_shape")
    if known is None or not all(size is None or isinstance(size, int) for size in known):
        raise Failure("no-inputs", HOW_TO_GIVE_INPUTS.format(name=name), file)
    return [(tuple(known), model.compute_dtype)]
