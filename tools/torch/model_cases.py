"""Writes cases of whole models from their packages, small and with random weights: python model_cases.py FOLDER [NAME ...]

FOLDER/cases.jsonl has a line for each model. Weights and inputs are float64 and random by fixed seeds, and all is computed in float64; nothing is
downloaded.
"""

import sys

from cases import write_case
from model_cases_parts import write_models

write_models(sys.argv[1], sys.argv[2:], write_case)
