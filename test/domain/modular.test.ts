/** @file Modular arithmetic against bigint, at random and at the extremes of every modulus that a run may use. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import {
  fractionalExponent,
  invmod,
  isPrime,
  largestModulus,
  legendre,
  mulmod,
  powmod,
  residue,
  sqrtmod,
} from "../../src/domain/modular.ts";
import {
  addArrays,
  inverses,
  matmulArrays,
  multiplyArrays,
  negativeInfinity,
  powersOf,
  sumRowsOf,
} from "../../src/domain/modular-arrays.ts";
import { drawPrime, fieldPrimes, isFieldPair } from "../../src/domain/primes.ts";

const moduli = fieldPrimes.flatMap((p) => [p, (p - 1) / 2]);
const modulus = fc.constantFrom(...moduli);
const big = (a: number, b: number, m: number): number => Number((BigInt(a) * BigInt(b)) % BigInt(m));

/** x^e mod m by squaring, in bigint. */
function bigPower(x: number, e: bigint, m: number): number {
  const n = BigInt(m);
  let [result, square] = [1n, BigInt(x)];
  for (let rest = e; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % n;
    square = (square * square) % n;
  }
  return Number(result);
}

/** A modulus and residues of it, the extremes often. */
const residues = (count: number): fc.Arbitrary<{ m: number; x: number[] }> =>
  modulus.chain((m) =>
    fc.record({
      m: fc.constant(m),
      x: fc.array(fc.oneof(fc.constantFrom(0, 1, 2, m - 2, m - 1), fc.nat(m - 1)), {
        minLength: count,
        maxLength: count,
      }),
    }),
  );
const holds = (count: number, law: (m: number, ...x: number[]) => void): void =>
  fc.assert(
    fc.property(residues(count), ({ m, x }) => {
      law(m, ...x);
    }),
    { numRuns: 2000 },
  );

describe("scalars", () => {
  test("products, at random", () => {
    holds(2, (m, a = 0, b = 0) => expect(mulmod(a, b, m)).toBe(big(a, b, m)));
  });

  test("products beside the extremes of every modulus and of 2³¹ − 2¹¹", () => {
    for (const m of [...moduli, largestModulus]) {
      const edges = [0, 1, 2, 3, m - 3, m - 2, m - 1, (m - 1) / 2, (m + 1) / 2, 46340, 46341, 65535, 65536];
      const whole = edges.map(Math.floor);
      for (const a of whole) for (const b of whole) expect(mulmod(a, b, m)).toBe(big(a, b, m));
    }
  });

  test("products next to a multiple of the modulus, where the quotient's estimate is off by one", () => {
    holds(2, (m, a = 0, c = 0) => {
      fc.pre(a !== 0);
      // b ≈ c m / a, so that a b is just above or below c m.
      const b = Number((BigInt(c) * BigInt(m)) / BigInt(a));
      for (const near of [b - 1, b, b + 1]) {
        if (near >= 0 && near < m) expect(mulmod(a, near, m)).toBe(big(a, near, m));
      }
    });
  });

  test("powers and inverses", () => {
    holds(2, (m, a = 0, e = 0) => {
      expect(powmod(a, e, m)).toBe(bigPower(a, BigInt(e), m));
      if (a !== 0) expect(mulmod(a, invmod(a, m), m)).toBe(1);
    });
  });

  test("Legendre's symbol is Euler's power", () => {
    holds(1, (m, a = 0) => {
      const power = bigPower(a, BigInt((m - 1) / 2), m);
      expect(legendre(a, m)).toBe(power === m - 1 ? -1 : power);
    });
    for (const m of [3, 5, 7, 11, 13, 17]) {
      const squares = new Set(Array.from({ length: m }, (_, i) => (i * i) % m));
      for (let a = 1; a < m; a++) expect(legendre(a, m)).toBe(squares.has(a) ? 1 : -1);
    }
  });

  test("the square root of a square is a square", () => {
    holds(1, (m, a = 0) => {
      const square = mulmod(a, a, m);
      const root = sqrtmod(square, m);
      expect(mulmod(root, root, m)).toBe(square);
      expect(legendre(root, m)).not.toBe(-1);
    });
  });

  test("integers of any size", () => {
    fc.assert(
      fc.property(fc.bigInt(), modulus, (n, m) => {
        const r = residue(n, m);
        expect(r >= 0 && r < m && (n - BigInt(r)) % BigInt(m) === 0n).toBe(true);
      }),
    );
  });

  test("x^(n/d) to the power d is x^n on squares, and x^(1/2) is the square root", () => {
    const exponents: [bigint, bigint][] = [
      [1n, 2n],
      [1n, 3n],
      [2n, 3n],
      [3n, 4n],
      [7n, 5n],
      [1n, 10n],
    ];
    for (const [n, d] of exponents) {
      holds(1, (m, a = 0) => {
        const e = fractionalExponent(n, d, m);
        const square = mulmod(a, a, m);
        expect(bigPower(powmod(square, e ?? 0, m), d, m)).toBe(bigPower(square, n, m));
        if (n === 1n && d === 2n) expect(e).toBe((m + 1) / 4);
      });
    }
  });

  test("odd roots are odd functions of all numbers", () => {
    holds(1, (m, a = 0) => {
      const cube = fractionalExponent(1n, 3n, m) ?? 0;
      expect(bigPower(powmod(a, cube, m), 3n, m)).toBe(a);
    });
  });

  test("integer exponents stand for themselves, and a missing root is reported", () => {
    expect(fractionalExponent(5n, 1n, 1034970719)).toBe(5);
    const divides = (d: number): number[] => moduli.filter((m) => ((m - 1) / 2) % d === 0);
    expect([2, 3, 5, 7, 11].flatMap(divides)).toEqual([]);
    expect(fractionalExponent(1n, 13n, at(divides(13), 0))).toBeUndefined();
  });
});

