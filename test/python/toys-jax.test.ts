/** @file `assay toys` on entries in JAX, from the file to the verdict; needs the environment of `npm run python:setup`. */
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parseResult, type ToysResult } from "../../src/result/result.ts";
import { assay, inFolderWith, type Outcome, root } from "../cli/support.ts";

beforeAll(() => {
  process.env["ASSAY_PYTHON"] ??= join(root, ".venv/bin/python");
});

const entries = `
import os, sys
import jax
import jax.numpy as jnp
import optax

sys.path.append(${JSON.stringify(join(root, "examples/toys"))})
from networks_jax import perceptron as right

def affine(problem, key):
    return right(problem, key, activation=lambda h: h)

def train(model, task):
    params, apply = model
    optimizer = optax.adam(optax.cosine_decay_schedule(3e-3, task.steps))
    state = optimizer.init(params)

    @jax.jit
    def step(params, state, inputs, targets):
        def loss_of(params):
            said = apply(params, *inputs)
            label = optax.sigmoid_binary_cross_entropy(said["label"], targets["label"]).mean()
            return label + ((said["target"] - targets["target"]) ** 2).mean()
        loss, gradients = jax.value_and_grad(loss_of)(params)
        updates, state = optimizer.update(gradients, state, params)
        return loss, optax.apply_updates(params, updates), state

    for inputs, targets in task.batches():
        loss, params, state = step(params, state, inputs, targets)
        task.report(loss, params)
    return params

trained = {"model": right, "train": train}

def broadcast_loss(outputs, targets):
    label = optax.sigmoid_binary_cross_entropy(outputs["label"], targets["label"]).mean()
    return label + ((outputs["target"][:, None] - targets["target"]) ** 2).mean()

broadcast = {"model": right, "loss": broadcast_loss, "optimizer": optax.adam}

def crashing(problem, key):
    params, apply = right(problem, key)
    def ending(params, x):
        if len(x) == problem.batch:
            os._exit(3)
        return apply(params, x)
    return params, ending

def not_a_number(problem, key):
    params, apply = right(problem, key)
    return params, lambda params, x: {name: jnp.log(said - 9) for name, said in apply(params, x).items()}

def wrong_shape(problem, key):
    params, apply = right(problem, key)
    return params, lambda params, x: list(apply(params, x).values())[:1]

def raising(problem, key):
    params, apply = right(problem, key)
    def unlike(params, x):
        if len(x) == problem.batch:
            raise ValueError("not in training")
        return apply(params, x)
    return params, unlike

functions = {
    "cross_entropy": lambda logits, labels: optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean(),
    "binary_cross_entropy": lambda logits, labels: optax.sigmoid_binary_cross_entropy(jax.nn.sigmoid(logits), labels).mean(),
    "optimizer": optax.adamw,
    "optimizer_is": {"kind": "adamw", "weight_decay": 1e-4},
}
`;

function resultOf({ output }: Outcome): ToysResult {
  const result = parseResult(JSON.parse(output));
  if (result.schema !== "assay/toys@1") throw new Error(`a result of toys, not ${result.schema}`);
  return result;
}

const raising = entries.split("\n").findIndex((line) => line.includes("raise ValueError")) + 1;
const message = "ValueError: not in training";

test.each<[string, number, object]>([
  ["right", 0, { kind: "reached" }],
  ["trained", 0, { kind: "reached" }],
  ["affine", 1, { kind: "stuck", rungs: [{ name: "affine", probe: { confirmed: true } }] }],
  ["broadcast", 1, { kind: "misreported" }],
  ["not_a_number", 1, { kind: "failed", why: "not-finite" }],
  [
    "crashing",
    1,
    { kind: "failed", why: "crashed", message: "the process ended with exit code 3 and without a word" },
  ],
  ["raising", 1, { kind: "failed", why: "user-error", message, file: "net.py", line: raising }],
])("%s", async (name, code, verdict) => {
  inFolderWith({ "net.py": entries });
  const outcome = await assay("toys", `net.py:${name}`, "--only", "xor-regression", "--json");
  expect(resultOf(outcome).outcomes).toMatchObject([{ problem: "xor-regression", verdict }]);
  expect(outcome.code).toBe(code);
});

test("a model of another shape does not fit", async () => {
  inFolderWith({ "net.py": entries });
  const { code, errors } = await assay("toys", "net.py:wrong_shape", "--only", "xor-regression");
  expect(code).toBe(2);
  expect(errors).toContain("A1301");
  expect(errors).toContain("list of length 1 where 2 outputs are wanted: `label`, `target`");
});

test("functions", async () => {
  inFolderWith({ "net.py": entries });
  const only = ["cross-entropy", "optimizer", "binary-cross-entropy"];
  const outcome = await assay("toys", "net.py:functions", "--json", "--only", ...only);
  const verdicts = resultOf(outcome).functions.map(({ slot, verdict }) => [slot, verdict.kind] as const);
  expect(Object.fromEntries(verdicts)).toEqual({
    crossEntropy: "reached",
    optimizer: "reached",
    binaryCrossEntropy: "stuck",
  });
  expect(outcome.code).toBe(1);
});
