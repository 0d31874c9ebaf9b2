/** @file The page of ONNX's node tests says what a run of them says. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findPython } from "../../src/cli/find-python.ts";
import { outcomesOf, pageOf } from "../../tools/onnx/node-tests-page.ts";

test("docs/onnx-node-tests.md is what the command writes", async () => {
  const root = join(import.meta.dirname, "..", "..");
  const folder = mkdtempSync(join(tmpdir(), "assay-onnx-"));
  try {
    execFileSync(await findPython(), [join(root, "tools/onnx/cases.py"), folder], { stdio: "ignore" });
    const outcomes = await outcomesOf(folder, []);
    expect(outcomes.length).toBeGreaterThan(1500);
    expect(pageOf(outcomes)).toBe(readFileSync(join(root, "docs/onnx-node-tests.md"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
