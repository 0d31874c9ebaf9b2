"""Writes cases of whole models from their packages, small and with random weights: python model_cases.py FOLDER [NAME ...]

FOLDER/cases.jsonl has a line for each model. Weights and inputs are float64 and random by fixed seeds, and all is computed in float64; nothing is
downloaded.
"""

import sys
import warnings

import torch
from cases import InDouble, write_case, write_cases
from model_cases_weights import SEED, randomised
from model_catalogue import MODELS

def write(target, name, make):
    torch.manual_seed(SEED)
    with InDouble():
        model, inputs, keywords = make()
        write_case(target, name, randomised(model.double()), inputs, keywords)


warnings.simplefilter("ignore")
torch.set_default_dtype(torch.float64)
write_cases(*sys.argv[1:], models=MODELS, write=write)
