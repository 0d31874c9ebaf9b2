/** @file PyTorch models in `.py` files, from the file to the verdict; needs the environment of `npm run python:setup`. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { assay, inFolderWith, root } from "../cli/support.ts";

const golden = (code: string): string => join(root, "test/errors", `${code}.txt`);

beforeAll(() => {
  process.env["ASSAY_PYTHON"] ??= join(root, ".venv/bin/python");
});

const model = `
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 8)
        self.second = nn.Linear(8, 2)

    def forward(self, x):
        return self.second(torch.tanh(self.first(x)))

class Branching(Net):
    def forward(self, x):
        return self.first(x) if x.sum() > 0 else -self.first(x)

class Raising(Net):
    def forward(self, x):
        raise ValueError("no way forward")

inputs = (torch.zeros(4, 3),)

def make():
    print("this must not reach standard output")
    return Net().eval(), inputs

def branching():
    return Branching().eval(), inputs

def raising():
    return Raising().eval(), inputs

def number():
    return 5

def distillation(student, teacher, x):
    with torch.no_grad():
        wanted = teacher(x)
    loss = (student(x) - wanted).pow(2).mean()
    return loss

def two():
    return distillation, (nn.Linear(3, 2), Net().requires_grad_(False), torch.zeros(4, 3))

def models():
    return [Net(), Net()]
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

describe("a model in a .py file", () => {
  test("is read as equations with its lines, and nothing else on standard output", async () => {
    inFolderWith({ "net.py": model });
    const { code, output } = await assay("read", "net.py:make", "--source");
    expect(output).toMatch(/^Net\(x : \[B, 3\]\) -> /);
    expect(output).toMatch(/ = tanh\(x W_1 \+ b_1\) W_2 \+ b_2 +net\.py:12/);
    expect(output).not.toContain("this must not");
    expect(code).toBe(0);
  });

  test("is proved to be the model of a specification, and not of another", async () => {
    inFolderWith({ "net.py": model, "net.txt": spec, "other.txt": spec.replace("tanh(", "sigmoid(") });
    const equal = await assay("check", "net.py:make", "--spec", "net.txt");
    expect(equal.output).toMatch(/^equal /);
    expect(equal.code).toBe(0);
    const different = await assay("check", "net.py:make", "--spec", "other.txt");
    expect(different.output).toMatch(/^different .*net\.py:12/);
    expect(different.code).toBe(1);
  });
});

test("a function of several models says how they feed each other, and each is defined once", async () => {
  inFolderWith({ "net.py": model });
  const { code, output } = await assay("read", "net.py:two");
  expect(output).toMatch(/^distillation\(x : \[B, 3\]\) -> loss : \[\]\n/);
  expect(output).toMatch(/ loss = mean\(\(Student\(x\) - stop_gradient\(Teacher\(x\)\)\)\^2\) /);
  expect(output).toMatch(/\nStudent\(x : \[B, 3\]\) = x weight \+ bias .* 8 parameters\n/);
  expect(output).toMatch(/\nTeacher\(x : \[B, 3\]\) = .* 0 parameters\nwhere W_1 : \[3, 8\] not trained,/);
  expect(code).toBe(0);
});

describe("messages", () => {
  test.each([
    ["A1008", "number", 2],
    ["A1009", "Net", 2],
    ["A5004", "branching", 3],
  ])("%s", async (message, name, exit) => {
    inFolderWith({ "net.py": model });
    const { code, output, errors } = await assay("read", `net.py:${name}`);
    expect([code, output]).toEqual([exit, ""]);
    await expect(errors).toMatchFileSnapshot(golden(message));
  });

  test("A1008 of several models without a function", async () => {
    inFolderWith({ "gan.py": model });
    const { code, errors } = await assay("read", "gan.py:models");
    expect(code).toBe(2);
    expect(errors).toMatch(
      /^A1008 .*\n {2}at {4}gan\.py {2}models\n {2}got {3}several models, and no function/,
    );
    expect(errors).toContain("        def models():\n            return losses, (generator, discriminator,");
  });

  test("the line of the user's code that raises", async () => {
    inFolderWith({ "net.py": model });
    const { code, errors } = await assay("read", "net.py:raising");
    expect(code).toBe(2);
    expect(errors).toContain(
      "A1006  the code can't be run\n  at    net.py:20  raising\n  got   ValueError: no way forward\n",
    );
  });

  test("a name that is not there", async () => {
    inFolderWith({ "net.py": model });
    const { code, errors } = await assay("read", "net.py:mak");
    expect(code).toBe(2);
    expect(errors).toMatch(
      /^A1005 .*\n {2}at {4}net\.py {2}mak\n {2}got .*net\.py has no mak; it has .*make/,
    );
  });
});
