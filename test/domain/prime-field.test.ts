/** @file The prime field: the axioms of a field against bigint, −∞, and what makes a run void. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, only } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { rational } from "../../src/base/rational.ts";
import { PrimeField } from "../../src/domain/prime-field.ts";
import { fieldPrimes } from "../../src/domain/primes.ts";
import type { Residues } from "../../src/domain/residues.ts";

const field = (seed = 1): PrimeField => new PrimeField(2137043999, random(seed));
const f = field();
const infinity = f.named("negative infinity");

const pair = fc.record({ p: fc.nat(f.p - 1), q: fc.nat(f.q - 1) });
const number: fc.Arbitrary<Residues> = fc
  .oneof(pair, fc.constantFrom({ p: 0, q: 0 }, { p: 1, q: 1 }, { p: f.p - 1, q: f.q - 1 }))
  .map(({ p, q }) => ({ p: Int32Array.of(p), q: Int32Array.of(q) }));
const zero = f.constant(rational(0));
const unit = f.constant(rational(1));

const big = (x: Residues): [bigint, bigint] => [BigInt(only([...x.p])), BigInt(only([...x.q]))];
const reduce = (p: bigint, q: bigint): Residues => ({
  p: Int32Array.of(Number(((p % BigInt(f.p)) + BigInt(f.p)) % BigInt(f.p))),
  q: Int32Array.of(Number(((q % BigInt(f.q)) + BigInt(f.q)) % BigInt(f.q))),
});
const holds = (law: (x: Residues, y: Residues, z: Residues) => void): void =>
  fc.assert(
    fc.property(number, number, number, (x, y, z) => {
      law(x, y, z);
    }),
    { numRuns: 500 },
  );

describe("a field", () => {
  test("sums, differences and products are those of the integers", () => {
    holds((x, y) => {
      const [[xp, xq], [yp, yq]] = [big(x), big(y)];
      expect(f.add(x, y)).toEqual(reduce(xp + yp, xq + yq));
      expect(f.sub(x, y)).toEqual(reduce(xp - yp, xq - yq));
      expect(f.mul(x, y)).toEqual(reduce(xp * yp, xq * yq));
      expect(f.neg(x)).toEqual(reduce(-xp, -xq));
    });
  });

  test("the axioms", () => {
    holds((x, y, z) => {
      expect(f.add(x, f.add(y, z))).toEqual(f.add(f.add(x, y), z));
      expect(f.mul(x, f.mul(y, z))).toEqual(f.mul(f.mul(x, y), z));
      expect(f.mul(x, f.add(y, z))).toEqual(f.add(f.mul(x, y), f.mul(x, z)));
      expect([f.add(x, y), f.mul(x, y)]).toEqual([f.add(y, x), f.mul(y, x)]);
      expect([f.add(x, zero), f.mul(x, unit), f.add(x, f.neg(x))]).toEqual([x, x, zero]);
    });
  });

  test("a quotient times the denominator; a zero denominator makes the run void", () => {
    holds((x, y) => {
      const run = field();
      const quotient = run.div(x, y);
      const defined = only([...y.p]) !== 0 && only([...y.q]) !== 0;
      expect(run.undefinedDivision).toBe(!defined);
      if (defined) expect(run.mul(quotient, y)).toEqual(x);
    });
  });

  test("constants are their fractions, and integers themselves", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 10 ** 6 }), (n, d) => {
        expect(f.mul(f.constant(rational(n, d)), f.fromIntegers(Float64Array.of(d)))).toEqual(
          f.fromIntegers(Float64Array.of(n)),
        );
      }),
    );
    const run = field();
    run.constant(rational(1, run.p));
    expect(run.undefinedDivision).toBe(true);
  });

  test("the order is total, odd under negation, and positive on squares", () => {
    holds((x, y) => {
      const less = f.less(x, y)[0];
      expect(less).toBe(f.equal(x, y)[0] === 1 ? 0 : 1 - (f.less(y, x)[0] ?? 0));
      expect(f.less(f.neg(y), f.neg(x))[0]).toBe(less);
      expect(f.less(f.mul(x, x), zero)[0]).toBe(0);
    });
  });

  test("every pair of primes makes a field, and other numbers none", () => {
    for (const p of fieldPrimes) expect(new PrimeField(p, random(1)).q).toBe((p - 1) / 2);
    for (const p of [2137043998, 2147483647, 36000109, 23]) {
      expect(() => new PrimeField(p, random(1))).toThrow("pair of primes");
    }
  });

  test("a root that the field lacks makes the run void", () => {
    const without = fieldPrimes.filter((p) => ((p - 3) / 4) % 13 === 0);
    const run = new PrimeField(at(without, 0), random(1));
    run.power(run.constant(rational(4)), rational(1, 10));
    expect(run.undefinedDivision).toBe(false);
    run.power(run.constant(rational(4)), rational(1, 13));
    expect(run.undefinedDivision).toBe(true);
  });

  test("exp of 0 is 1, and of equal values is equal, whatever became of their q-residues", () => {
    const run = field();
    const value = run.exp(run.constant(rational(1, 3)));
    const same: Residues = { p: value.p, q: run.draw(random(4), 1).q };
    expect(run.exp(run.sub(value, same))).toEqual(run.exp(zero));
    expect(run.exp(zero).p).toEqual(unit.p);
    expect(run.exp(same)).toEqual(run.exp(value));
  });

  test("runs differ, and the same seed gives the same run", () => {
    const value = (seed: number): unknown => [
      field(seed).named("pi"),
      field(seed).named("e"),
      field(seed).erf(unit),
    ];
    expect(value(1)).toEqual(value(1));
    for (const [i, own] of (value(1) as unknown[]).entries())
      expect(at(value(2) as unknown[], i)).not.toEqual(own);
  });

  test("an opaque function depends on its name, every argument and their order", () => {
    const [x, y] = [f.draw(random(1), 3), f.draw(random(2), 3)];
    const values = [
      f.opaque("g", [x, y], 4),
      f.opaque("h", [x, y], 4),
      f.opaque("g", [y, x], 4),
      f.opaque("g", [x, { ...y, p: y.p.with(2, 5) }], 4),
    ].flatMap(({ p, q }) => [...p, ...q]);
    expect(new Set(values).size).toBe(32);
    expect(f.opaque("g", [x, { ...y, q: y.q.with(2, 5) }], 4)).toEqual(f.opaque("g", [x, y], 4));
  });
});

describe("negative infinity", () => {
  const one = (made: (run: PrimeField) => Residues): { value: Residues; void: boolean } => {
    const run = field();
    const value = made(run);
    return { value, void: run.undefinedDivision };
  };
  const four = f.constant(rational(4));
  const minus = f.constant(rational(-4));

  test.each<[string, (run: PrimeField) => Residues, Residues]>([
    ["−∞ + x = −∞", (run) => run.add(four, infinity), infinity],
    ["−∞ − x = −∞", (run) => run.sub(infinity, four), infinity],
    ["−∞ · 4 = −∞", (run) => run.mul(infinity, four), infinity],
    ["−∞ / 4 = −∞", (run) => run.div(infinity, four), infinity],
    ["4 / −∞ = 0", (run) => run.div(four, infinity), zero],
    ["max(−∞, x) = x", (run) => run.maximum(infinity, minus), minus],
    ["max(x, −∞) = x", (run) => run.maximum(minus, infinity), minus],
    ["max(−∞, −∞) = −∞", (run) => run.maximum(infinity, infinity), infinity],
    ["min(x, −∞) = −∞", (run) => run.minimum(minus, infinity), infinity],
    ["exp(−∞) = 0", (run) => run.exp(infinity), zero],
    ["a sum with −∞", (run) => run.sumRows(run.concat([four, infinity]), 1, 2), infinity],
    ["a maximum with −∞", (run) => run.maxRows(run.concat([infinity, minus, infinity]), 1, 3), minus],
    [
      "a choice",
      (run) => run.select(Float64Array.of(1, 0), run.concat([four, infinity]), run.concat([infinity, minus])),
      f.concat([four, minus]),
    ],
  ])("%s", (_, made, expected) => {
    expect(one(made)).toEqual({ value: expected, void: false });
  });

  test("is below every number and equal to itself", () => {
    expect([f.less(infinity, minus)[0], f.less(minus, infinity)[0], f.less(infinity, infinity)[0]]).toEqual([
      1, 0, 0,
    ]);
    expect([f.equal(infinity, infinity)[0], f.equal(infinity, minus)[0]]).toEqual([1, 0]);
  });

  test.each<[string, (run: PrimeField) => Residues]>([
    ["−(−∞)", (run) => run.neg(infinity)],
    ["−∞ − (−∞)", (run) => run.sub(infinity, infinity)],
    ["x − (−∞)", (run) => run.sub(four, infinity)],
    ["−∞ · 0", (run) => run.mul(infinity, zero)],
    ["−∞ · (−4)", (run) => run.mul(infinity, minus)],
    ["−∞ · −∞", (run) => run.mul(infinity, infinity)],
    ["−∞ / −∞", (run) => run.div(infinity, infinity)],
    ["log −∞", (run) => run.log(infinity)],
    ["√−∞", (run) => run.sqrt(infinity)],
    ["|−∞|", (run) => run.abs(infinity)],
    ["erf −∞", (run) => run.erf(infinity)],
    ["sin −∞", (run) => run.sin(infinity)],
    ["(−∞)²", (run) => run.power(infinity, rational(2))],
    ["a matrix product", (run) => run.matmul(infinity, four, { batch: 1, rows: 1, inner: 1, columns: 1 })],
    ["log 0", (run) => run.log(zero)],
    ["1 / 0", (run) => run.div(unit, zero)],
  ])("%s has no value", (_, made) => {
    expect(one(made).void).toBe(true);
  });

  test("a masked softmax ignores what is masked", () => {
    const scores = f.draw(random(9), 3);
    const softmax = (keys: readonly Residues[]): readonly Residues[] => {
      const weights = keys.map((x) => f.exp(x));
      const total = weights.reduce((x, y) => f.add(x, y));
      return weights.map((x) => f.div(x, total));
    };
    const score = (i: number): Residues => f.gather(scores, Int32Array.of(i));
    const [first, second] = softmax([score(0), score(1)]);
    const masked = softmax([score(0), f.add(score(2), infinity), score(1)]);
    expect(masked).toEqual([first, zero, second]);
  });
});