describe("arrays", () => {
  const array = (m: number, count: number, seed: number): Int32Array => {
    const source = random(seed);
    return Int32Array.from({ length: count }, (_, i) =>
      i % 3 === 0 ? source.below(m) : m - 1 - source.below(3),
    );
  };

  test("sums and products", () => {
    for (const m of moduli) {
      const [x, y] = [array(m, 50, m), array(m, 50, m + 1)];
      expect([...addArrays(x, y, m)]).toEqual([...x].map((a, i) => (a + at(y, i)) % m));
      expect([...multiplyArrays(x, y, m)]).toEqual([...x].map((a, i) => big(a, at(y, i), m)));
    }
  });

  test("inverses, in which zeros and infinities give zero", () => {
    const m = at(moduli, 0);
    const x = Int32Array.of(0, 1, m - 1, 0, 12345, negativeInfinity, 7);
    expect([...inverses(x, m)]).toEqual([...x].map((a) => (a > 0 ? bigPower(a, BigInt(m - 2), m) : 0)));
    expect([...inverses(new Int32Array(3), m)]).toEqual([0, 0, 0]);
  });

  test("powers of one base", () => {
    for (const m of moduli.slice(0, 6)) {
      const exponents = Int32Array.of(0, 1, 255, 256, 65535, 65536, 2 ** 24, m - 1, 2 ** 31 - 1);
      const powers = powersOf(3, m)(exponents);
      expect([...powers]).toEqual([...exponents].map((e) => bigPower(3, BigInt(e), m)));
      expect([...powersOf(3, m)(Int32Array.of(negativeInfinity))]).toEqual([0]);
    }
  });

  test("matrix products with long sums of large residues", () => {
    for (const m of [at(fieldPrimes, -1 + fieldPrimes.length), at(moduli, 1)]) {
      for (const [batch, rows, inner, columns] of [
        [1, 1, 1, 1],
        [2, 3, 31, 2],
        [1, 2, 32, 3],
        [2, 1, 33, 4],
        [1, 2, 200, 1],
        [1, 2, 0, 2],
      ] as const) {
        const x = array(m, batch * rows * inner, 1);
        const y = array(m, batch * inner * columns, 2);
        const expected = Array.from({ length: batch * rows * columns }, (_, flat) => {
          const [b, i, j] = [
            Math.floor(flat / (rows * columns)),
            Math.floor(flat / columns) % rows,
            flat % columns,
          ];
          let sum = 0n;
          for (let k = 0; k < inner; k++) {
            sum += BigInt(at(x, (b * rows + i) * inner + k)) * BigInt(at(y, (b * inner + k) * columns + j));
          }
          return Number(sum % BigInt(m));
        });
        expect([...matmulArrays(x, y, { batch, rows, inner, columns }, m)]).toEqual(expected);
      }
    }
  });

  test("matrix products of the largest residues only", () => {
    const m = at(fieldPrimes, fieldPrimes.length - 1);
    const inner = 1000;
    const x = new Int32Array(inner).fill(m - 1);
    // (−1)² summed.
    expect([...matmulArrays(x, x, { batch: 1, rows: 1, inner, columns: 1 }, m)]).toEqual([inner]);
  });

  test("row sums, also of more terms than fit below 2⁵³ at once", { timeout: 60_000 }, () => {
    const m = at(fieldPrimes, fieldPrimes.length - 1);
    const x = array(m, 12, 5);
    const row = (i: number): number => [...x.subarray(i * 4, i * 4 + 4)].reduce((a, b) => (a + b) % m, 0);
    expect([...sumRowsOf(x, 3, 4, m)]).toEqual([row(0), row(1), row(2)]);
    // Odd, so that a sum beyond 2⁵³ would be rounded.
    const columns = 2 ** 22 + 2 ** 20 + 1;
    expect([...sumRowsOf(new Int32Array(columns).fill(m - 2), 1, columns, m)]).toEqual([m - 2 * columns]);
    expect([...sumRowsOf(Int32Array.of(3, negativeInfinity, 5, 6), 2, 2, m)]).toEqual([negativeInfinity, 11]);
    expect([...sumRowsOf(new Int32Array(), 2, 0, m)]).toEqual([0, 0]);
  });
});

