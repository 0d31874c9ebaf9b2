"""Convolutions for images, each with one mistake."""

import torch
from torch import nn
from torch.nn import functional as F


class Convolutions(nn.Module):
    """Kernels that reach around the edges, and an answer for every pixel, or one for the mean of all."""

    width, depth = 16, 2
    kernel, padding, padding_mode = 3, 1, "circular"
    activation = nn.ReLU

    def __init__(self, problem):
        super().__init__()
        (self.output,) = problem.outputs
        self.layers = nn.Sequential()
        channels = problem.inputs[0].shape[0]
        for _ in range(self.depth):
            layer = nn.Conv2d(channels, self.width, self.kernel, padding=self.padding, padding_mode=self.padding_mode)
            self.layers.extend((layer, self.activation()))
            channels = self.width
        self.head = nn.Conv2d(channels, 1, 1)

    def read(self, image):
        return image

    def forward(self, image):
        said = self.head(self.layers(self.read(image))).squeeze(1)
        return said if self.output.items else said.mean((1, 2))


class StoredAsBytes(Convolutions):
    """Pixels are scaled for the network, and then stored as whole numbers again, which are all 0."""

    def read(self, image):
        return (image / 255).to(torch.uint8).float()


# row-or-column


class WithoutActivation(Convolutions):
    activation = nn.Identity


class KernelsOfOne(Convolutions):
    kernel, padding = 1, 0


class TurnedInTraining(Convolutions):
    """Images are augmented as if a turned one meant the same."""

    def read(self, image):
        turned = self.training & (torch.rand(len(image), 1, 1, 1) < 0.5)
        return torch.where(turned, image.transpose(2, 3), image)


class CroppedToTheMiddle(Convolutions):
    """What is meant for photographs, whose edges matter little."""

    def read(self, image):
        size = image.shape[2]
        middle = slice(size // 4, size - size // 4)
        return image[:, :, middle, middle]


# shifted-image


class KernelsTurned(Convolutions):
    """Kernels are meant to reach along the height."""

    kernel, padding = (1, 5), (0, 2)


class OneLayer(Convolutions):
    depth = 1


class PaddedBelow(OneLayer):
    """The padding comes after the last row in place of before the first."""

    padding = (0, 1)

    def read(self, image):
        return F.pad(image, (0, 0, 0, 2))


class PaddedWithZeros(Convolutions):
    padding_mode = "zeros"


class StrideOfTwo(nn.Module):
    """A kernel of 1 moves on by two pixels; what lies between is filled in at the end."""

    def __init__(self, width=16):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, width, 1, stride=2),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, padding_mode="circular"),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 2, stride=2),
        )

    def forward(self, image):
        return self.layers(image).squeeze(1)


class PooledFirst(nn.Module):
    """The average of blocks is taken before anything is read from them."""

    def __init__(self, width=16):
        super().__init__()
        self.layers = nn.Sequential(
            nn.AvgPool2d(2),
            nn.Conv2d(1, 2 * width, 3, padding=1, padding_mode="circular"),
            nn.ReLU(),
            nn.Conv2d(2 * width, width, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 2, stride=2),
        )

    def forward(self, image):
        return self.layers(image).squeeze(1)
