/** @file The bridge's protocol from Assay's side, spoken by programs that stand in for Python. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { findPython } from "../../src/cli/find-python.ts";
import { readPython } from "../../src/cli/python.ts";
import { Unsupported } from "../../src/diag/diagnostic.ts";
import { assay, inFolderWith, root } from "./support.ts";

const golden = (code: string): string => join(root, "test/errors", `${code}.txt`);

/** A folder with a model's file, and a program that answers as `shell` says instead of Python. */
function withPython(shell: string): void {
  inFolderWith({ "net.py": "", python: `#!/bin/sh\n${shell}\n` });
  chmodSync("python", 0o755);
  vi.stubEnv("ASSAY_PYTHON", resolve("python"));
}

let before: readonly string[];
const temporaryFolders = (): string[] => readdirSync(tmpdir()).filter((name) => /^assay-[^t]/.test(name));
beforeEach(() => {
  before = temporaryFolders();
});

describe("what goes wrong", () => {
  test("A5000: there is no Python", async () => {
    inFolderWith({ "net.py": "" });
    vi.stubEnv("ASSAY_PYTHON", "nowhere/python");
    const { code, errors } = await assay("read", "net.py:model");
    expect(code).toBe(3);
    await expect(errors).toMatchFileSnapshot(golden("A5000"));
  });

  test("A5002: it does not come to an end", async () => {
    withPython("exec sleep 60");
    const error: unknown = await readPython("net.py", "model", 200).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Unsupported);
    await expect(`${(error as Unsupported).message}\n`).toMatchFileSnapshot(golden("A5002"));
    expect(temporaryFolders()).toEqual(before);
  });

  test("A1010: it crashes", async () => {
    withPython("echo 'Fatal Python error: Segmentation fault' >&2; exit 139");
    const { code, errors } = await assay("read", "net.py:model");
    expect(code).toBe(2);
    await expect(errors).toMatchFileSnapshot(golden("A1010"));
    expect(temporaryFolders()).toEqual(before);
  });

  test.each([
    ["no-torch", 3, "A5000"],
    ["no-jax", 3, "A5000"],
    ["no-file", 2, "A1001"],
    ["no-name", 2, "A1005"],
    ["not-a-model", 2, "A1008"],
    ["several-models", 2, "A1008"],
    ["no-inputs", 2, "A1009"],
    ["user-error", 2, "A1006"],
    ["export", 3, "A5004"],
  ])("a failure of kind %s ends with %i and %s", async (kind, exit, message) => {
    withPython(`echo '{"ok": false, "kind": "${kind}", "message": "so \\u001b it is", "line": 7}'; exit 2`);
    const { code, errors } = await assay("read", "net.py:model");
    expect(code).toBe(exit);
    expect(errors.slice(0, 5)).toBe(message);
    expect(errors).toContain("  at    net.py:7  model\n");
    expect(errors).not.toContain("\u001b");
  });

  test("an answer that is not of the protocol is a crash", async () => {
    withPython(`echo '{"ok": false, "kind": "unheard-of", "message": ""}'; exit 2`);
    expect((await assay("read", "net.py:model")).errors).toMatch(/^A1010/);
  });
});

test("an interrupt ends Python, leaves nothing behind, and exits 130", async () => {
  withPython("echo $$ > started; exec sleep 60");
  const child = spawn(process.execPath, [join(root, "src/cli/main.ts"), "read", "net.py:model"]);
  const ended = new Promise((done) => child.once("close", (code) => done(code)));
  await vi.waitUntil(() => existsSync("started") && readFileSync("started", "utf8").endsWith("\n"), 10_000);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(temporaryFolders()).toEqual(before);
  const python = Number(readFileSync("started", "utf8"));
  await vi.waitUntil(() => !isRunning(python), 5000);
  expect(isRunning(python)).toBe(false);
});

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

describe("what goes right", () => {
  const copy = `cp '${join(root, "test/fixtures/pt2/two_layer_mlp.pt2")}' "$5"`;

  test("remarks and the mode stand below the equations", async () => {
    withPython(
      `${copy}; echo '{"note": "a size was fixed"}' >&2; echo '{"ok": true, "format": "pt2", "mode": "train"}'`,
    );
    const { code, output } = await assay("read", "net.py:model");
    expect(output).toMatch(/^# the model was exported in training mode/m);
    expect(output).toMatch(/^# a size was fixed$/m);
    expect(code).toBe(0);
    expect(temporaryFolders()).toEqual(before);
  });

  test("a model in evaluation mode needs no remark", async () => {
    withPython(`${copy}; echo '{"ok": true, "format": "pt2", "mode": "eval"}'`);
    const { output } = await assay("read", "net.py:model");
    expect(output).toContain("tanh(x W_1 + b_1)");
    expect(output).not.toContain("#");
  });

  test("the bridge is called with the shipped package on the path", async () => {
    withPython(`echo "$PYTHONPATH $*" > called; exit 1`);
    await assay("read", "net.py:model");
    expect(readFileSync("called", "utf8")).toMatch(
      new RegExp(`^${join(root, "python")}\\S* -m assay_bridge export net\\.py:model \\S+/model\n$`),
    );
  });
});

describe("which Python", () => {
  test("ASSAY_PYTHON, then .venv, then the active environment, then the path", async () => {
    inFolderWith({});
    vi.stubEnv("ASSAY_PYTHON", "");
    vi.stubEnv("VIRTUAL_ENV", "");
    expect(await findPython()).toBe("python3");
    const folder = process.cwd();
    for (const name of ["active", ".venv"]) {
      mkdirSync(join(name, "bin"), { recursive: true });
      vi.stubEnv("VIRTUAL_ENV", join(folder, "active"));
      expect(await findPython()).toBe(name === "active" ? "python3" : join(folder, "active/bin/python"));
      writeFileSync(join(name, "bin/python"), "");
      expect(await findPython()).toBe(
        name === "active" ? join(folder, "active/bin/python") : ".venv/bin/python",
      );
    }
    vi.stubEnv("ASSAY_PYTHON", "/some/python");
    expect(await findPython()).toBe("/some/python");
  });
});
