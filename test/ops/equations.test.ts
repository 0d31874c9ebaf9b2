/** @file The equations of contractions, and the axes that reductions leave. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { at, range, zip } from "../../src/base/assert.ts";
import { canonicalEquation, parseContraction, remaining } from "../../src/ops/reduction.ts";

const letters = [..."abcdefgh"];
const equation = fc
  .record({ left: fc.shuffledSubarray(letters), right: fc.shuffledSubarray(letters) })
  .chain(({ left, right }) =>
    fc
      .shuffledSubarray([...new Set([...left, ...right])])
      .map((out) => `${left.join("")},${right.join("")}->${out.join("")}`),
  );

test("equations are the same exactly if some renaming of letters makes them so", () => {
  const renamed = fc.tuple(equation, fc.shuffledSubarray([..."pqrstuvwxyzABCabc"], { minLength: 8 }));
  fc.assert(
    fc.property(renamed, ([one, names]) => {
      const renaming = new Map(zip(letters, names.slice(0, letters.length)));
      const other = one.replace(/[a-h]/g, (letter) => renaming.get(letter) ?? "?");
      expect(canonicalEquation(other)).toBe(canonicalEquation(one));
    }),
  );
  fc.assert(
    fc.property(equation, (one) => {
      const canonical = canonicalEquation(one);
      // The canonical equation is itself a renaming: the letters stand at the same places, the first of them in order.
      const places = (text: string): number[] => [...text].map((letter) => text.indexOf(letter));
      expect(places(canonical)).toEqual(places(one));
      const seen = [...new Set(canonical.replaceAll(/[,>-]/g, ""))].join("");
      expect(letters.join("").startsWith(seen)).toBe(true);
    }),
  );
});

test("each letter has one part in a contraction", () => {
  expect(parseContraction("abcd,aebf->acf")).toEqual({
    left: ["a", "b", "c", "d"],
    right: ["a", "e", "b", "f"],
    out: ["a", "c", "f"],
    batch: ["a"],
    summed: ["b"],
    rows: ["c", "d"],
    columns: ["e", "f"],
  });
});

test("an axis is either reduced or left, in order", () => {
  fc.assert(
    fc.property(fc.nat(5), fc.array(fc.nat(5)), (rank, axes) => {
      const left = remaining(rank, axes);
      expect(range(rank).every((axis) => left.includes(axis) !== axes.includes(axis))).toBe(true);
      expect(left.every((axis, i) => i === 0 || axis > at(left, i - 1))).toBe(true);
    }),
  );
});
