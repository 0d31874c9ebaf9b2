/** @file The test that graphs compute what the framework computed, for the fixtures of a front end. */
import { expect, test } from "vitest";
import { zip } from "../src/base/assert.ts";
import type { Graph } from "../src/ir/graph.ts";
import { type Expectation, run } from "./run.ts";

interface Fixtures {
  readonly names: readonly string[];
  readonly read: (name: string) => Promise<Graph>;
  readonly expectationOf: (name: string) => Expectation;
  /** How far numbers may be apart, as a part of the framework's number and on top of that. */
  readonly relative: number;
  readonly absolute: number;
}

export function testValues({ names, read, expectationOf, relative, absolute }: Fixtures): void {
  test.each(names)("%s", async (name) => {
    const expectation = expectationOf(name);
    const outputs = run(await read(name), expectation.inputs);
    expect(outputs.length).toBe(expectation.outputs.length);
    expect(outputs.length).toBeGreaterThan(0);
    for (const [index, [got, want]] of zip(outputs, expectation.outputs).entries()) {
      expect(got.shape, `output ${index}`).toEqual(want.shape);
      for (const [a, b] of zip([...got.values], want.values)) {
        const allowed = absolute + relative * Math.abs(b);
        expect(Math.abs(a - b), `output ${index}: ${a} against ${b}`).toBeLessThanOrEqual(allowed);
      }
    }
  });
}
