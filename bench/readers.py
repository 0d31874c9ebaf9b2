"""Makes the models that bench/readers.ts reads, and reads them with the frameworks' own loaders.

python readers.py make FOLDER FORMAT LAYERS   writes FOLDER/LAYERS.FORMAT: so many layers y = relu(y W + b)
python readers.py load FILE TIMES             reads FILE, and TIMES more, and prints as JSON what it took
python readers.py netron                      prints the folder of Netron's sources
"""

import importlib.util
import json
import os
import pathlib
import resource
import sys
import time

WIDTH = 16


def make_onnx(path, layers):
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    generator = np.random.default_rng(0)

    def stored(name, *shape):
        return numpy_helper.from_array(generator.standard_normal(shape).astype(np.float32), name)

    def typed(name):
        return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["B", WIDTH])

    weights, nodes = [], []
    for layer in range(layers):
        weights += [stored(f"W{layer}", WIDTH, WIDTH), stored(f"b{layer}", WIDTH)]
        nodes += [
            helper.make_node("MatMul", [f"h{layer}", f"W{layer}"], [f"m{layer}"]),
            helper.make_node("Add", [f"m{layer}", f"b{layer}"], [f"a{layer}"]),
            helper.make_node("Relu", [f"a{layer}"], [f"h{layer + 1}"]),
        ]
    graph = helper.make_graph(nodes, "layers", [typed("h0")], [typed(f"h{layers}")], weights)
    onnx.save(helper.make_model(graph), path)


def make_pt2(path, layers):
    import torch
    from torch import nn

    parts = [part for _ in range(layers) for part in (nn.Linear(WIDTH, WIDTH), nn.ReLU())]
    torch.export.save(torch.export.export(nn.Sequential(*parts), (torch.randn(2, WIDTH),)), path)


def make_keras(path, layers):
    import keras

    parts = [keras.layers.Dense(WIDTH, activation="relu") for _ in range(layers)]
    keras.Sequential([keras.Input((WIDTH,)), *parts]).save(path)


def onnx_loader():
    import onnx

    return lambda path: len(onnx.load(path).graph.node)


def pt2_loader():
    import torch

    return lambda path: sum(node.op == "call_function" for node in torch.export.load(path).graph.nodes)


def keras_loader():
    import keras

    return lambda path: len(keras.saving.load_model(path).layers)


def load(path, times):
    reader = {".onnx": onnx_loader, ".pt2": pt2_loader, ".keras": keras_loader}[pathlib.Path(path).suffix]()
    nodes = reader(path)
    cold, peak = time.process_time() * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    again = []
    for _ in range(int(times)):
        start = time.process_time()
        reader(path)
        again.append((time.process_time() - start) * 1000)
    print(json.dumps({"nodes": nodes, "cold": cold, "mebibytes": peak, "again": again}))


def main(command, *rest):
    os.environ.setdefault("KERAS_BACKEND", "torch")
    if command == "make":
        folder, ending, layers = rest
        makers = {"onnx": make_onnx, "pt2": make_pt2, "keras": make_keras}
        makers[ending](str(pathlib.Path(folder) / f"{layers}.{ending}"), int(layers))
    elif command == "load":
        load(*rest)
    else:
        print(pathlib.Path(importlib.util.find_spec("netron").origin).parent)


main(*sys.argv[1:])
