/** @file Keras models in `.py` files, from the file to the verdict; needs the environment of `npm run python:setup`. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { assay, inFolderWith, root } from "../cli/support.ts";

beforeAll(() => {
  process.env["ASSAY_PYTHON"] ??= join(root, ".venv/bin/python");
  process.env["KERAS_BACKEND"] = "torch";
});

const model = `
import keras
import numpy as np
from keras import layers

def functional():
    x = keras.Input((3,), name="x")
    return keras.Model(x, layers.Dense(2)(layers.Dense(8, activation="tanh")(x)))

class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = layers.Dense(8, activation="tanh")
        self.second = layers.Dense(2)

    def call(self, x, training=None):
        return self.second(self.first(x))

class Branching(Net):
    def call(self, x):
        return self.first(x) if keras.ops.sum(x) > 0 else x

def subclassed():
    return Net(), np.zeros((4, 3), dtype="float32")

def branching():
    return Branching(), np.zeros((4, 3), dtype="float32")
`;

const spec = `
Net(x : [B, 3]) -> y : [B, 2]
  h = tanh(x W_1 + b_1)
  y = h W_2 + b_2
where
  W_1 : [3, 8]
  b_1 : [8]
  W_2 : [8, 2]
  b_2 : [2]
`;

describe("a Keras model in a .py file", () => {
  test.each(["functional", "subclassed"])("%s is proved to be the model of a specification", async (name) => {
    inFolderWith({ "net.py": model, "net.txt": spec });
    const { code, output } = await assay("check", `net.py:${name}`, "--spec", "net.txt");
    expect(output).toMatch(/^equal /);
    expect(output).toMatch(/W_1 = dense\w*\/kernel/);
    expect(code).toBe(0);
  });

  test("a subclassed model that was never called asks for inputs", async () => {
    inFolderWith({ "net.py": model });
    const { code, errors } = await assay("read", "net.py:Net");
    expect(code).toBe(2);
    expect(errors).toMatch(/^A1009 /);
    expect(errors).toContain("call the model once");
  });

  test("a branch on data is an error of the code, told in one message", async () => {
    inFolderWith({ "net.py": model });
    const { code, output, errors } = await assay("read", "net.py:branching");
    expect([code, output]).toEqual([2, ""]);
    expect(errors).toMatch(/^A1006 /);
  });
});
