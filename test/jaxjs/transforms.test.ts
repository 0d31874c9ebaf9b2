/** @file Contractions of every form, gradients and vectorised functions: the graph has the library's own value. */
import { grad, nn, numpy as np, valueAndGrad, vmap } from "@jax-js/jax";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AnyFunction, type Arrays, evaluateGraph, graphOf, numbers, ownValues } from "./helpers.ts";

// Sums of at most some dozen products and a few functions in float32.
const relative = 2 ** -16;

async function agrees(f: AnyFunction, inputs: Arrays): Promise<void> {
  const mine = evaluateGraph(await graphOf(f, inputs), inputs);
  const own = ownValues(f, inputs);
  expect(mine.map((values) => values.length)).toEqual(own.map((values) => values.length));
  for (const [i, value] of own.flat().entries()) {
    expect(Math.abs((mine.flat()[i] ?? Number.NaN) - value)).toBeLessThan(relative * (1 + Math.abs(value)));
  }
}

interface Einsum {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly out: readonly string[];
  readonly sizes: Readonly<Record<string, number>>;
}
const letters = ["a", "b", "c", "d"];
const einsums: fc.Arbitrary<Einsum> = fc
  .record({
    left: fc.shuffledSubarray(letters, { minLength: 1, maxLength: 3 }),
    right: fc.shuffledSubarray(letters, { minLength: 1, maxLength: 3 }),
    // Sizes of 1 are where axes can be mistaken for one another.
    sizes: fc.record({
      a: fc.integer({ min: 1, max: 3 }),
      b: fc.integer({ min: 1, max: 3 }),
      c: fc.constant(1),
      d: fc.integer({ min: 2, max: 3 }),
    }),
  })
  .chain(({ left, right, sizes }) =>
    fc.shuffledSubarray([...new Set([...left, ...right])]).map((out) => ({ left, right, out, sizes })),
  );

// Hundreds of traces, on a machine that may be busy.
const patience = { timeout: 60_000 };

describe("contractions", patience, () => {
  test("every einsum of two operands", async () => {
    await fc.assert(
      fc.asyncProperty(einsums, async ({ left, right, out, sizes }) => {
        const shape = (axes: readonly string[]): number[] => axes.map((axis) => sizes[axis] ?? 1);
        const equation = `${left.join("")},${right.join("")}->${out.join("")}`;
        const f = (x: np.Array, y: np.Array) => np.einsum(equation, x, y);
        await agrees(f, { x: numbers(shape(left)), y: numbers(shape(right), 1) });
      }),
      { numRuns: 60 },
    );
  });

  test("a matrix product of reshaped and transposed operands", async () => {
    const shapes = fc.constantFrom<number[][]>(
      [2, 3],
      [3, 2],
      [6, 1],
      [1, 6],
      [1, 2, 3],
      [2, 1, 3],
      [3, 1, 2, 1],
    );
    await fc.assert(
      fc.asyncProperty(shapes, shapes, fc.boolean(), fc.boolean(), async (first, second, turn, both) => {
        const moved = (x: np.Array): np.Array => (turn ? np.transpose(x) : x);
        const f = (x: np.Array, y: np.Array) =>
          np.matmul(
            moved(x.reshape(first)).reshape([2, 3]),
            (both ? moved(y.reshape(second)) : y).reshape([3, 2]),
          );
        await agrees(f, { x: numbers([6]), y: numbers([6], 1) });
      }),
    );
  });
});

describe("transformations of functions", patience, () => {
  const [w, v] = [numbers([4, 3], 1), numbers([3, 1], 2)];
  const loss = (p: { w: np.Array; v: np.Array }, x: np.Array): np.Array =>
    np.mean(np.square(np.matmul(np.tanh(np.matmul(x, p.w)), p.v)));

  test("value and gradient of a loss, over a batch of any size", async () => {
    const f = (x: np.Array) => valueAndGrad(loss)({ w: w.ref, v: v.ref }, x);
    const graph = await graphOf(f, { x: numbers([5, 4]) });
    expect(graph.notes).toEqual([]);
    await agrees(f, { x: numbers([5, 4]) });
  });

  test("gradient with respect to the input", async () => {
    const f = (x: np.Array) => grad((a: np.Array) => np.sum(nn.softmax(a).mul(w.ref)))(x);
    await agrees(f, { x: numbers([4, 3]) });
  });

  test("vmap", async () => {
    const f = (x: np.Array) => vmap((row: np.Array) => nn.softmax(np.matmul(w.ref, row)))(x);
    await agrees(f, { x: numbers([5, 3]) });
  });
});
