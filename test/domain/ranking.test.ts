/**
 * @file The order of elements in the prime field: which functions of a row are ordered alike, as they are over the reals, and
 * which are not. Counts are exact numbers for one seed; two orders that have nothing to do with each other agree in one of
 * 4! rows.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { rational } from "../../src/base/rational.ts";
import { degrees, variables } from "../../src/domain/degree.ts";
import { float64 } from "../../src/domain/float64.ts";
import type { NumberSystem } from "../../src/domain/number-system.ts";
import { PrimeField } from "../../src/domain/prime-field.ts";

const [rows, columns] = [600, 4];
const count = rows * columns;
const rowOf = Int32Array.from({ length: count }, (_, i) => Math.floor(i / columns));

/** Functions of rows. */
class Rows<A> {
  readonly s: NumberSystem<A>;

  constructor(system: NumberSystem<A>) {
    this.s = system;
  }

  /** One number for each row, at all of its places. */
  spread = (x: A): A => this.s.gather(x, rowOf);
  number = (n: number): A => this.s.gather(this.s.constant(rational(n)), new Int32Array(count));
  exp = (x: A): A => this.s.exp(x);
  softmax = (x: A): A => {
    const weights = this.exp(this.s.sub(x, this.spread(this.s.maxRows(x, rows, columns))));
    return this.s.div(weights, this.spread(this.s.sumRows(weights, rows, columns)));
  };
  plainSoftmax = (x: A): A =>
    this.s.div(this.exp(x), this.spread(this.s.sumRows(this.exp(x), rows, columns)));
  logSoftmax = (x: A): A => this.s.sub(x, this.spread(this.s.logSumExpRows(x, rows, columns)));
  centred = (x: A): A =>
    this.s.sub(x, this.s.div(this.spread(this.s.sumRows(x, rows, columns)), this.number(columns)));
  sigmoid = (x: A): A => this.s.div(this.number(1), this.s.add(this.number(1), this.exp(this.s.neg(x))));
}

type F = <A>(r: Rows<A>, x: A, y: A) => A;

/** In how many rows two functions of the same rows are ordered alike. */
function alike<A>(system: NumberSystem<A>, x: A, y: A, left: F, right: F): number {
  const r = new Rows(system);
  const [a, b] = [left, right].map((f) => system.rankRows(f(r, x, y), rows, columns)) as [
    Float64Array,
    Float64Array,
  ];
  return range(rows).filter((row) =>
    range(columns).every((i) => at(a, row * columns + i) === at(b, row * columns + i)),
  ).length;
}

const same: readonly (readonly [string, F, F])[] = [
  ["x and x + c", (_, x) => x, (r, x, y) => r.s.add(x, r.spread(r.s.maxRows(y, rows, columns)))],
  ["x and x less its mean", (_, x) => x, (r, x) => r.centred(x)],
  ["x and softmax(x)", (_, x) => x, (r, x) => r.softmax(x)],
  ["softmax(x) and x", (r, x) => r.softmax(x), (_, x) => x],
  ["softmax(x) without a maximum, and x + c", (r, x) => r.plainSoftmax(x), (r, x) => r.s.add(x, r.number(3))],
  ["x and log_softmax(x)", (_, x) => x, (r, x) => r.logSoftmax(x)],
  [
    "x exp(x) and softmax(x exp(x))",
    (r, x) => r.s.mul(x, r.exp(x)),
    (r, x) => r.softmax(r.s.mul(x, r.exp(x))),
  ],
];

/** Alike over the reals, and not in the field. */
const lost: readonly (readonly [string, F, F, number])[] = [
  ["x and 2x", (_, x) => x, (r, x) => r.s.add(x, x), 24],
  ["x and e^x", (_, x) => x, (r, x) => r.exp(x), 26],
  ["x and σ(x)", (_, x) => x, (r, x) => r.sigmoid(x), 26],
];

