/** @file Irrational numbers that programs compute before they become constants, as what they were computed from. */
import { type Rational, rational, toText } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import type { Dtype } from "../../ir/type.ts";
import type { Maker } from "./maker.ts";

/** How exactly a program holds a number. */
export type Precision = "float32" | "float64";

/** Functions of a simple rational r. */
interface Family {
  /** In the words of the specification language. */
  readonly words: (r: string) => string;
  readonly of: (r: number) => number;
  /** The same in single precision, with a rounding on the way. */
  readonly rounded?: (r: number) => number;
  readonly inverse: (value: number) => number;
  /** Largest numerator × denominator of r, so that chance hits are rare (equivalence.md §4.2, step 3). */
  readonly height: Readonly<Record<Precision, number>>;
  /** Last bits by which a program in double precision may differ, since it computes in an order of its own. */
  readonly bits: number;
  readonly node: (make: Maker, r: Node) => Node;
}

const pi = (make: Maker, { type }: Node): Node =>
  make.apply("NamedConstant", [], { name: "pi", dtype: type.dtype });
const root = (make: Maker, x: Node): Node => make.apply("Sqrt", [x], {});
const times = (make: Maker, r: Node, factor: Node): Node =>
  r.op === "Constant" && toText(r.attrs.value) === "1" ? factor : make.mul(r, factor);
const overPi = (make: Maker, r: Node): Node => make.div(r, pi(make, r));

const multiple = (r: string, of: string): string => (r === "1" ? of : `${r} ${of}`);

/** Multiples of the logarithm of a number, as bases of frequencies and of logarithms are. */
const ofLogarithm = (base: number): Family => ({
  words: (r) => multiple(r, `log(${base})`),
  of: (r) => r * Math.log(base),
  inverse: (value) => value / Math.log(base),
  height: { float32: 16, float64: 2 ** 12 },
  bits: 4,
  node: (make, r) => times(make, r, make.apply("Log", [make.constant(base, r.type.dtype)], {})),
});

const families: readonly Family[] = [
  {
    words: (r) => `sqrt(${r})`,
    of: Math.sqrt,
    inverse: (v) => v * v,
    height: { float32: 2 ** 12, float64: 2 ** 12 },
    bits: 1,
    node: root,
  },
  {
    words: (r) => multiple(r, "pi"),
    of: (r) => r * Math.PI,
    inverse: (v) => v / Math.PI,
    height: { float32: 64, float64: 2 ** 12 },
    bits: 2,
    node: (make, r) => times(make, r, pi(make, r)),
  },
  {
    words: (r) => `${r} / pi`,
    of: (r) => r / Math.PI,
    inverse: (v) => v * Math.PI,
    height: { float32: 64, float64: 64 },
    bits: 1,
    node: overPi,
  },
  // The density of a Gaussian has it.
  {
    words: (r) => `sqrt(${multiple(r, "pi")})`,
    of: (r) => Math.sqrt(r * Math.PI),
    inverse: (v) => (v * v) / Math.PI,
    height: { float32: 64, float64: 64 },
    bits: 1,
    node: (make, r) => root(make, times(make, r, pi(make, r))),
  },
  // GELU's approximation has it.
  {
    words: (r) => `sqrt(${r} / pi)`,
    of: (r) => Math.sqrt(r / Math.PI),
    inverse: (v) => v * v * Math.PI,
    height: { float32: 64, float64: 64 },
    bits: 1,
    node: (make, r) => root(make, overPi(make, r)),
  },
  // The logarithm of a Gaussian's density has it.
  {
    words: (r) => multiple(r, "log(2 pi)"),
    of: (r) => r * Math.log(2 * Math.PI),
    inverse: (v) => v / Math.log(2 * Math.PI),
    height: { float32: 16, float64: 64 },
    bits: 4,
    node: (make, r) => {
      const twice = make.mul(make.constant(2, r.type.dtype), pi(make, r));
      return times(make, r, make.apply("Log", [twice], {}));
    },
  },
  ...[10000, 500000, 1000000, 2, 10].map(ofLogarithm),
  // Programs spread the factor of attention's scores over queries and keys.
  {
    words: (r) => `(${r})^(1/4)`,
    of: (r) => r ** 0.25,
    rounded: (r) => Math.sqrt(Math.fround(Math.sqrt(r))),
    inverse: (v) => v ** 4,
    height: { float32: 2 ** 10, float64: 2 ** 10 },
    bits: 2,
    node: (make, r) => root(make, root(make, r)),
  },
];

/** The number as a member of a family, with a note; `undefined` where it is of none. It is no simple rational itself. */
export function irrational(make: Maker, value: number, dtype: Dtype, precision: Precision): Node | undefined {
  for (const family of families) {
    const r = meant(family, Math.abs(value), precision);
    if (r === undefined) continue;
    const words = family.words(toText(r));
    make.note(`the constant ${value} is read as ${value < 0 ? "-" : ""}${words}`);
    const node = family.node(make, make.constant(r, dtype));
    return value < 0 ? make.apply("Neg", [node], {}) : node;
  }
  return undefined;
}

/** The simplest r of which the positive number is a function of the family. */
function meant(family: Family, value: number, precision: Precision): Rational | undefined {
  const { inverse, height, of, rounded = of, bits } = family;
  const target = inverse(value);
  const near = (r: number): boolean =>
    precision === "float32"
      ? [of, rounded].some((way) => Math.fround(way(r)) === value)
      : Math.abs(of(r) - value) <= bits * Number.EPSILON * value;
  const most = height[precision];
  for (let d = 1; d <= most && Math.round(target * d) * d <= most; d++) {
    const n = Math.round(target * d);
    if (n > 0 && near(n / d)) return rational(n, d);
  }
  return undefined;
}
