"""Python's own chance, and NumPy's."""

import random
import sys


def seed_python(number):
    random.seed(number)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(number % 2**32)
