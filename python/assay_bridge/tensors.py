"""Files of named tensors in the safetensors format, without any library."""

import json
import math
import os
from typing import NamedTuple

from .protocol import Failure

SIZES = {"F32": 4, "F64": 8, "I32": 4}
HEAD_LENGTH = 8
# Beyond what any header of Assay's needs; a longer one is not read.
LONGEST_HEADER = 1 << 24


class Raw(NamedTuple):
    """A tensor as its file holds it."""

    dtype: str
    shape: tuple
    data: bytearray


def read_tensors(path):
    """The tensors of a file by name; a Failure that says what is wrong where it is not such a file."""
    try:
        with open(path, "rb") as file:
            return read_from(file, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise Failure("no-file", f"{path} can't be read: {error.strerror}", str(path)) from error
    except ValueError as error:
        raise Failure("no-file", f"{path} is no safetensors file: {error}", str(path)) from error


def read_from(file, size):
    length = int.from_bytes(file.read(HEAD_LENGTH), "little")
    start = HEAD_LENGTH + length
    if size < HEAD_LENGTH or length > LONGEST_HEADER or start > size:
        raise ValueError(f"a header of {length} bytes does not fit into {size} bytes")
    # JSONDecodeError and UnicodeDecodeError are ValueErrors.
    header = json.loads(file.read(length).decode())
    if not isinstance(header, dict):
        raise ValueError("its header is not a JSON object")
    places = {name: place_of(name, entry, size - start) for name, entry in header.items() if name != "__metadata__"}
    tensors = {}
    for name, (dtype, shape, offset, count) in places.items():
        data = bytearray(count)
        file.seek(start + offset)
        if file.readinto(data) != count:
            raise ValueError(f"{name} ends early")
        tensors[name] = Raw(dtype, shape, data)
    return tensors


def place_of(name, entry, length):
    """Type, shape, first byte and number of bytes of a tensor among `length` bytes."""
    entry = entry if isinstance(entry, dict) else {}
    dtype, shape, offsets = (entry.get(key) for key in ("dtype", "shape", "data_offsets"))
    if dtype not in SIZES:
        raise ValueError(f"{name} has the type {dtype}, which is not read")
    if not are_sizes(shape) or not are_sizes(offsets) or len(offsets) != 2:
        raise ValueError(f"{name} has no shape and place")
    start, end = offsets
    if end > length or end - start != math.prod(shape) * SIZES[dtype]:
        raise ValueError(f"{name} with shape {shape} does not lie at {start} to {end} of {length} bytes")
    return dtype, tuple(shape), start, end - start


def are_sizes(value):
    return isinstance(value, list) and all(type(size) is int and size >= 0 for size in value)


def write_tensors(path, tensors):
    """Writes {name: Raw}; whoever waits for the file never sees half of it."""
    end = 0
    header = {}
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + len(data)]}
        end += len(data)
    text = json.dumps(header).encode()
    # Numbers begin at a multiple of eight bytes.
    text = text.ljust(-(-len(text) // 8) * 8)
    unfinished = path.with_name(path.name + ".part")
    try:
        with open(unfinished, "wb") as file:
            file.write(len(text).to_bytes(HEAD_LENGTH, "little") + text)
            for tensor in tensors.values():
                file.write(tensor.data)
        os.replace(unfinished, path)
    except OSError as error:
        raise Failure("no-file", f"{path} can't be written: {error.strerror}", str(path)) from error