describe("the primes", () => {
  test("every one makes a pair with its half, and stays in the range of the kernels", () => {
    expect(fieldPrimes.every((p) => isFieldPair(p, (p - 1) / 2))).toBe(true);
    expect(fieldPrimes.every((p) => p > 2 ** 29 && p <= largestModulus)).toBe(true);
  });

  test("primality against trial division", () => {
    const divides = (n: number): boolean => {
      for (let d = 2; d * d <= n; d++) if (n % d === 0) return true;
      return false;
    };
    for (let n = 2; n < 3000; n++) expect(isPrime(n)).toBe(!divides(n));
    for (const n of [...moduli, 2 ** 31 - 2049, 1373653, 25326001]) expect(isPrime(n)).toBe(!divides(n));
  });

  test("they are all: a search of every residue class that reciprocity allows", () => {
    // q ≡ 3 (mod 4) is a prime modulo which ℓ is a square iff (q/ℓ) = 1 for ℓ ≡ 1 (mod 4), (q/ℓ) = −1 otherwise.
    const isSquare = (a: number, l: number): boolean =>
      Array.from({ length: l - 1 }, (_, i) => ((i + 1) * (i + 1)) % l).includes(a % l);
    const allowed = (q: number, l: number): boolean =>
      q % l !== 0 &&
      isSquare(q, l) === (l % 4 === 1) &&
      (2 * q + 1) % l !== 0 &&
      isSquare(2 * q + 1, l) === (l % 4 === 1);
    const period = 8 * 3 * 5 * 7 * 11 * 13;
    const classes = Array.from({ length: period / 8 }, (_, i) => 8 * i + 7).filter((q) =>
      [3, 5, 7, 11, 13].every((l) => allowed(q, l)),
    );
    const found: number[] = [];
    for (const first of classes) {
      for (let q = first; 2 * q + 1 <= largestModulus; q += period) {
        if (2 * q + 1 > 2 ** 29 && isFieldPair(2 * q + 1, q)) found.push(2 * q + 1);
      }
    }
    expect(found.sort((a, b) => a - b)).toEqual(fieldPrimes);
  });

  test("a run draws any of them", () => {
    const source = random(3);
    const drawn = new Set(Array.from({ length: 1000 }, () => drawPrime(source)));
    expect([...drawn].sort((a, b) => a - b)).toEqual(fieldPrimes);
  });
});
