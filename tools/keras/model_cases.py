"""Writes the models of keras_catalogue.py as Keras saves them: python model_cases.py FOLDER [NAME ...]

FOLDER/cases.jsonl has a line for each model, NAME.keras and NAME.json hold it. All is random by fixed seeds and computed in float64 on
PyTorch. Files are written as Assay's bridge does for `net.py:NAME`, so that classes are read by what their `call` uses.
"""

import json
import pathlib
import sys

from double import compute_in_double

import keras
import numpy as np
import torch

ROOT = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tools" / "torch"), str(ROOT / "python")]
from assay_bridge.keras_export import save  # noqa: E402
from cases import values_of, write_cases  # noqa: E402
from keras_catalogue import MODELS  # noqa: E402

SEED = 20260101


def randomise(model):
    """Weights keep the size that they start with; those that start as zeros and ones hide what they multiply."""
    random = np.random.default_rng(SEED)
    for weight in model.weights:
        if "seed" in weight.path or weight.path.endswith("count"):
            continue
        values = keras.ops.convert_to_numpy(weight)
        if "variance" in weight.path:
            values = random.uniform(0.5, 1.5, size=values.shape)
        weight.assign(values + (0 if "variance" in weight.path else 0.05 * random.normal(size=values.shape)))


def listed(model, results):
    """Tensors in the order in which the model names them."""
    if isinstance(results, dict):
        return [results[name] for name in model.output]
    return results if isinstance(results, (list, tuple)) else [results]


def write(folder, name, make):
    keras.utils.clear_session()
    keras.utils.set_random_seed(SEED)
    model, inputs = make()
    randomise(model)
    with torch.no_grad():
        results = listed(model, model(inputs if len(inputs) > 1 else inputs[0], training=False))
    if isinstance(inputs, dict):
        inputs = list(inputs.values())
    save(model, inputs, None, f"{name}.py", "make", str(folder / f"{name}.keras"))
    case = {"inputs": [values_of(torch.from_numpy(x)) for x in inputs], "outputs": [values_of(y) for y in results]}
    (folder / f"{name}.json").write_text(json.dumps(case))


compute_in_double()
write_cases(*sys.argv[1:], models={name: ("keras", make) for name, make in MODELS.items()}, write=write)
