"""Traces a function of stored arrays and inputs, with a symbolic batch where it follows one, and writes the program."""

import json
import math

import jax
import jax.extend.core

from .jaxprs import SCHEMA, Writer
from .loading import run_user_code
from .protocol import note

# All stored arrays together; where there is more, none is written.
VALUES_LIMIT = 16 * 2**20


def trace(model, inputs, file, out):
    """Writes the model's program to the path `out`."""
    call = Call(model, inputs)
    # A model that fails on its own inputs is the user's to mend.
    fixed = run_user_code(file, lambda: call.traced(call.inputs))
    document = followed(call, fixed) or call.document(fixed)
    with open(out, "w", encoding="utf-8") as target:
        json.dump(document, target)


def followed(call, fixed):
    """The program with symbolic first sizes; None where the model follows only the example's, which a note tells."""
    sizes = call.first_sizes()
    if not sizes:
        return None
    try:
        traced = call.traced(call.with_sizes(dict(zip(sizes, symbols(len(sizes))))))
        # What JAX asks of symbolic sizes only when it compiles shows at other numbers.
        other = call.traced(call.with_sizes({size: size + 3 + i for i, size in enumerate(sizes)}))
        document = call.document(traced)
    except Exception as error:  # noqa: BLE001 - whatever the user's code or JAX raises at sizes without a value
        reason = str(error).strip().split("\n", 1)[0]
    else:
        if steps(fixed.program.jaxpr) == steps(other.program.jaxpr):
            return document
        reason = "the code takes another way at other sizes"
    note(f"every size is fixed to the example's, since tracing with a symbolic batch failed: {reason}")
    return None


def symbols(count):
    return jax.export.symbolic_shape(",".join(["B", *(f"B_{i + 2}" for i in range(count - 1))]))


class Traced:
    def __init__(self, program, said, after):
        self.program, self.said, self.after = program, said, after


class Call:
    """The model's call, with the arrays among what it stores and what it is given apart from all else."""

    def __init__(self, model, inputs):
        self.model, self.given = model, inputs
        self.leaves, self.structure = jax.tree.flatten_with_path(model.stored)
        self.arrays, self.names = [], []
        self.positions = {}
        for path, leaf in self.leaves:
            if is_array(leaf):
                self.positions[keys_of(path)] = self.position(leaf, keys_of(path))
        self.inputs = {i: jax.tree.map(shape_of, given) for i, given in enumerate(inputs) if holds_arrays(given)}
        for i in range(len(inputs)):
            if i not in self.inputs:
                note(f"the argument {self.input_name(i)} was fixed when the model was traced")

    def position(self, leaf, keys):
        """Of an array among the different ones: one under two names is one parameter."""
        known = next((i for i, array in enumerate(self.arrays) if array is leaf), None)
        if known is None:
            known = len(self.arrays)
            self.arrays.append(leaf)
            self.names.append([])
        self.names[known].append(keys)
        return known

    def input_name(self, i):
        return self.model.names[i] if i < len(self.model.names) else f"input_{i}"

    def first_sizes(self):
        """The different first sizes of the inputs."""
        return list(dict.fromkeys(leaf.shape[0] for leaf in jax.tree.leaves(self.inputs) if leaf.shape))

    def with_sizes(self, sizes):
        """The inputs with others in the place of their first sizes."""

        def with_size(leaf):
            shape = (sizes[leaf.shape[0]], *leaf.shape[1:]) if leaf.shape else ()
            return jax.ShapeDtypeStruct(shape, leaf.dtype)

        return jax.tree.map(with_size, self.inputs)

    def traced(self, inputs):
        structure = {}

        def run(arrays, inputs):
            leaves = [arrays[self.positions[keys_of(path)]] if is_array(leaf) else leaf for path, leaf in self.leaves]
            said, after = self.model.call(
                self.structure.unflatten(leaves), [inputs.get(i, given) for i, given in enumerate(self.given)]
            )
            structure["said"] = [keys_of(path) for path, _ in jax.tree.flatten_with_path(said)[0]]
            structure["after"] = [keys_of(path) for path, _ in jax.tree.flatten_with_path(after)[0]]
            return said, after

        program = jax.make_jaxpr(run)([shape_of(array) for array in self.arrays], inputs)
        return Traced(program, structure["said"], structure["after"])

    def document(self, traced):
        """Everything as data."""
        program = traced.program
        writer = Writer(bytes_in([*self.arrays, *program.consts]) <= VALUES_LIMIT)
        names = [[self.model.name_of(keys) for keys in own] for own in self.names]
        parameters = [
            {"names": own, "trained": self.model.is_trained(keys[0]), "array": writer.array(array)}
            for own, keys, array in zip(names, self.names, self.arrays)
        ]
        inputs = [
            dotted(self.input_name(i), keys_of(path))
            for i, given in self.inputs.items()
            for path, _ in jax.tree.flatten_with_path(given)[0]
        ]
        return {
            "schema": SCHEMA,
            "jax": jax.__version__,
            "name": self.model.name,
            "set_up": self.model.is_set_up,
            "parameters": parameters,
            "inputs": inputs,
            "outputs": [list(keys) for keys in traced.said],
            "updates": self.updates(traced),
            "main": writer.closed(program),
            "programs": writer.programs,
            "arrays": writer.arrays,
            "frames": writer.frames,
        }

    def updates(self, traced):
        """Names of the stored arrays that the program changes."""
        jaxpr = traced.program.jaxpr
        after = jaxpr.outvars[len(traced.said) :]
        return [
            self.model.name_of(keys)
            for keys, atom in zip(traced.after, after)
            if keys in self.positions and atom is not jaxpr.invars[self.positions[keys]]
        ]


def steps(jaxpr):
    """What a program does, whatever its sizes are."""
    return [
        (equation.primitive.name, [steps(inner) for inner in jax.extend.core.jaxprs_in_params(equation.params)])
        for equation in jaxpr.eqns
    ]


def is_array(value):
    return hasattr(value, "shape") and hasattr(value, "dtype")


def holds_arrays(given):
    return any(map(is_array, jax.tree.leaves(given)))


def shape_of(value):
    return jax.ShapeDtypeStruct(value.shape, value.dtype) if is_array(value) else value


def bytes_in(leaves):
    return sum(math.prod(leaf.shape) * leaf.dtype.itemsize for leaf in leaves if is_array(leaf))


def keys_of(path):
    return tuple(jax.tree_util.keystr((key,), simple=True) for key in path)


def dotted(name, keys):
    return ".".join([name, *keys])
