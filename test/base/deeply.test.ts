/** @file Recursion without the stack. */
import { expect, test } from "vitest";
import { type Answering, deeply } from "../../src/base/deeply.ts";

test("answers a question that leads to more others than the stack holds", () => {
  const sum = deeply(function* (n: number): Answering<number, number> {
    return n === 0 ? 0 : n + (yield n - 1);
  });
  expect(sum(100_000)).toBe(5_000_050_000);
});

test("answers each question once, and questions of one key as one", () => {
  const asked: string[] = [];
  const ways = deeply(
    function* (place: readonly [number, number]): Answering<readonly [number, number], number> {
      asked.push(place.join());
      const [x, y] = place;
      return x === 0 || y === 0 ? 1 : (yield [x - 1, y]) + (yield [x, y - 1]);
    },
    (place) => place.join(),
  );
  expect(ways([20, 20])).toBe(137_846_528_820);
  expect(new Set(asked).size).toBe(asked.length);
});

test("an answer may be undefined", () => {
  const half = deeply(function* (n: number): Answering<number, number | undefined> {
    return n % 2 === 1 ? undefined : n === 0 ? 0 : yield n / 2;
  });
  expect([half(0), half(6)]).toEqual([0, undefined]);
});
