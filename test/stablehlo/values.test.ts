/** @file The graph of every program that JAX lowers computes in float64 what JAX computes. */
import { describe, expect, test } from "vitest";
import { zip } from "../../src/base/assert.ts";
import { numbersOf, run } from "../jax/support.ts";
import { graphWithValues, groups } from "./support.ts";

/** As of jaxprs, in test/jax/values.test.ts. */
const relativeTolerance = 1e-12;
const absoluteTolerance = 1e-12;
const singleTolerance = 1e-6;

/** A running sum along an axis of unknown size is a call of a function of JAX's own, read.test.ts. */
const unknown = ["cumsum_symbolic"];
/** Programs that are refused have no values here. */
const evaluated = [...groups]
  .filter(([group]) => group !== "refused")
  .map(([group, cases]) => [group, cases.filter(({ name }) => !unknown.includes(name))] as const);

describe.each(evaluated)("%s", (_, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))("%s", async (name, one) => {
    const graph = await graphWithValues(one);
    const got = run(graph, one.inputs);
    const isSingle = name.includes("in_float32");
    expect(got.length).toBe(one.outputs.length);
    expect(got.length).toBeGreaterThan(0);
    expect(graph.nodes.filter(({ op }) => op === "Opaque")).toEqual([]);
    for (const [tensor, want] of zip(got, one.outputs)) {
      expect(tensor.shape).toEqual(want.shape);
      for (const [a, b] of zip([...tensor.values], [...numbersOf(want)])) {
        const allowed = isSingle ? singleTolerance : absoluteTolerance + relativeTolerance * Math.abs(b);
        expect(a === b || Math.abs(a - b) <= allowed, `${a} against ${b}`).toBe(true);
      }
    }
  });
});
