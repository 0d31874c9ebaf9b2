/** @file Symbolic sizes: polynomials with the laws of integers, and NumPy's broadcasting. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDims,
  broadcastShapes,
  type Dim,
  dimText,
  divideUp,
  elementCount,
  equalDims,
  equalShapes,
  multiplyDims,
  shapeText,
  sizeOf,
  sizesOf,
  solvedFor,
  substitute,
  subtractDims,
  symbol,
  symbolsOf,
} from "../../src/ir/dim.ts";

const [B, T] = [symbol("B"), symbol("T")];
const atom = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom<Dim>(B, T, symbol("T2")));
const dim: fc.Arbitrary<Dim> = fc
  .array(fc.tuple(fc.constantFrom(addDims, multiplyDims, subtractDims), atom), { maxLength: 5 })
  .chain((steps) => atom.map((first) => steps.reduce((value, [apply, next]) => apply(value, next), first)));
const sizes = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)).map(
  ([b, t, u]) =>
    new Map([
      ["B", b],
      ["T", t],
      ["T2", u],
    ] as const),
);

describe("polynomials", () => {
  test("the laws of a commutative ring, by equality of keys", () => {
    fc.assert(
      fc.property(dim, dim, dim, (a, b, c) => {
        expect(equalDims(addDims(a, b), addDims(b, a))).toBe(true);
        expect(equalDims(multiplyDims(a, b), multiplyDims(b, a))).toBe(true);
        expect(
          equalDims(multiplyDims(a, addDims(b, c)), addDims(multiplyDims(a, b), multiplyDims(a, c))),
        ).toBe(true);
        expect(equalDims(multiplyDims(multiplyDims(a, b), c), multiplyDims(a, multiplyDims(b, c)))).toBe(
          true,
        );
        expect([subtractDims(a, a), multiplyDims(a, 0), addDims(a, 0), multiplyDims(a, 1)]).toEqual([
          0,
          0,
          a,
          a,
        ]);
      }),
    );
  });

  test("a quotient rounded up is that of integers wherever there is one", () => {
    const divisor = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom<Dim>(B, T, multiplyDims(2, B)));
    const positive = sizes.map((own) => new Map([...own].map(([name, size]) => [name, size + 1] as const)));
    fc.assert(
      fc.property(dim, divisor, positive, fc.boolean(), (a, by, given, isMultiple) => {
        const value = isMultiple ? multiplyDims(a, by) : a;
        const quotient = divideUp(value, by);
        if (isMultiple) expect(quotient).toBeDefined();
        if (quotient === undefined) return;
        expect(sizeOf(quotient, given)).toBe(Math.ceil(sizeOf(value, given) / sizeOf(by, given)) + 0);
      }),
      { numRuns: 1000 },
    );
    const [s, n] = [symbol("s"), symbol("n")];
    // Windows of 3 with a padding of 1, and windows of s side by side.
    expect(divideUp(multiplyDims(s, n), s)).toEqual(n);
    expect(divideUp(addDims(subtractDims(multiplyDims(s, n), s), 1), s)).toEqual(n);
    expect(divideUp(subtractDims(multiplyDims(s, n), 2), s)).toBeUndefined();
  });

  test("values are those of integers", () => {
    fc.assert(
      fc.property(dim, dim, sizes, (a, b, given) => {
        const value = (of: Dim): number => sizeOf(of, given) + 0;
        expect(value(addDims(a, b))).toBe(value(a) + value(b) + 0);
        expect(value(multiplyDims(a, b)) === value(a) * value(b)).toBe(true);
        expect(value(substitute(a, new Map([["B", b]])))).toBe(
          sizeOf(a, new Map([...given, ["B", value(b)]])) + 0,
        );
      }),
    );
  });

  test("equal polynomials are equal, others differ at some sizes", () => {
    fc.assert(
      fc.property(dim, dim, (a, b) => {
        // Degrees are at most 6, so 7 values of each of 3 symbols decide.
        const grid = [0, 1, 2, 3, 4, 5, 6];
        const same = grid.every((x) =>
          grid.every((y) =>
            grid.every((z) => {
              const given = new Map([
                ["B", x],
                ["T", y],
                ["T2", z],
              ] as const);
              return sizeOf(a, given) === sizeOf(b, given);
            }),
          ),
        );
        expect(equalDims(a, b)).toBe(same);
      }),
      { numRuns: 50 },
    );
  });

  test.each<[Dim, string]>([
    [addDims(multiplyDims(2, T), 1), "2*T + 1"],
    [multiplyDims(T, addDims(B, T)), "B*T + T*T"],
    [subtractDims(B, T), "B + -1*T"],
    [subtractDims(B, B), "0"],
    [B, "B"],
  ])("%# is written %s", (value, text) => expect(dimText(value)).toBe(text));

  test("shapes", () => {
    expect(shapeText([B, 3, multiplyDims(2, T)])).toBe("[B, 3, 2*T]");
    expect(dimText(elementCount([B, 3, B]))).toBe("3*B*B");
    expect(elementCount([])).toBe(1);
    expect([equalShapes([B], [B]), equalShapes([B], [T]), equalShapes([B], [B, 1])]).toEqual([
      true,
      false,
      false,
    ]);
    expect([...symbolsOf([B, 2, addDims(T, B)])].sort()).toEqual(["B", "T"]);
    expect(sizesOf([B, 2], new Map([["B", 5]]))).toEqual([5, 2]);
    expect(() => sizeOf(addDims(B, T), new Map([["B", 5]]))).toThrow("no size is known for T + 5");
  });
});

describe("a size solved for a symbol", () => {
  const power = (dim: Dim, degree: number): Dim =>
    Array.from({ length: degree }, () => dim).reduce(multiplyDims, 1);

  test("is what the size was made of", () => {
    const factor = fc.integer({ min: 1, max: 5 });
    const check = (times: number, degree: number, rest: Dim, c: number, symbols: readonly Dim[]): void => {
      const size = addDims(multiplyDims(times, power(symbol("m"), degree)), rest);
      const value = symbols.reduce(multiplyDims, c);
      const dim = substitute(size, new Map([["m", value]]));
      expect(solvedFor(size, "m", dim)).toEqual(value);
    };
    const symbols = fc.array(fc.constantFrom(B, T), { maxLength: 3 });
    fc.assert(
      fc.property(
        factor,
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom<Dim>(0, 1, 3, B),
        factor,
        symbols,
        check,
      ),
    );
  });

  test("has no value where no size is that", () => {
    const m = symbol("m");
    expect(solvedFor(power(m, 2), "m", 8)).toBeUndefined();
    expect(solvedFor(power(m, 2), "m", multiplyDims(B, T))).toBeUndefined();
    expect(solvedFor(power(m, 2), "m", addDims(power(B, 2), 1))).toBeUndefined();
    expect(solvedFor(multiplyDims(2, m), "m", 5)).toBeUndefined();
    expect(solvedFor(addDims(power(m, 2), m), "m", 6)).toBeUndefined();
    expect(solvedFor(multiplyDims(B, m), "m", 6)).toBeUndefined();
    expect(solvedFor(B, "m", 6)).toBeUndefined();
  });
});

describe("broadcasting", () => {
  const { cases } = JSON.parse(
    readFileSync(new URL("../reference/shapes.json", import.meta.url), "utf8"),
  ) as { readonly cases: readonly { shapes: number[][]; result: number[] | null }[] };

  test("as NumPy does, sizes 0 and 1 included", () => {
    expect(cases.filter(({ result }) => result === null).length).toBeGreaterThan(50);
    for (const { shapes, result } of cases) expect(broadcastShapes(shapes)).toEqual(result ?? undefined);
  });

  test("a symbolic size meets only itself and 1", () => {
    expect(broadcastShapes([[B, 1], [T]])).toEqual([B, T]);
    expect(broadcastShapes([[B], [B]])).toEqual([B]);
    expect(broadcastShapes([[B], [T]])).toBeUndefined();
    expect(broadcastShapes([[B], [2]])).toBeUndefined();
    expect(broadcastShapes([])).toEqual([]);
  });
});