const different: readonly (readonly [string, F, F, number])[] = [
  ["x and y", (_, x) => x, (_, __, y) => y, 21],
  ["x and −x", (_, x) => x, (r, x) => r.s.neg(x), 25],
  ["x and x²", (_, x) => x, (r, x) => r.s.mul(x, x), 20],
  ["x and x + y", (_, x) => x, (r, x, y) => r.s.add(x, y), 21],
  ["softmax(x) and softmax(y)", (r, x) => r.softmax(x), (r, _, y) => r.softmax(y), 21],
  ["softmax(x) and softmax(x y)", (r, x) => r.softmax(x), (r, x, y) => r.softmax(r.s.mul(x, y)), 19],
  ["x and softmax(x) y", (_, x) => x, (r, x, y) => r.s.mul(r.softmax(x), y), 25],
];

function inField(left: F, right: F): number {
  const source = random(2026);
  const field = new PrimeField(1034970719, source);
  const [x, y] = [field.draw(source, count), field.draw(source, count)];
  const agreeing = alike(field, x, y, left, right);
  expect(field.undefinedDivision).toBe(false);
  return agreeing;
}

function inFloats(left: F, right: F): number {
  const source = random(2026);
  const draw = (): Float64Array =>
    Float64Array.from({ length: count }, () => (source.below(2 ** 30) / 2 ** 30) * 4 - 2);
  return alike(float64, draw(), draw(), left, right);
}

describe("orders in the prime field", () => {
  test.each(same)("%s are ordered alike", (_, left, right) => {
    expect(inField(left, right)).toBe(rows);
    expect(inFloats(left, right)).toBe(rows);
  });

  test.each(lost)("%s are ordered alike over the reals only", (_, left, right, agreeing) => {
    expect(inField(left, right)).toBe(agreeing);
    expect(inFloats(left, right)).toBe(rows);
  });

  test.each(different)("%s are not", (_, left, right, agreeing) => {
    expect(inField(left, right)).toBe(agreeing);
    expect(inFloats(left, right)).toBeLessThan(rows / 2);
  });
});

// Below q, so that numbers which differ have exps which differ.
const rowsOf = fc.uniqueArray(fc.nat(517485358), { minLength: 1, maxLength: 6 });
const fieldOf = (): PrimeField => new PrimeField(1034970719, random(1));
const real = (p: readonly number[]): { p: Int32Array; q: Int32Array } => ({
  p: Int32Array.from(p),
  q: Int32Array.from(p, (value) => (value < 0 ? value : value % 517485359)),
});

describe("an order", () => {
  test("has each place once, and moves with the elements", () => {
    fc.assert(
      fc.property(rowsOf, fc.nat(5), (row, shift) => {
        const turned = row.map((_, i) => at(row, (i + shift) % row.length));
        const ranks = [...fieldOf().rankRows(real(row), 1, row.length)];
        const ranksTurned = [...fieldOf().rankRows(real(turned), 1, row.length)];
        expect(ranks.toSorted((a, b) => a - b)).toEqual(range(row.length));
        expect(ranksTurned).toEqual(row.map((_, i) => at(ranks, (i + shift) % row.length)));
      }),
    );
  });

  test("ends with −∞, and with the share 0", () => {
    fc.assert(
      fc.property(rowsOf, fc.nat(6), (row, place) => {
        const field = fieldOf();
        const masked = row.toSpliced(Math.min(place, row.length), 0, -1);
        const values = real(masked);
        const shares = new Rows(field).s.exp(values);
        const total = field.gather(field.sumRows(shares, 1, masked.length), new Int32Array(masked.length));
        for (const x of [values, field.div(shares, total)]) {
          const ranks = field.rankRows(x, 1, masked.length);
          expect(at(ranks, masked.indexOf(-1))).toBe(row.length);
        }
      }),
    );
  });

  test("of equals begins with the first", () => {
    expect([...fieldOf().rankRows(real([5, 5, 5]), 1, 3)]).toEqual([0, 1, 2]);
    expect([...float64.rankRows(Float64Array.of(1, 2, 2, Number.NEGATIVE_INFINITY), 1, 4)]).toEqual([
      2, 0, 1, 3,
    ]);
  });

  test("is a set of places in every number system", () => {
    expect([...degrees.rankRows(variables(6), 2, 3)]).toEqual([0, 1, 2, 0, 1, 2]);
    expect([...float64.rankRows(new Float64Array(0), 0, 3)]).toEqual([]);
  });

  test("is said to rest on a hash", () => {
    const field = fieldOf();
    field.rankRows(real([1, 2]), 1, 2);
    expect([...field.hashed]).toEqual(["rank"]);
  });
});
