"""A traced program of JAX as data: equations, types, parameters of primitives, places in the source."""

import base64
import dataclasses
import enum
import linecache
import math
import pathlib
import sysconfig

import jax
import numpy
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

SCHEMA = "assay/jaxpr@1"
# Frames of the user's own code that are kept for an equation.
FRAMES_LIMIT = 16

NOT_THE_USERS = (
    *{sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib", "platstdlib")},
    str(pathlib.Path(__file__).parent),
)


class NoPolynomial(Exception):
    """A size such as half of the batch, rounded down."""


class Writer:
    """Collects what equations share: inner programs, arrays, frames."""

    def __init__(self, keeps_values):
        self.programs, self.arrays, self.frames = [], [], []
        self._keeps_values = keeps_values
        self._known = {}
        # Held, so that no other object gets the same id.
        self._held = []

    def once(self, value, into, write):
        """The number of what an object is written as."""
        if id(value) not in self._known:
            written = write()
            into.append(written)
            self._held.append(value)
            self._known[id(value)] = len(into) - 1
        return self._known[id(value)]

    # Programs

    def closed(self, closed):
        return self.program(closed.jaxpr, closed.consts)

    def program(self, jaxpr, consts=()):
        """Inner programs are written before those that hold them."""
        return self.once(jaxpr, self.programs, lambda: self.written(jaxpr, consts))

    def written(self, jaxpr, consts):
        numbers = {}
        inputs = [self.binder(var, numbers) for var in [*jaxpr.constvars, *jaxpr.invars]]
        return {
            "constants": [self.array(const) for const in consts],
            "inputs": inputs,
            "equations": [self.equation(equation, numbers) for equation in jaxpr.eqns],
            "outputs": [self.atom(atom, numbers) for atom in jaxpr.outvars],
        }

    def equation(self, equation, numbers):
        written = {
            "primitive": equation.primitive.name,
            "inputs": [self.atom(atom, numbers) for atom in equation.invars],
            "params": {key: self.value(value) for key, value in equation.params.items()},
            "outputs": [self.binder(var, numbers) for var in equation.outvars],
        }
        scope = str(equation.source_info.name_stack)
        frames = self.frames_of(equation.source_info.traceback)
        return written | ({"scope": scope} if scope else {}) | ({"frames": frames} if frames else {})

    def binder(self, var, numbers):
        numbers[var] = len(numbers)
        return {"id": numbers[var], **type_of(var.aval)}

    def atom(self, atom, numbers):
        if not isinstance(atom, Literal):
            return numbers[atom]
        if numpy.ndim(atom.val) > 0:
            return {"array": self.array(atom.val), **type_of(atom.aval)}
        return {"literal": plain(numpy.asarray(atom.val).item()), **type_of(atom.aval)}

    # Values

    def value(self, value):
        """A parameter of a primitive; of what is no data only the name of its type."""
        if isinstance(value, ClosedJaxpr):
            return {"program": self.closed(value)}
        if isinstance(value, Jaxpr):
            return {"program": self.program(value)}
        if isinstance(value, enum.Enum):
            return value.name
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return {key: self.value(item) for key, item in value._asdict().items()}
        if isinstance(value, (tuple, list)):
            return [self.value(item) for item in value]
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: self.value(getattr(value, field.name)) for field in dataclasses.fields(value)}
        if jax.export.is_symbolic_dim(value):
            return size(value)
        if isinstance(value, (numpy.ndarray, jax.Array)) and value.ndim > 0:
            return {"array": self.array(value)}
        if isinstance(value, numpy.dtype):
            return value.name
        return plain(value)

    def array(self, value):
        return self.once(value, self.arrays, lambda: type_of(value) | self.numbers(value))

    def numbers(self, value):
        """Little-endian, in a dtype that holds the array's numbers exactly; nothing for keys and the like."""
        if not self._keeps_values or not isinstance(value, (numpy.ndarray, jax.Array)):
            return {}
        try:
            array = numpy.asarray(value)
        except TypeError:
            return {}
        stored = {"f": "<f4" if array.itemsize <= 4 else "<f8", "i": "<i8", "u": "<i8", "b": "<i8", "V": "<f4"}
        if array.dtype.kind not in stored:
            return {}
        return {"values": base64.b64encode(array.astype(stored[array.dtype.kind]).tobytes()).decode("ascii")}

    # Places

    def frames_of(self, traceback):
        """The user's own frames, the innermost first."""
        own = [] if traceback is None else [frame for frame in traceback.frames if is_users(frame.file_name)]
        return [self.frame(frame) for frame in own[:FRAMES_LIMIT]]

    def frame(self, frame):
        key = (frame.file_name, frame.line_num, frame.function_name)
        if key not in self._known:
            code = linecache.getline(frame.file_name, frame.line_num).strip()
            self.frames.append({"file": key[0], "line": key[1], "function": key[2], "code": code})
            self._known[key] = len(self.frames) - 1
        return self._known[key]


def is_users(file):
    return not file.startswith(NOT_THE_USERS) and not file.startswith("<")


def type_of(value):
    """Of arrays and of what stands for them. Tokens and references have a name only."""
    if not hasattr(value, "dtype"):
        return {"dtype": type(value).__name__, "shape": []}
    return {"dtype": str(value.dtype), "shape": [size(axis) for axis in value.shape]}


def size(axis):
    if not jax.export.is_symbolic_dim(axis):
        return int(axis)
    text = str(axis)
    if "(" in text:
        raise NoPolynomial(text)
    return {"size": text}


def plain(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, numpy.bool_):
        return bool(value)
    if isinstance(value, (int, numpy.integer)):
        return int(value)
    if isinstance(value, (float, numpy.floating)) or getattr(value, "ndim", None) == 0 and value.dtype.kind == "f":
        number = float(value)
        return number if math.isfinite(number) else {"number": str(number)}
    return {"other": type(value).__name__}
