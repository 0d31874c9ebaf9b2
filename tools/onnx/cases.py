"""Writes the ONNX backend's node tests, which the `onnx` package makes, as models and JSON: python tools/onnx/cases.py FOLDER

Each case is FOLDER/NAME.onnx and FOLDER/NAME.json with its inputs, the expected outputs and the tolerances.
"""

import json
import math
import pathlib
import sys
import warnings

import numpy as np
import onnx
from onnx.backend.test.case.node import collect_testcases


KNOWN = {"float64", "float32", "float16", "bfloat16", "bool"} | {f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64)}


def number(value):
    """JSON has no infinities and no NaN, and no integers beyond 2^53."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value if not isinstance(value, int) or abs(value) < 2**53 else str(value)


def value_of(value):
    """A tensor, a list of tensors, or null; `kind` says what a value is that has no numbers."""
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        return [value_of(item) for item in value]
    if isinstance(value, dict):
        return {"kind": "map"}
    if isinstance(value, onnx.TensorProto):
        value = onnx.numpy_helper.to_array(value)
    array = np.asarray(value)
    name = str(array.dtype)
    if name.startswith(("object", "<U", "|S")):
        return {"kind": "text"}
    if name not in KNOWN:
        return {"kind": name}
    wide = array.astype(np.float64) if array.dtype.kind not in "iub" else array
    return {"shape": list(array.shape), "dtype": name, "values": [number(x) for x in wide.reshape(-1).tolist()]}


def named(infos, values):
    return [{"name": info.name, "value": value_of(value)} for info, value in zip(infos, values, strict=False)]


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    for case in collect_testcases(None):
        inputs, outputs = case.data_sets[0]
        (folder / f"{case.name}.onnx").write_bytes(case.model.SerializeToString())
        content = {
            "rtol": case.rtol,
            "atol": case.atol,
            "inputs": named(case.model.graph.input, inputs),
            "outputs": named(case.model.graph.output, outputs),
        }
        (folder / f"{case.name}.json").write_text(json.dumps(content))
    print(onnx.__version__)


main()
