/** @file Of a function without a definition: equal arguments give equal results, and nothing else is assumed. */
import { describe, expect, test } from "vitest";
import type { Residues } from "../../src/domain/residues.ts";
import { definitionOf } from "../../src/ops/table.ts";
import { discrete, real, type Tensor } from "../../src/ops/tensor.ts";
import { embed, newField } from "./support.ts";

const field = newField(1);
const reals = (shape: readonly number[], ...numbers: number[]): Tensor<Residues> =>
  real(shape, embed(field, Float64Array.from(numbers)));
const integers = (...numbers: number[]): Tensor<Residues> =>
  discrete([numbers.length], Float64Array.from(numbers));

function value(inputs: readonly Tensor<Residues>[], name = "sort", attributes = ""): Tensor<Residues> {
  const opaque = definitionOf("Opaque");
  if (opaque.kind !== "primitive") throw new Error("an opaque function is a primitive");
  const attrs = { name, attributes, shape: [2, 3], dtype: "float32" } as const;
  return opaque.evaluate(field, inputs, attrs, attrs);
}

const base = (): Tensor<Residues> => value([reals([4], 1, 2, 3, 4)]);

describe("another result for", () => {
  test.for([
    ["another argument", () => value([reals([4], 1, 2, 3, 5)])],
    ["arguments in another order", () => value([reals([4], 2, 1, 3, 4)])],
    ["the same numbers in another shape", () => value([reals([2, 2], 1, 2, 3, 4)])],
    ["the same numbers in two arguments", () => value([reals([2], 1, 2), reals([2], 3, 4)])],
    ["another name", () => value([reals([4], 1, 2, 3, 4)], "flip")],
    ["another attribute", () => value([reals([4], 1, 2, 3, 4)], "sort", "descending")],
  ] as const)("%s", ([, other]) => {
    expect(other().shape).toEqual(base().shape);
    expect(other()).not.toEqual(base());
  });
});

test("the same result for the same numbers, integers among them", () => {
  expect(value([reals([4], 1, 2, 3, 4)])).toEqual(base());
  expect(value([integers(1, 2, 3, 4)])).toEqual(base());
  expect(value([integers(1, 2, 3, 5)])).not.toEqual(base());
});

test("as many numbers as its type says, all different", () => {
  const made = base();
  expect(made.shape).toEqual([2, 3]);
  expect(made.kind === "real" && new Set(made.values.p).size).toBe(6);
});
