/** @file The graph of every fixture computes what TensorFlow.js computed with the same weights in float32. */
import { describe, expect, test } from "vitest";
import { zip } from "../../src/base/assert.ts";
import { run } from "../run.ts";
import { expectationOf, modelNames, read } from "./support.ts";

/** float32 has 24 bits; sums of some hundred terms of size 1 lose a few of them, and exp and erf are approximated. */
const [relativeTolerance, absoluteTolerance] = [2e-5, 2e-6];

describe("values agree with TensorFlow.js", () => {
  test.each(modelNames)("%s", async (name) => {
    const expectation = expectationOf(name);
    const outputs = run(await read(name), expectation.inputs);
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
