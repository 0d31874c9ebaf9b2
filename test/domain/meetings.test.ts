/** @file Whether the prime field notices that two arguments of a function, different ones perhaps, were taken for one. */
import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { rational } from "../../src/base/rational.ts";
import { PrimeField } from "../../src/domain/prime-field.ts";
import { type Residues, single } from "../../src/domain/residues.ts";

const fieldOf = (): PrimeField => new PrimeField(1034970719, random(1));
/** Two numbers that only their q-residues tell apart. */
const one = single({ p: 123456, q: 1000 });
const other = single({ p: 123456, q: 2000 });

const unit = (f: PrimeField): Residues => f.constant(rational(1));
/** The second of the two numbers, turned round; so they meet as opposites or reciprocals. */
const turned = (x: Residues, turn: (x: Residues) => Residues): Residues =>
  x.q[0] === other.q[0] ? turn(x) : x;

/** Functions that are known by what they were given. */
const functions: readonly (readonly [string, (f: PrimeField, x: Residues) => unknown])[] = [
  ["exp", (f, x) => f.exp(x)],
  ["exp of the opposite", (f, x) => f.exp(turned(x, (y) => f.neg(y)))],
  ["log", (f, x) => f.log(x)],
  ["log of the reciprocal", (f, x) => f.log(turned(x, (y) => f.div(unit(f), y)))],
  ["logsumexp", (f, x) => f.logSumExpRows(x, 1, 1)],
  ["erf", (f, x) => f.erf(x)],
  ["sin", (f, x) => f.sin(x)],
  ["cos of the opposite", (f, x) => f.cos(turned(x, (y) => f.neg(y)))],
  ["a function without a name", (f, x) => f.opaque("sort", [x], 1)],
  ["an order", (f, x) => f.rankRows(f.concat([x, f.sub(unit(f), x)]), 1, 2)],
];

describe.each(functions)("%s", (_, apply) => {
  test("of a number that is given twice is in no doubt", () => {
    const field = fieldOf();
    apply(field, one);
    apply(field, one);
    expect(field.meetings.lookups).toBeGreaterThanOrEqual(2);
    expect(field.meetings.doubts).toBe(0);
  });

  test("of numbers with one p-residue is in doubt", () => {
    const field = fieldOf();
    apply(field, one);
    apply(field, other);
    expect(field.meetings.doubts).toBeGreaterThan(0);
  });
});

describe("a log", () => {
  const x = (f: PrimeField): Residues => f.draw(random(2), 1);

  test.each<readonly [string, (f: PrimeField) => Residues]>([
    ["e^x", (f) => f.exp(x(f))],
    ["e^(−x) as a reciprocal", (f) => f.div(unit(f), f.exp(x(f)))],
    ["(e^x)²", (f) => f.mul(f.exp(x(f)), f.exp(x(f)))],
    ["√(e^x)", (f) => f.sqrt(f.exp(x(f)))],
    ["1 + e^x", (f) => f.add(unit(f), f.exp(x(f)))],
  ])("of %s is in no doubt", (_, power) => {
    const field = fieldOf();
    field.log(power(field));
    expect(field.meetings.doubts).toBe(0);
  });

  test("of a number that only has the p-residue of an exp is in doubt", () => {
    const field = fieldOf();
    const { p } = field.exp(x(field));
    field.log({ p, q: Int32Array.of(7) });
    expect(field.meetings.doubts).toBe(1);
  });
});

test("opposite arguments have reciprocal exps in both residues", () => {
  const field = fieldOf();
  const x = field.draw(random(2), 3);
  const product = field.mul(field.exp(x), field.exp(field.neg(x)));
  expect(product).toEqual(field.fromIntegers(new Float64Array([1, 1, 1])));
});

test("an angle that is a sum in its p-residue only is in doubt", () => {
  const field = fieldOf();
  const [a, b] = [field.draw(random(2), 1), field.draw(random(3), 1)];
  field.sin(a);
  field.sin(b);
  field.sin(field.add(a, b));
  expect(field.meetings.doubts).toBe(0);
  field.sin({ ...field.sub(a, b), q: Int32Array.of(7) });
  expect(field.meetings.doubts).toBe(1);
});

test("an order is in doubt of elements that only their q-residues tell apart", () => {
  const field = fieldOf();
  // Rows that sum to 1 in p are ordered by the elements themselves; what both are shifted by shows in q alone.
  const row = field.concat([one, field.sub(unit(field), one)]);
  const shifted = { p: row.p, q: row.q.map((value) => (value + 7) % field.q) };
  field.rankRows(row, 1, 2);
  expect(field.meetings.doubts).toBe(0);
  field.rankRows(shifted, 1, 2);
  expect(field.meetings.doubts).toBe(2);
});
