"""What the cases of whole models share, whichever exporter writes them."""

import warnings

import torch
from cases import InDouble, write_cases
from model_catalogue import MODELS

SEED = 20260101


def write_models(folder, wanted, write):
    """A case for each model of the catalogue, by `write(folder, name, model, inputs, keywords)`."""

    def write_made(target, name, make):
        torch.manual_seed(SEED)
        with InDouble():
            model, inputs, keywords = make()
            write(target, name, randomised(model.double()), inputs, keywords)

    warnings.simplefilter("ignore")
    torch.set_default_dtype(torch.float64)
    write_cases(folder, *wanted, models=MODELS, write=write_made)


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
