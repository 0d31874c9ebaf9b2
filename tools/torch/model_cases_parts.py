"""What the cases of whole models share, whichever exporter writes them."""

import importlib.metadata
import json
import pathlib
import warnings

import torch
from cases import InDouble, first_line
from model_catalogue import MODELS

SEED = 20260101


def write_models(folder, wanted, write):
    """FOLDER/cases.jsonl has a line for each model, of which `write(folder, name, model, inputs, keywords)` writes the case."""
    warnings.simplefilter("ignore")
    torch.set_default_dtype(torch.float64)
    target = pathlib.Path(folder)
    with (target / "cases.jsonl").open("w") as lines:
        for name, (package, make) in MODELS.items():
            if wanted and name not in wanted:
                continue
            line = {"model": name, "package": package, "version": importlib.metadata.version(package), "name": name}
            try:
                torch.manual_seed(SEED)
                with InDouble():
                    model, inputs, keywords = make()
                    write(target, name, randomised(model.double()), inputs, keywords)
            except Exception as error:  # noqa: BLE001 - packages raise many kinds
                line["failed"] = first_line(error)
            lines.write(json.dumps(line) + "\n")
            lines.flush()


def randomised(model):
    """Every parameter and running statistic is random, since zeros and ones hide what they multiply."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.uniform_(-0.2, 0.2)
            if name.endswith("running_var"):
                buffer.uniform_(0.5, 1.5)
    return model.eval()
