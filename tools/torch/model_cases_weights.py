"""Random weights for the cases of whole models."""

import torch

SEED = 20260101


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
