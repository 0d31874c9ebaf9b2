/** @file Exact rationals: arithmetic, text, rounding to doubles, and recognising what was written for a stored float. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  equal,
  type FloatPrecision,
  invert,
  isInteger,
  multiply,
  negate,
  one,
  parseDecimal,
  type Rational,
  rational,
  recognise,
  toNumber,
  toText,
  zero,
} from "../../src/base/rational.ts";

const any: fc.Arbitrary<Rational> = fc
  .tuple(fc.bigInt(), fc.bigInt({ min: 1n }))
  .map(([n, d]) => rational(n, d));
const double = fc.double({ noNaN: true, noDefaultInfinity: true });

/** A double as the rational that it is. */
function exactly(value: number): Rational {
  let [scaled, denominator] = [value, 1n];
  while (!Number.isInteger(scaled)) [scaled, denominator] = [scaled * 2, denominator * 2n];
  return rational(BigInt(scaled), denominator);
}

describe("arithmetic", () => {
  test("the axioms of a field, in lowest terms", () => {
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(equal(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c)))).toBe(true);
        expect(add(a, negate(a))).toEqual(zero);
        expect(add(a, b)).toEqual(add(b, a));
        if (!equal(a, zero)) expect(multiply(a, invert(a))).toEqual(one);
        expect(add(a, b).denominator > 0n).toBe(true);
      }),
    );
    expect([rational(6, -4), rational(0, -7), rational(4, 2)]).toEqual([rational(-3, 2), zero, rational(2)]);
    expect([isInteger(rational(4, 2)), isInteger(rational(1, 2))]).toEqual([true, false]);
    expect(() => rational(1, 0)).toThrow(RangeError);
    expect(() => invert(zero)).toThrow(RangeError);
  });
});

