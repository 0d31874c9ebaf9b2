/** @file Powers and activations in the forms that people write. */
import { equal, one, type Rational, rational } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import type { Maker } from "./maker.ts";

/** A number in the dtype of x, or in single precision beside integers. */
export const numberLike = (make: Maker, value: number | Rational, x: Node): Node =>
  make.constant(value, isReal(x.type.dtype) ? x.type.dtype : "float32");

/** x^n for a constant n; x^0 is 1 for every x. */
export function constantPower(make: Maker, x: Node, exponent: Rational): Node {
  if (exponent.numerator === 0n) return make.stretch(make.constant(1, x.type.dtype), x.type.shape);
  if (equal(exponent, one)) return x;
  if (equal(exponent, rational(2))) return make.apply("Square", [x], {});
  if (equal(exponent, rational(1, 2))) return make.apply("Sqrt", [x], {});
  if (equal(exponent, rational(-1))) return make.apply("Reciprocal", [x], {});
  return make.apply("Power", [x], { exponent });
}

/** x^y: by its constant exponent, as a power of e for a positive constant base, else as a function of both. */
export function power(make: Maker, x: Node, y: Node): Node {
  if (y.op === "Constant") return constantPower(make, x, y.attrs.value);
  const isPositive = x.op === "Constant" && x.attrs.value.numerator > 0n;
  if (!isPositive) return make.apply("Function", [x, y], { name: "pow" });
  const log = make.apply("Log", [numberLike(make, x.attrs.value, y)], {});
  return make.apply("Exp", [make.mul(y, log)], {});
}

export const scaled = (make: Maker, factor: Rational, x: Node): Node =>
  equal(factor, one) ? x : make.mul(numberLike(make, factor, x), x);

/** max(x, low), and then min(…, high). */
export function clamp(make: Maker, x: Node, low: Node | undefined, high: Node | undefined): Node {
  const raised = low === undefined ? x : make.apply("Maximum", [x, low], {});
  return high === undefined ? raised : make.apply("Minimum", [raised, high], {});
}

/** max(x, 0) + α (e^min(x, 0) − 1), ELU (Clevert et al. 2016) also where α is not 1. */
export function weightedElu(make: Maker, x: Node, alpha: Rational): Node {
  const zero = numberLike(make, 0, x);
  const power = make.apply("Exp", [make.apply("Minimum", [x, zero], {})], {});
  const below = make.sub(power, numberLike(make, 1, x));
  return make.add(make.apply("Maximum", [x, zero], {}), scaled(make, alpha, below));
}
