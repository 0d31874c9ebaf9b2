/** @file The graph of every traced program computes in float64 what JAX computes. */
import { describe, expect, test } from "vitest";
import { zip } from "../../src/base/assert.ts";
import { readJaxpr } from "../../src/frontends/jax/read.ts";
import { groups, numbersOf, run, sourceOfDocument } from "./support.ts";

/**
 * Both sides are float64 and differ in the order of sums of some hundred terms, in the last bits of exp, log and erf, and
 * in functions for which the graph has a formula: relative errors near 1e-15 each, a thousand of them at worst.
 */
const relativeTolerance = 1e-12;
const absoluteTolerance = 1e-12;
/** flax computes the softmax of its attention in float32, whatever its inputs are: a few roundings of 6e-8. */
const singleTolerance = 1e-6;

/** These have no values here. */
const evaluated = [...groups].filter(([group]) => group !== "refused");

describe.each(evaluated)("%s", (_, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))(
    "%s",
    async (name, { document, inputs, outputs }) => {
      const graph = await readJaxpr(sourceOfDocument(document));
      const got = run(graph, inputs);
      const isSingle = name.includes("in_float32");
      expect(got.length).toBe(outputs.length);
      expect(got.length).toBeGreaterThan(0);
      expect(graph.nodes.filter(({ op }) => op === "Opaque")).toEqual([]);
      for (const [tensor, want] of zip(got, outputs)) {
        expect(tensor.shape).toEqual(want.shape);
        for (const [a, b] of zip([...tensor.values], [...numbersOf(want)])) {
          const allowed = isSingle ? singleTolerance : absoluteTolerance + relativeTolerance * Math.abs(b);
          expect(a === b || Math.abs(a - b) <= allowed, `${a} against ${b}`).toBe(true);
        }
      }
    },
  );
});
