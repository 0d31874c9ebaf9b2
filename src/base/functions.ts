/**
 * @file Functions of one or two numbers about which exact comparison knows little more than the name: equal arguments give
 * equal results, and some are odd. Those that follow from exp, log and sine are not here but formulas of these.
 */
import { digamma, inverseErf, logGamma, roundToEven } from "./special.ts";

interface NumberFunction {
  readonly doc: string;
  readonly arity: 1 | 2;
  /** f(−x) = −f(x). */
  readonly odd?: true;
  evaluate(x: number, y: number): number;
}

const names = [
  "floor",
  "round",
  "asin",
  "acos",
  "atan",
  "atan2",
  "lgamma",
  "digamma",
  "erfinv",
  "pow",
] as const;
export type FunctionName = (typeof names)[number];
export const functionNames: readonly FunctionName[] = names;

const functions: Readonly<Record<FunctionName, NumberFunction>> = {
  floor: { doc: "The largest integer that is at most x.", arity: 1, evaluate: Math.floor },
  round: { doc: "The nearest integer, of two the even one.", arity: 1, odd: true, evaluate: roundToEven },
  asin: { doc: "The angle in [−π/2, π/2] whose sine is x.", arity: 1, odd: true, evaluate: Math.asin },
  acos: { doc: "The angle in [0, π] whose cosine is x.", arity: 1, evaluate: Math.acos },
  atan: { doc: "The angle in (−π/2, π/2) whose tangent is x.", arity: 1, odd: true, evaluate: Math.atan },
  atan2: { doc: "The angle in (−π, π] of the point (y, x).", arity: 2, evaluate: Math.atan2 },
  lgamma: { doc: "log |Γ(x)|.", arity: 1, evaluate: logGamma },
  digamma: { doc: "The derivative of log Γ(x).", arity: 1, evaluate: digamma },
  erfinv: { doc: "The number whose erf is x.", arity: 1, odd: true, evaluate: inverseErf },
  pow: { doc: "x raised to y, of which neither is a constant.", arity: 2, evaluate: Math.pow },
};

/** What is known of a function, under its name. */
export const functionOf = (name: FunctionName): NumberFunction => functions[name];

const operations = ["and", "or", "xor", "left", "right"] as const;
export type BitOperation = (typeof operations)[number];
export const bitOperations: readonly BitOperation[] = operations;

const onBits: Readonly<Record<BitOperation, (x: bigint, y: bigint) => bigint>> = {
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  // Bits that are moved by less than none or by all are gone, and what remains is the sign.
  left: (x, y) => (y < 0n || y > 63n ? 0n : x << y),
  right: (x, y) => (y < 0n || y > 63n ? (x < 0n ? -1n : 0n) : x >> y),
};

/** An operation on the bits of two integers, in two's complement. */
export const operateOnBits = (operation: BitOperation, x: bigint, y: bigint): bigint =>
  onBits[operation](x, y);
