/** @file The graph of every fixture computes in float64 what Keras computed with the same weights. */
import { describe, expect, test } from "vitest";
import { zip } from "../../src/base/assert.ts";
import { run } from "../run.ts";
import { expectationOf, modelFiles, read } from "./support.ts";

/** Both sides are float64 and differ in the order of sums of some hundred terms: see test/torch/values.test.ts. */
const [relativeTolerance, absoluteTolerance] = [1e-12, 1e-13];

describe("values agree with Keras", () => {
  test.each(modelFiles)("%s", async (file) => {
    const expectation = expectationOf(file);
    const outputs = run(await read(file), expectation.inputs);
    expect(outputs.length).toBe(expectation.outputs.length);
    expect(outputs.length).toBeGreaterThan(0);
    for (const [index, [got, want]] of zip(outputs, expectation.outputs).entries()) {
      expect(got.shape, `output ${index}`).toEqual(want.shape);
      for (const [a, b] of zip([...got.values], want.values)) {
        const allowed = absoluteTolerance + relativeTolerance * Math.abs(b);
        expect(Math.abs(a - b), `output ${index}: ${a} against ${b}`).toBeLessThanOrEqual(allowed);
      }
    }
  });
});
