/** @file Sums of angles in the prime field, and how many angles they may be sums of. */
import { expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { degrees, variables } from "../../src/domain/degree.ts";
import { PrimeField } from "../../src/domain/prime-field.ts";
import { mostTurns } from "../../src/domain/rotations.ts";

/** For each multiple of an angle whether its rotation is that of the one before, turned once more. */
function isTurned(multiples: number): boolean[] {
  const field = new PrimeField(1034970719, random(1));
  const angle = field.draw(random(2), 1);
  const [cos, sin] = [field.cos(angle), field.sin(angle)];
  let before = { angle, cos, sin };
  return range(multiples).map(() => {
    const next = field.add(before.angle, angle);
    const now = { angle: next, cos: field.cos(next), sin: field.sin(next) };
    const turned = field.sub(field.mul(before.cos, cos), field.mul(before.sin, sin));
    before = now;
    return at(turned.p, 0) === at(now.cos.p, 0) && at(turned.q, 0) === at(now.cos.q, 0);
  });
}

test("multiples of an angle are turned again and again, up to the bound of their degree", () => {
  expect(isTurned(mostTurns - 1)).not.toContain(false);
  expect(at(isTurned(mostTurns), mostTurns - 1)).toBe(false);
});

test("the degree of a sine is that of the longest sum", () => {
  const { over, under } = degrees.sin(variables(1));
  expect([over, under]).toEqual([2 * mostTurns, 2 * mostTurns]);
});

test("sine and cosine are not told as functions of which nothing is assumed", () => {
  const field = new PrimeField(1034970719, random(1));
  field.sin(field.draw(random(2), 3));
  expect([...field.hashed]).toEqual([]);
});
