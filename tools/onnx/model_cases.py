"""Writes the models of tools/torch/model_catalogue.py as torch.onnx exports them: python model_cases.py FOLDER [NAME ...]

FOLDER/cases.jsonl has a line for each model, NAME.onnx and NAME.json hold it. All is random by fixed seeds and computed in float64.
"""

import json
import logging
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "torch"))
from cases import computed  # noqa: E402
from model_cases_parts import write_models  # noqa: E402


def write(folder, name, model, inputs, keywords):
    case = computed(model, inputs, keywords)
    program = torch.onnx.export(model, tuple(inputs), kwargs=keywords, dynamo=True, verbose=False)
    program.save(str(folder / f"{name}.onnx"))
    (folder / f"{name}.json").write_text(json.dumps(case))


logging.disable(logging.CRITICAL)
write_models(sys.argv[1], sys.argv[2:], write)
