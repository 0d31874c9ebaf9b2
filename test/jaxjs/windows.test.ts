/** @file Convolutions and windows of jax-js: their graphs in float64 have the library's own values. */
import { lax, numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { evaluateGraph, graphOf, numbers, ownValues } from "./helpers.ts";

type Array = np.Array;
const image = numbers([5, 2, 6, 5]);
const kernel = (): Array => numbers([3, 2, 3, 2], 5);

const functions: Readonly<Record<string, (x: Array) => unknown>> = {
  conv: (x) => lax.conv(x, kernel(), [1, 1], "VALID"),
  "with strides": (x) => lax.conv(x, kernel(), [2, 1], "SAME"),
  "with padding and dilation": (x) =>
    lax.convGeneralDilated(
      x,
      kernel(),
      [1, 2],
      [
        [2, 1],
        [0, 3],
      ],
      { rhsDilation: [2, 1] },
    ),
  transposed: (x) =>
    lax.convGeneralDilated(
      x,
      kernel(),
      [1, 1],
      [
        [2, 2],
        [1, 1],
      ],
      { lhsDilation: [2, 3] },
    ),
  "largest of each square": (x) =>
    lax.reduceWindow(x, (window) => np.max(window), [1, 1, 2, 2], [1, 1, 2, 2]),
  "sums that overlap": (x) => lax.reduceWindow(x, (window) => np.sum(window), [1, 1, 3, 2], [1, 1, 1, 1]),
};

// float32 carries 24 bits; sums of at most 12 products lose under 4 of them.
const relative = 2 ** -20;

describe("the graph has the library's value", () => {
  test.each(Object.entries(functions))("%s", async (_, f) => {
    const inputs = { x: image };
    const graph = await graphOf(f, inputs);
    const [mine = []] = evaluateGraph(graph, inputs);
    const [own = []] = ownValues(f, inputs);
    expect(mine.length).toBe(own.length);
    expect(own.length).toBeGreaterThan(0);
    expect(graph.nodes.some((node) => node.op === "Opaque")).toBe(false);
    for (const [i, value] of own.entries()) {
      expect(Math.abs((mine[i] ?? Number.NaN) - value), `element ${i}`).toBeLessThan(
        relative * (1 + Math.abs(value)),
      );
    }
  });
});
