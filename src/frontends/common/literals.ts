/** @file Numbers that a program stores as float32, as the numbers that were meant. */
import { type FloatPrecision, rational, recognise, toText } from "../../base/rational.ts";
import { type Place, Unsupported } from "../../diag/diagnostic.ts";
import type { Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import type { Dtype } from "../../ir/type.ts";
import type { Maker } from "./maker.ts";

/** Irrational numbers that programs compute before they become constants, as functions of a simple rational. */
interface Family {
  readonly text: (r: string) => string;
  readonly of: (r: number) => number;
  /** The same with a rounding on the way. */
  readonly rounded?: (r: number) => number;
  readonly inverse: (value: number) => number;
  /** Largest numerator × denominator, so that chance hits are rare (equivalence.md §4.2, step 3). */
  readonly height: number;
  readonly node: (make: Maker, r: Node) => Node;
}

const pi = (make: Maker, { type }: Node): Node =>
  make.apply("NamedConstant", [], { name: "pi", dtype: type.dtype });
const root = (make: Maker, x: Node): Node => make.apply("Sqrt", [x], {});
const timesPi = (make: Maker, r: Node): Node => make.apply("Mul", [r, pi(make, r)], {});
const overPi = (make: Maker, r: Node): Node => make.apply("Div", [r, pi(make, r)], {});

const families: readonly Family[] = [
  { text: (r) => `√(${r})`, of: Math.sqrt, inverse: (v) => v * v, height: 2 ** 12, node: root },
  { text: (r) => `${r} π`, of: (r) => r * Math.PI, inverse: (v) => v / Math.PI, height: 64, node: timesPi },
  { text: (r) => `${r} / π`, of: (r) => r / Math.PI, inverse: (v) => v * Math.PI, height: 64, node: overPi },
  {
    text: (r) => `√(${r} π)`,
    of: (r) => Math.sqrt(r * Math.PI),
    inverse: (v) => (v * v) / Math.PI,
    height: 64,
    node: (make, r) => root(make, timesPi(make, r)),
  },
  {
    text: (r) => `√(${r} / π)`,
    of: (r) => Math.sqrt(r / Math.PI),
    inverse: (v) => v * v * Math.PI,
    height: 64,
    node: (make, r) => root(make, overPi(make, r)),
  },
  // Exporters spread the factor of attention's scores over queries and keys.
  {
    text: (r) => `(${r})^(1/4)`,
    of: (r) => r ** 0.25,
    rounded: (r) => Math.sqrt(Math.fround(Math.sqrt(r))),
    inverse: (v) => v ** 4,
    height: 2 ** 10,
    node: (make, r) => root(make, root(make, r)),
  },
];

const precisions: Readonly<Partial<Record<Dtype, FloatPrecision>>> = {
  float64: "float64",
  float32: "float32",
  float16: "float16",
  bfloat16: "bfloat16",
};

/** A stored number as a constant. Throws Unsupported for NaN. */
export function numberNode(make: Maker, value: number, dtype: Dtype, where: Place): Node {
  if (Number.isNaN(value)) {
    throw new Unsupported({ code: "A5201", place: where, got: "NaN", want: "numbers and infinities" });
  }
  if (!Number.isFinite(value)) {
    const infinity = make.apply("NamedConstant", [], { name: "negative infinity", dtype });
    return value < 0 ? infinity : make.apply("Neg", [infinity], {});
  }
  const precision = precisions[dtype];
  if (precision === undefined) return make.apply("Constant", [], { value: rational(value), dtype });
  // The library folds products of constants in double precision.
  const stored = precision === "float32" ? Math.fround(value) : value;
  const meant = recognise(stored, precision);
  const height = Math.abs(Number(meant.numerator * meant.denominator));
  const isSimple = height < 2 ** 12 || digitsOf(toText(meant)) <= 6;
  const constant = make.apply("Constant", [], { value: meant, dtype });
  return isSimple ? constant : (irrational(make, stored, dtype) ?? constant);
}

const digitsOf = (text: string): number =>
  text.includes("/") ? Number.POSITIVE_INFINITY : text.replace(/e.*|\D/g, "").replace(/^0+/, "").length;

/** The number as a member of a family, with a note, for float32. */
function irrational(make: Maker, value: number, dtype: Dtype): Node | undefined {
  if (dtype !== "float32") return undefined;
  if (value < 0) {
    const opposite = irrational(make, -value, dtype);
    return opposite && make.apply("Neg", [opposite], {});
  }
  for (const family of families) {
    const target = family.inverse(value);
    for (let d = 1; d <= family.height && Math.round(target * d) * d <= family.height; d++) {
      const n = Math.round(target * d);
      const ways = [family.of, family.rounded ?? family.of];
      if (n === 0 || !ways.some((way) => Math.fround(way(n / d)) === value)) continue;
      const r = rational(n, d);
      make.note(`the constant ${value} is read as ${family.text(toText(r))}`);
      return family.node(make, make.apply("Constant", [], { value: r, dtype }));
    }
  }
  return undefined;
}

const literalLimit = 64;

/** A small array as the numbers themselves; `undefined` when it isn't small. */
export function arrayNode(
  make: Maker,
  values: readonly number[],
  shape: Shape,
  dtype: Dtype,
): Node | undefined {
  if (values.length === 0 || values.length > literalLimit) return undefined;
  const numbers = values.map((value) => make.reshape(numberNode(make, value, dtype, {}), [1]));
  return make.reshape(make.concat(numbers, 0), shape);
}
