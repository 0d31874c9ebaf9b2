/** @file Numbers that grow by a rule. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { range } from "../../src/base/assert.ts";
import { progressionOf } from "../../src/base/progression.ts";

test("the rule that numbers were made by is found, a factor before a step", () => {
  const count = fc.integer({ min: 3, max: 6 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 4 }), count, (first, ratio, n) => {
      const numbers = range(n).map((place) => first * ratio ** place);
      expect(progressionOf(numbers)).toEqual({ kind: "geometric", first, ratio });
    }),
  );
  fc.assert(
    fc.property(fc.nat(9), fc.integer({ min: -3, max: 3 }), count, (first, step, n) => {
      const numbers = range(n).map((place) => first + step * place);
      const found = step === 0 ? undefined : { kind: "arithmetic", first, step };
      expect(progressionOf(numbers)).toEqual(found);
    }),
  );
});

test.each([[[1, 2]], [[1, 2, 4, 9]], [[4, 2, 1]], [[1, 1, 2]], [[5, 5, 5]]])("%j have none", (numbers) => {
  expect(progressionOf(numbers)).toBeUndefined();
});
