/** @file The checks fail where they say. */
import { expect, test } from "vitest";
import { assertNever, at, get, invariant, only, range, zip } from "../../src/base/assert.ts";

test("indexing", () => {
  expect([at([4, 5], 1), at(Float64Array.of(7), 0)]).toEqual([5, 7]);
  for (const index of [-1, 2, 0.5]) expect(() => at([4, 5], index)).toThrow(RangeError);
  expect(only(["a"])).toBe("a");
  for (const items of [[], [1, 2]]) expect(() => only(items)).toThrow(RangeError);
  expect(get(new Map([["a", 1]]), "a")).toBe(1);
  expect(() => get(new Map([["a", 1]]), "b")).toThrow("no entry for b");
});

test("pairing", () => {
  expect(zip([1, 2], ["a", "b"])).toEqual([
    [1, "a"],
    [2, "b"],
  ]);
  expect(() => zip([1], [])).toThrow(RangeError);
  expect([range(0), range(3)]).toEqual([[], [0, 1, 2]]);
});

test("invariants", () => {
  expect(() => invariant(true, "holds")).not.toThrow();
  expect(() => invariant(false, "one is two")).toThrow("invariant broken: one is two");
  expect(() => assertNever("other" as never)).toThrow("unreachable");
});
