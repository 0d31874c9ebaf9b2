/** @file What probes do to inputs. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { ofNextRow, others, shuffled, takenFrom, withPart } from "../../src/toys/changes.ts";
import type { Batch, Field } from "../../src/toys/problem.ts";
import { indices, type Tensor } from "../../src/toys/tensor.ts";

const field: Field = { name: "tokens", shape: [4], count: 7, meaning: "tokens" };
const rows = 5;

const batchOf = (numbers: readonly number[]): Batch => ({
  rows,
  inputs: { tokens: indices([rows, 4], numbers) },
  targets: {},
  hidden: {},
});

const drawn = fc.record({
  numbers: fc.array(fc.integer({ min: 2, max: 6 }), { minLength: 20, maxLength: 20 }),
  places: fc.uniqueArray(fc.integer({ min: 0, max: 3 })),
  seed: fc.integer({ min: 0, max: 1000 }),
});

const rowsOf = ({ data }: Tensor): number[][] =>
  range(rows).map((index) => Array.from(data.subarray(4 * index, 4 * index + 4)));

const tokensOf = (tensors: Readonly<Record<string, Tensor>>): number[] =>
  Array.from(tensors["tokens"]?.data ?? []);

describe("changes", () => {
  test("other numbers are other ones, within their bounds, and where they should be", () => {
    fc.assert(
      fc.property(drawn, ({ numbers, places, seed }) => {
        const changed = tokensOf(others(field, places, 2)(batchOf(numbers), random(seed)));
        for (const [index, value] of changed.entries()) {
          const old = at(numbers, index);
          if (!places.includes(index % 4)) expect(value).toBe(old);
          else {
            expect(value).not.toBe(old);
            expect(value).toBeGreaterThanOrEqual(2);
            expect(value).toBeLessThan(7);
          }
        }
      }),
    );
  });

  test("a shuffle keeps what is in its places, and all else", () => {
    fc.assert(
      fc.property(drawn, ({ numbers, places, seed }) => {
        const batch = batchOf(numbers);
        const after = rowsOf(indices([rows, 4], tokensOf(shuffled(field, places)(batch, random(seed)))));
        for (const [index, own] of rowsOf(indices([rows, 4], numbers)).entries()) {
          const now = at(after, index);
          const inside = (row: readonly number[]): number[] =>
            row.filter((_, place) => places.includes(place));
          const outside = (row: readonly number[]): number[] =>
            row.filter((_, place) => !places.includes(place));
          expect(inside(now).toSorted((a, b) => a - b)).toEqual(inside(own).toSorted((a, b) => a - b));
          expect(outside(now)).toEqual(outside(own));
        }
      }),
    );
  });

  test("a shuffle reaches every order equally often", () => {
    const same = batchOf(range(20).map((i) => i % 4));
    const seen = new Map<string, number>();
    const draws = 4800;
    for (const seed of range(draws / rows))
      for (const own of rowsOf(indices([rows, 4], tokensOf(shuffled(field)(same, random(seed))))))
        seen.set(own.join(), (seen.get(own.join()) ?? 0) + 1);
    expect(seen.size).toBe(24);
    // Five standard errors of a count with mean 200.
    for (const count of seen.values()) expect(Math.abs(count - draws / 24)).toBeLessThan(5 * Math.sqrt(200));
  });

  test("items, the next row and a part of it are taken from their places", () => {
    const numbers = range(20);
    const whole = indices([rows, 4], numbers);
    const last = takenFrom(whole, [3, 0]);
    expect(last.shape).toEqual([rows, 2]);
    expect(Array.from(last.data).slice(0, 4)).toEqual([3, 0, 7, 4]);
    const pairs = takenFrom(indices([rows, 2, 2], numbers), [1]);
    expect(pairs.shape).toEqual([rows, 1, 2]);
    expect(Array.from(pairs.data).slice(0, 4)).toEqual([2, 3, 6, 7]);
    const next = ofNextRow({ tokens: whole });
    expect(tokensOf(next)).toEqual([...numbers.slice(4), 0, 1, 2, 3]);
    expect(tokensOf(withPart({ tokens: whole }, next, field, [1])).slice(0, 4)).toEqual([0, 5, 2, 3]);
    expect(tokensOf(withPart({ tokens: whole }, next, field))).toEqual(tokensOf(next));
  });
});
