/** @file `assay toys` on entries in PyTorch, from the file to the verdict; needs the environment of `npm run python:setup`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parseResult, type ToysResult } from "../../src/result/result.ts";
import { assay, inFolderWith, type Outcome, root } from "../cli/support.ts";

beforeAll(() => {
  process.env["ASSAY_PYTHON"] ??= join(root, ".venv/bin/python");
});

const entries = `
import torch
from torch import nn
from torch.nn import functional

class Right(nn.Module):
    activation = torch.tanh
    def __init__(self, problem):
        super().__init__()
        self.first = nn.Linear(problem.input_width, 32)
        self.second = nn.Linear(32, 32)
        self.heads = nn.ModuleList(nn.Linear(32, output.width) for output in problem.outputs)
    def forward(self, x):
        activation = type(self).activation
        h = activation(self.second(activation(self.first(x))))
        return [head(h) for head in self.heads]

class Affine(Right):
    activation = torch.nn.Identity()

def broadcast_loss(outputs, targets):
    label, value = outputs
    label_loss = functional.binary_cross_entropy_with_logits(label[:, 0], targets["label"])
    return label_loss + ((value - targets["target"]) ** 2).mean()

broadcast = {"model": Right, "loss": broadcast_loss}

def train(model, task):
    optimizer = torch.optim.Adam(model.parameters(), task.learning_rate)
    for inputs, targets in task.batches():
        label, value = model(*inputs)
        loss = functional.binary_cross_entropy_with_logits(label[:, 0], targets["label"])
        loss = loss + functional.mse_loss(value[:, 0], targets["target"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        task.report(loss)

trained = {"model": Right, "train": train}

class Raising(Right):
    def forward(self, x):
        outputs = super().forward(x)
        if self.training:
            raise ValueError("not in training")
        return outputs

wide = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))

class LeftOn(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(1, 1)
    def forward(self, x):
        return self.out(functional.dropout(x, 0.3))

functions = {
    "cross_entropy": functional.cross_entropy,
    "squared_error": lambda outputs, targets: functional.mse_loss(outputs, targets, reduction="sum"),
    "squared_error_is": "sum",
    "binary_cross_entropy": lambda logits, labels: functional.binary_cross_entropy(logits.sigmoid().sigmoid(), labels),
}
`;

const raising = entries.split("\n").findIndex((line) => line.includes("raise ValueError")) + 1;

function resultOf({ output }: Outcome): ToysResult {
  const result = parseResult(JSON.parse(output));
  if (result.schema !== "assay/toys@1") throw new Error(`a result of toys, not ${result.schema}`);
  return result;
}

test.each<[string, number, object]>([
  ["Right", 0, { kind: "reached" }],
  ["trained", 0, { kind: "reached" }],
  ["Affine", 1, { kind: "stuck", rungs: [{ name: "affine", probe: { confirmed: true } }] }],
  ["broadcast", 1, { kind: "misreported" }],
  [
    "Raising",
    1,
    {
      kind: "failed",
      why: "user-error",
      message: "ValueError: not in training",
      file: "net.py",
      line: raising,
    },
  ],
])("%s", async (name, code, verdict) => {
  inFolderWith({ "net.py": entries });
  const outcome = await assay("toys", `net.py:${name}`, "--only", "xor-regression", "--json");
  expect(resultOf(outcome).outcomes).toMatchObject([{ problem: "xor-regression", verdict }]);
  expect(outcome.code).toBe(code);
});

test("dropout that is left on is told with its rate", async () => {
  inFolderWith({ "net.py": entries });
  const { output, code } = await assay("toys", "net.py:LeftOn", "--only", "erasure");
  expect(output).toMatch(/^erasure +stuck: dropout left on /m);
  const told = /same answer with a chance of ([\d.]+) \(([\d.]+) … ([\d.]+)\)/;
  const [, rate, low, high] = told.exec(output.replaceAll(/\s+/g, " ")) ?? [];
  expect(Math.abs(Number(rate) - 0.3)).toBeLessThan(0.05);
  expect(Number(low)).toBeLessThan(0.3);
  expect(Number(high)).toBeGreaterThan(0.3);
  expect(code).toBe(1);
});

test("what a given model's outputs are read as is told", async () => {
  inFolderWith({ "net.py": entries });
  const { output, code } = await assay(
    "toys",
    "net.py:wide",
    "--only",
    "xor-regression",
    "--out",
    "out.json",
  );
  const [outcome] = resultOf({ output: readFileSync("out.json", "utf8"), code, errors: "" }).outcomes;
  expect(outcome?.verdict).toEqual({ kind: "reached" });
  const note = "the model gives 10 numbers: the first 2 are `label`, `target`, and the other 8 are not read";
  expect(outcome?.notes.at(-1)).toBe(note);
  expect(output.replaceAll(/\s+/g, " ")).toContain(`note on xor-regression: ${note}`);
  expect(code).toBe(0);
});

test("functions", async () => {
  inFolderWith({ "net.py": entries });
  const only = ["cross-entropy", "squared-error", "binary-cross-entropy"];
  const outcome = await assay("toys", "net.py:functions", "--json", "--only", ...only);
  const verdicts = resultOf(outcome).functions.map(({ slot, verdict }) => [slot, verdict] as const);
  expect(Object.fromEntries(verdicts)).toMatchObject({
    crossEntropy: { kind: "reached" },
    squaredError: { kind: "reached" },
    binaryCrossEntropy: { kind: "stuck" },
  });
  expect(outcome.code).toBe(1);
});
