/** @file What `doctor` finds, on machines that have and that lack things. */
import { expect, test, vi } from "vitest";
import { parseResult } from "../../src/result/result.ts";
import { assay, inFolderWith } from "./support.ts";

test("names what is missing and how to get it", async () => {
  vi.stubEnv("ASSAY_PYTHON", "nowhere/python");
  inFolderWith({});
  const { code, output } = await assay("doctor");
  expect(code).toBe(0);
  expect(output).toMatch(/^python +missing +models in \.py files +nowhere\/python can't be run: install/m);
  expect(output).toMatch(/^torch +missing/m);
  expect(output).toMatch(/^jax +missing +JAX in \.py files +after Python: pip install jax$/m);
  expect(output).toMatch(/^jax-js +missing +models in \.ts, \.js files +npm install @jax-js\/jax$/m);
  expect(output).toMatch(/^node +\d+\.\d+\.\d+ +everything/m);
});

test("finds jax-js from the folder in which it runs", async () => {
  vi.stubEnv("ASSAY_PYTHON", "nowhere/python");
  const { output } = await assay("doctor", "--json");
  const result = parseResult(JSON.parse(output));
  expect(result).toMatchObject({
    schema: "assay/doctor@1",
    tools: [
      { name: "assay" },
      { name: "node", version: process.versions.node },
      { name: "python", version: null },
      { name: "torch", version: null },
      { name: "jax", version: null },
      { name: "jax-js", version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string },
    ],
  });
});
