/** @file Stored tensors that are read as the formulas of their indices. */
import { describe, expect, test } from "vitest";
import { range } from "../../src/base/assert.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { copiesOf, patternOf, repeatedUpTo } from "../../src/frontends/common/patterns.ts";
import type { Node } from "../../src/ir/graph.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { asReal } from "../../src/ops/tensor.ts";

/** The formula's words, and whether it gives the numbers. */
function read(values: Float64Array, shape: readonly number[]): string | undefined {
  const build = newBuilder();
  const pattern = patternOf(build, values, shape, "float32");
  if (pattern === undefined) return undefined;
  expect(pattern.node.type.shape).toEqual(shape);
  const { graph } = lower(
    build.graph({ name: "g", inputs: [], parameters: [], outputs: [{ name: "y", node: pattern.node }] }),
  );
  const given = new Map<Node, never>();
  const result = evaluate(graph, float64, given, new Map()).get(graph.outputs[0]?.node as Node);
  const numbers = result && asReal(float64, result);
  expect(numbers?.every((number, i) => Math.abs(number - (values[i] ?? 0)) < 1e-5)).toBe(true);
  return pattern.words;
}

const rows = 7;
const table = (
  columns: number,
  wave: (angle: number) => number,
  angle: (t: number, k: number) => number,
): Float64Array =>
  Float64Array.from(range(rows * columns), (i) =>
    Math.fround(wave(Math.fround(angle(Math.floor(i / columns), i % columns)))),
  );

describe("sines and cosines of rotary positions", () => {
  const halves = (base: number) => (t: number, k: number) => t * base ** (-(k % 4) / 4);
  test.each([10000, 500, 1_000_000, 12345])("with the base %d", (base) => {
    for (const [name, wave] of [
      ["cos", Math.cos],
      ["sin", Math.sin],
    ] as const)
      expect(read(table(8, wave, halves(base)), [1, 1, rows, 8])).toBe(
        `${name}(t ${base}^(-k/4)), twice side by side`,
      );
  });

  test("each twice, or once", () => {
    const pairs = table(8, Math.cos, (t, k) => t * 10000 ** (-Math.floor(k / 2) / 4));
    expect(read(pairs, [rows, 8])).toBe("cos(t 10000^(-k/4)), each twice");
    expect(read(table(4, Math.sin, halves(10000)), [rows, 4])).toBe("sin(t 10000^(-k/4))");
  });

  test("are none where one number is another", () => {
    const numbers = table(8, Math.cos, halves(10000));
    numbers[20] = (numbers[20] ?? 0) + 1e-5;
    expect(read(numbers, [rows, 8])).toBeUndefined();
  });
});

describe("what is repeated along the first axes", () => {
  test("is read once", () => {
    expect(
      read(
        Float64Array.from(range(12), (i) => i % 3),
        [2, 2, 3],
      ),
    ).toBe("0, 1, 2, …");
    const other = Float64Array.from(range(12), (i) => (i < 6 ? i % 3 : 2 - (i % 3)));
    expect(read(other, [2, 2, 3])).toBeUndefined();
  });

  test("is counted in copies", () => {
    expect(repeatedUpTo(Float64Array.of(1, 2, 1, 2, 1, 2, 3, 4), [2, 2, 2])).toBe(0);
    const twice = Float64Array.of(1, 2, 3, 4, 1, 2, 3, 4);
    expect([repeatedUpTo(twice, [2, 2, 2]), copiesOf([2, 2, 2], 1)]).toEqual([1, 2]);
  });
});

test("the lowest number of a format hides scores in a stored mask", () => {
  const lowest = -(2 - 2 ** -23) * 2 ** 127;
  const mask = Float64Array.from(range(18), (i) => (i % 3 <= Math.floor((i % 9) / 3) ? 0 : lowest));
  const pattern = patternOf(newBuilder(), mask, [2, 1, 3, 3], "float32");
  expect(pattern?.words).toContain("hides scores as -inf does");
  const other = patternOf(
    newBuilder(),
    mask.map((value) => value / 2),
    [2, 1, 3, 3],
    "float32",
  );
  expect(other?.words).not.toContain("hides");
});
