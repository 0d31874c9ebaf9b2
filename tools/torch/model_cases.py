"""Writes cases of whole models from their packages, small and with random weights: python model_cases.py FOLDER [NAME ...]

FOLDER/cases.jsonl has a line for each model. Weights and inputs are float64 and random by fixed seeds, and all is computed in float64; nothing is
downloaded.
"""

import importlib.metadata
import json
import pathlib
import sys
import warnings

import torch
from cases import InDouble, first_line, write_case
from model_cases_weights import SEED, randomised
from model_catalogue import MODELS

def write(target, name, make):
    torch.manual_seed(SEED)
    with InDouble():
        model, inputs, keywords = make()
        write_case(target, name, randomised(model.double()), inputs, keywords)


def main(folder, *wanted):
    warnings.simplefilter("ignore")
    torch.set_default_dtype(torch.float64)
    target = pathlib.Path(folder)
    with (target / "cases.jsonl").open("w") as lines:
        for name, (package, make) in MODELS.items():
            if wanted and name not in wanted:
                continue
            line = {"model": name, "package": package, "version": importlib.metadata.version(package), "name": name}
            try:
                write(target, name, make)
            except Exception as error:  # noqa: BLE001 - packages raise many kinds
                line["failed"] = first_line(error)
            lines.write(json.dumps(line) + "\n")
            lines.flush()


main(*sys.argv[1:])
