/** @file What operators say about their own arithmetic: solving for an operand, and operands that can be left out. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import type { Residues } from "../../src/domain/residues.ts";
import type { Algebra } from "../../src/ops/define.ts";
import { operators } from "../../src/ops/table.ts";
import { real } from "../../src/ops/tensor.ts";
import { names, newField } from "./support.ts";

const length = 4;
const withAlgebra = names.filter((name) => operators[name].algebra !== undefined);
const algebraOf = (name: (typeof names)[number]): Algebra => {
  const { algebra } = operators[name];
  if (algebra === undefined) throw new Error(`${name} has an algebra`);
  return algebra;
};

test("the four operations have one", () => {
  expect(withAlgebra).toEqual(["Add", "Sub", "Mul", "Div"]);
});

describe.each(withAlgebra)("%s", (name) => {
  const definition = operators[name];
  const { removable, solve } = algebraOf(name);

  test.each([0, 1])("is solved for operand %i", (unknown) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const field = newField(seed);
        const source = random(seed + 1);
        const operands = range(2).map(() => field.draw(source, length));
        const tensors = operands.map((values) => real([length], values));
        if (definition.kind !== "primitive") throw new Error(`${name} is a primitive`);
        const result = definition.evaluate<Residues>(field, tensors, {} as never, {
          shape: [length],
          dtype: "float32",
        });
        if (result.kind !== "real") throw new Error("the result is real");
        const found = solve(field, result.values, at(operands, 1 - unknown), unknown);
        expect(found).toEqual(at(operands, unknown));
      }),
      { numRuns: 20 },
    );
  });

  test("an operand can be left out exactly where some number in its place changes nothing", () => {
    const field = newField(1);
    const other = field.draw(random(2), length);
    const neutral = range(2).filter((index) => new Set(solve(field, other, other, index).p).size === 1);
    expect(removable).toEqual(neutral);
  });
});
