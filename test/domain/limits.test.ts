/**
 * @file What the prime field loses, and the false identities that it accepts on some scalars (equivalence.md §4.9). Each row
 * counts random scalars, out of 600 from one seed, on which both sides have the same p-residue: exact numbers, not
 * bounds. A piecewise false identity holds where the signs happen to suit it, as it does over the reals; its count is the
 * rate c of which n independent elements leave cⁿ.
 */
import { expect, test } from "vitest";
import { agreement, type Row, row } from "./algebra.ts";

/** True over the reals; lost here, for the reason given. */
const lost: readonly Row[] = [
  // Only squares have a root.
  row(
    "√v √v = v for any v",
    (s) => s.mul(s.sqrt(s.a), s.sqrt(s.a)),
    (s) => s.a,
    304,
  ),
  // log knows the exps of the run, their squares and roots, and nothing of other products.
  row(
    "log e^a e^b = a + b",
    (s) => s.log(s.mul(s.exp(s.a), s.exp(s.b))),
    (s) => s.add(s.a, s.b),
    0,
  ),
  row(
    "exp(log_softmax) = softmax",
    (s) => s.exp(s.logSoftmax(s.keys)),
    (s) => s.softmax(s.keys),
    0,
  ),
  row(
    "exp undoes log",
    (s) => s.exp(s.log(s.mul(s.a, s.a))),
    (s) => s.mul(s.a, s.a),
    0,
  ),
  // The order is a tournament.
  row(
    "max is associative",
    (s) => s.max(s.a, s.max(s.b, s.c)),
    (s) => s.max(s.max(s.a, s.b), s.c),
    456,
  ),
];

/** False over the reals. */
const falseIdentities: readonly Row[] = [
  row(
    "e^a and e^b",
    (s) => s.exp(s.a),
    (s) => s.exp(s.b),
    0,
  ),
  row(
    "exp(exp a) and exp(exp b)",
    (s) => s.exp(s.exp(s.a)),
    (s) => s.exp(s.exp(s.b)),
    0,
  ),
  row(
    "tanh eight times, of a and of b",
    (s) => s.nested(s.a, 8, s.tanh),
    (s) => s.nested(s.b, 8, s.tanh),
    0,
  ),
  row(
    "a product of 48 gates and of 48 others",
    (s) => s.gates(s.a, 48),
    (s) => s.gates(s.b, 48),
    0,
  ),
  row(
    "σ(x) and (1 + tanh x)/2",
    (s) => s.sigmoid(s.a),
    (s) => s.div(s.add(s.number(1), s.tanh(s.a)), s.number(2)),
    0,
  ),
  row(
    "e^a + e^b and 1 + e^(a+b)",
    (s) => s.add(s.exp(s.a), s.exp(s.b)),
    (s) => s.add(s.number(1), s.exp(s.add(s.a, s.b))),
    0,
  ),
  row(
    "silu and x e^x",
    (s) => s.mul(s.a, s.sigmoid(s.a)),
    (s) => s.mul(s.a, s.exp(s.a)),
    0,
  ),
  row(
    "relu(−x) and −relu(x)",
    (s) => s.relu(s.neg(s.a)),
    (s) => s.neg(s.relu(s.a)),
    0,
  ),
  row(
    "erf and tanh",
    (s) => s.f.erf(s.a),
    (s) => s.tanh(s.a),
    0,
  ),
  row(
    "sin and cos",
    (s) => s.f.sin(s.a),
    (s) => s.f.cos(s.a),
    0,
  ),
  row(
    "log(ab) and log a",
    (s) => s.f.log(s.mul(s.a, s.b)),
    (s) => s.f.log(s.a),
    0,
  ),
  row(
    "log(1 + e^a) and log(1 + e^b)",
    (s) => s.log(s.add(s.number(1), s.exp(s.a))),
    (s) => s.log(s.add(s.number(1), s.exp(s.b))),
    0,
  ),
  row(
    "log(1 + a) and softplus(a)",
    (s) => s.log(s.add(s.number(1), s.a)),
    (s) => s.softplus(s.a),
    0,
  ),
  row(
    "log(2 + e^a) and softplus(a)",
    (s) => s.log(s.add(s.number(2), s.exp(s.a))),
    (s) => s.softplus(s.a),
    0,
  ),
  row(
    "log(e^a e^a e^a) and 2a",
    (s) => s.log(s.mul(s.exp(s.a), s.exp(s.a), s.exp(s.a))),
    (s) => s.add(s.a, s.a),
    0,
  ),
  row(
    "log √(e^a) and a",
    (s) => s.log(s.sqrt(s.exp(s.a))),
    (s) => s.a,
    0,
  ),
  row(
    "log(−e^a) and a",
    (s) => s.log(s.neg(s.exp(s.a))),
    (s) => s.a,
    0,
  ),
  row(
    "clamp to [0, 1] and to [−1, 1]",
    (s) => s.clamp(s.a, 0),
    (s) => s.clamp(s.a, -1),
    145,
  ),
  row(
    "relu(a) + relu(b) and relu(a + b)",
    (s) => s.add(s.relu(s.a), s.relu(s.b)),
    (s) => s.relu(s.add(s.a, s.b)),
    155,
  ),
  row(
    "√(x²) and x",
    (s) => s.sqrt(s.mul(s.a, s.a)),
    (s) => s.a,
    304,
  ),
  row(
    "relu and leaky relu",
    (s) => s.relu(s.a),
    (s) => s.max(s.a, s.div(s.a, s.number(100))),
    304,
  ),
];

test.each(lost)("$name is lost", (one) => expect(agreement(one)).toBe(one.agreeing));
test.each(falseIdentities)("$name differ", (one) => expect(agreement(one)).toBe(one.agreeing));