describe("to a double", () => {
  const { rationals } = JSON.parse(
    readFileSync(new URL("../reference/numbers.json", import.meta.url), "utf8"),
  ) as {
    readonly rationals: readonly { numerator: string; denominator: string; value: number }[];
  };

  test("as Python divides integers", () => {
    expect(rationals.length).toBeGreaterThan(100);
    for (const { numerator, denominator, value } of rationals) {
      expect(toNumber(rational(BigInt(numerator), BigInt(denominator)))).toBe(value);
    }
  });

  test("a double is itself, and neighbours' midpoints go to the even one", () => {
    fc.assert(
      fc.property(double, (value) => {
        expect(toNumber(exactly(value))).toBe(value === 0 ? 0 : value);
      }),
      { numRuns: 500 },
    );
    expect(toNumber(rational(2n ** 53n + 1n))).toBe(2 ** 53);
    expect(toNumber(rational(2n ** 53n + 3n))).toBe(2 ** 53 + 4);
  });

  test("beyond the range", () => {
    expect([toNumber(rational(2n ** 1024n)), toNumber(rational(-(2n ** 1100n)))]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(toNumber(rational(2n ** 1024n - 2n ** 970n))).toBe(Number.POSITIVE_INFINITY);
    expect(toNumber(rational(2n ** 1024n - 2n ** 970n - 1n))).toBe(Number.MAX_VALUE);
    expect(toNumber(rational(1n, 2n ** 1075n))).toBe(0);
    expect(toNumber(rational(3n, 2n ** 1075n))).toBe(2 ** -1073);
    expect(toNumber(zero)).toBe(0);
  });
});

describe("text", () => {
  test("what is written is read exactly", () => {
    const decimal = fc
      .tuple(fc.bigInt(), fc.nat(30))
      .map(([n, places]) => rational(n, 10n ** BigInt(places)));
    fc.assert(
      fc.property(decimal, (value) => {
        expect(parseDecimal(toText(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["0.044715", rational(44715, 1000000)],
    ["1e-5", rational(1, 100000)],
    ["-2.50", rational(-5, 2)],
    ["+.5", rational(1, 2)],
    ["3.", rational(3)],
    ["1E3", rational(1000)],
    ["12e-1", rational(6, 5)],
    ["-0", zero],
  ])("reads %s", (text, value) => expect(parseDecimal(text)).toEqual(value));

  test.each(["", "-", ".", "e5", "1e", "0x10", "1_000", " 1", "1/3", "NaN", "1e99999"])(
    "refuses %j",
    (text) => expect(parseDecimal(text)).toBeUndefined(),
  );

  test.each([
    [rational(1, 100000), "1e-5"],
    [rational(-3, 2 * 10 ** 6), "-1.5e-6"],
    [rational(44715, 10 ** 6), "0.044715"],
    [rational(1, 3), "1/3"],
    [rational(-7, 4), "-1.75"],
    [rational(1, 10000), "0.0001"],
    [rational(10 ** 9), "1000000000"],
    [zero, "0"],
  ])("writes %o as %s", (value, text) => expect(toText(value)).toBe(text));
});

describe("recognising constants", () => {
  type Rounded = Exclude<FloatPrecision, "float16">;
  const rounded: Readonly<Record<Rounded, (x: number) => number>> = {
    float64: (x) => x,
    float32: Math.fround,
    bfloat16: (x) => {
      // The upper half of a float32, ties to even.
      const bits = new Uint32Array(new Float32Array([x]).buffer);
      const upper = Number(bits[0]) + 0x7fff + ((Number(bits[0]) >>> 16) & 1);
      return Number(new Float32Array(new Uint32Array([(upper & 0xffff0000) >>> 0]).buffer)[0]);
    },
  };
  const read = (x: number, precision: Rounded): Rational => recognise(rounded[precision](x), precision);

  test.each<[number, Rational]>([
    [0.1, rational(1, 10)],
    [-0.1, rational(-1, 10)],
    [1e-5, rational(1, 100000)],
    [0.044715, rational(44715, 1000000)],
    [1.702, rational(851, 500)],
    [1 / 3, rational(1, 3)],
    [-2 / 3, rational(-2, 3)],
    [1 / 15, rational(1, 15)],
    [1 / 49, rational(1, 49)],
    [1 / 3003, rational(1, 3003)],
    [0.125, rational(1, 8)],
    [1e-12, rational(1, 10 ** 12)],
    [-1e9, rational(-(10 ** 9))],
    [65504, rational(65504)],
    [50257, rational(50257)],
    [2 ** 24, rational(2 ** 24)],
    [2 ** 31, rational(2 ** 31)],
    [0, zero],
  ])("%d in float64 and float32", (value, expected) => {
    expect(read(value, "float64")).toEqual(expected);
    expect(read(value, "float32")).toEqual(expected);
  });

  test.each<[number, Rational]>([
    [0.1, rational(1, 10)],
    [1 / 3, rational(1, 3)],
    [0.2, rational(1, 5)],
    [1e-5, rational(1, 100000)],
    [0.5, rational(1, 2)],
    [100, rational(100)],
    [1024, rational(1024)],
    [-1.5, rational(-3, 2)],
  ])("%d in bfloat16", (value, expected) => expect(read(value, "bfloat16")).toEqual(expected));

  test("float16, whose numbers below 2⁻¹⁴ have fewer bits", () => {
    expect(recognise(0.0999755859375, "float16")).toEqual(rational(1, 10));
    expect(recognise(0.333251953125, "float16")).toEqual(rational(1, 3));
    expect(recognise(1.0013580322265625e-5, "float16")).toEqual(rational(1, 100000));
    expect(recognise(65504, "float16")).toEqual(rational(65504));
    expect(recognise(-10000, "float16")).toEqual(rational(-10000));
    expect(() => recognise(0.1, "float16")).toThrow("not a finite float16");
  });

  test("irrational constants are no fractions: their shortest decimal stands for them", () => {
    expect(toText(recognise(Math.fround(Math.SQRT1_2), "float32"))).toBe("0.70710677");
    expect(toText(recognise(Math.SQRT1_2, "float64"))).toBe("0.7071067811865476");
    expect(toText(recognise(0.7978845608028654, "float64"))).toBe("0.7978845608028654");
    expect(toText(recognise(Math.fround(0.7978845608), "float32"))).toBe("0.7978846");
    expect(toText(recognise(0.7978845608, "float64"))).toBe("0.7978845608");
    expect(toText(recognise(Math.PI, "float64"))).toBe("3.141592653589793");
    expect(toText(recognise(Math.fround(Math.PI), "float32"))).toBe("3.1415927");
  });

  test("the largest and smallest numbers", () => {
    expect(recognise(3.4028234663852886e38, "float32")).toEqual(rational((2n ** 24n - 1n) * 2n ** 104n));
    expect(recognise(Number.MAX_VALUE, "float64")).toEqual(rational((2n ** 53n - 1n) * 2n ** 971n));
    expect(recognise(Number.MAX_SAFE_INTEGER, "float64")).toEqual(rational(2n ** 53n - 1n));
    expect(recognise(1e30, "float64")).toEqual(rational(10n ** 30n));
    expect(recognise(2 ** -149, "float32")).toEqual(rational(1n, 10n ** 45n));
    expect(recognise(5e-324, "float64")).toEqual(rational(5n, 10n ** 324n));
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => recognise(value, "float32")).toThrow(RangeError);
    }
  });

  test("whatever is recognised rounds back to the float", () => {
    fc.assert(
      fc.property(double, fc.constantFrom<Rounded>("float64", "float32", "bfloat16"), (x, precision) => {
        const value = rounded[precision](x);
        fc.pre(Number.isFinite(value));
        expect(rounded[precision](toNumber(recognise(value, precision)))).toBe(value === 0 ? 0 : value);
      }),
      { numRuns: 2000 },
    );
  });

  test("hardly any float is claimed as a fraction by chance", () => {
    let claimed = 0;
    const runs = 5000;
    fc.assert(
      fc.property(fc.float({ min: Math.fround(0.01), max: 100, noNaN: true }), (value) => {
        const { denominator } = recognise(value, "float32");
        let rest = denominator;
        for (const prime of [2n, 5n]) while (rest % prime === 0n) rest /= prime;
        if (rest !== 1n) claimed++;
      }),
      { numRuns: runs, seed: 1 },
    );
    // About 34 000 fractions of height 2¹², each claiming 2⁻²⁴ of its size.
    expect(claimed / runs).toBeLessThan(0.01);
  });
});
