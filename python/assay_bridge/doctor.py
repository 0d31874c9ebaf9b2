"""What is installed in this Python."""

import platform
from importlib import metadata


def version_of(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def doctor():
    """Versions, `null` for what is missing. Imports nothing heavy."""
    return {
        "ok": True,
        "python": platform.python_version(),
        **{package: version_of(package) for package in ("torch", "jax", "numpy")},
    }
