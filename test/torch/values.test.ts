/** @file The graph of every fixture computes in float64 what PyTorch computed for the same model after `.double()`. */
import { describe, expect, test } from "vitest";
import { zip } from "../../src/base/assert.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { run } from "../run.ts";
import { expectationOf, fixture, fixtureNames } from "./support.ts";

/**
 * Both sides are float64 and differ in the order of sums of at most some hundred terms and in the last bits of exp, log
 * and erf: relative errors near 1e-15 each, a thousand of them at worst.
 */
const relativeTolerance = 1e-12;
const absoluteTolerance = 1e-13;

/** Where a stored tensor is read as its formula, PyTorch has the formula's values rounded to float32 a few times. */
const formulaTolerance = 2e-6;

describe("values agree with PyTorch", () => {
  test.each(fixtureNames.filter((name) => !name.startsWith("refuse_")))("%s", async (name) => {
    const expectation = expectationOf(name);
    const graph = await readTorchExport(fixture(name));
    const outputs = run(graph, expectation.inputs);
    const isFormula = graph.notes.some((note) => /is read as its formula: .*\^\(/.test(note));
    expect(outputs.length).toBe(expectation.outputs.length);
    expect(outputs.length).toBeGreaterThan(0);
    for (const [got, want] of zip(outputs, expectation.outputs)) {
      expect(got.shape).toEqual(want.shape);
      for (const [a, b] of zip([...got.values], want.values)) {
        const allowed = (isFormula ? formulaTolerance : absoluteTolerance) + relativeTolerance * Math.abs(b);
        expect(Math.abs(a - b), `${a} against ${b}`).toBeLessThanOrEqual(allowed);
      }
    }
  });
});
