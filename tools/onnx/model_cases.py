"""Writes the models of tools/torch/model_catalogue.py as torch.onnx exports them: python model_cases.py FOLDER [NAME ...]

FOLDER/cases.jsonl has a line for each model, NAME.onnx and NAME.json hold it. All is random by fixed seeds and computed in float64.
"""

import json
import logging
import pathlib
import sys
import warnings

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "torch"))
from cases import InDouble, tensors_in, values_of, write_cases  # noqa: E402
from model_catalogue import MODELS  # noqa: E402
from model_cases_weights import SEED, randomised  # noqa: E402


def write(target, name, make):
    torch.manual_seed(SEED)
    with InDouble():
        model, inputs, keywords = make()
        model = randomised(model.double())
        with torch.no_grad():
            outputs = model(*inputs, **keywords)
        case = {
            "inputs": [values_of(tensor) for tensor in tensors_in([*inputs, *keywords.values()])],
            "outputs": [values_of(tensor) for tensor in tensors_in(outputs)],
        }
        program = torch.onnx.export(model, tuple(inputs), kwargs=keywords, dynamo=True, verbose=False)
    program.save(str(target / f"{name}.onnx"))
    (target / f"{name}.json").write_text(json.dumps(case))


warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
torch.set_default_dtype(torch.float64)
write_cases(*sys.argv[1:], models=MODELS, write=write)
