/** @file Identities of analysis that the prime field keeps (equivalence.md §4.3, §4.9). */
import { expect, test } from "vitest";
import { rational } from "../../src/base/rational.ts";
import { mostTerms } from "../../src/domain/rotations.ts";
import { agreement, count as all, type Row, row } from "./algebra.ts";

const trueIdentities: readonly Row[] = [
  row(
    "e^(a+b) = e^a e^b",
    (s) => s.exp(s.add(s.a, s.b)),
    (s) => s.mul(s.exp(s.a), s.exp(s.b)),
    all,
  ),
  row(
    "e^(−a) = 1/e^a",
    (s) => s.exp(s.neg(s.a)),
    (s) => s.div(s.number(1), s.exp(s.a)),
    all,
  ),
  row(
    "softmax, 2 keys, shifted",
    (s) => s.softmax([s.a, s.b]),
    (s) => s.softmax([s.sub(s.a, s.b), s.number(0)]),
    all,
  ),
  row(
    "softmax, 4 keys, shifted by the maximum",
    (s) => s.softmax(s.keys),
    (s) => s.softmax(s.shifted()),
    all,
  ),
  row(
    "1/(1+e^(−x)) = e^x/(1+e^x)",
    (s) => s.sigmoid(s.a),
    (s) => s.div(s.exp(s.a), s.add(s.number(1), s.exp(s.a))),
    all,
  ),
  row(
    "σ(−x) = 1 − σ(x)",
    (s) => s.sigmoid(s.neg(s.a)),
    (s) => s.sub(s.number(1), s.sigmoid(s.a)),
    all,
  ),
  row(
    "tanh x = 2σ(2x) − 1",
    (s) => s.tanh(s.a),
    (s) => s.sub(s.mul(s.number(2), s.sigmoid(s.add(s.a, s.a))), s.number(1)),
    all,
  ),
  row(
    "tanh x with the sign taken out by where, as jax-js has it",
    (s) => s.tanh(s.a),
    (s) => {
      const sign = s.where(s.a, s.number(0), s.number(1), s.number(-1));
      const power = s.exp(s.mul(s.number(2), sign, s.a));
      return s.mul(s.div(s.sub(power, s.number(1)), s.add(power, s.number(1))), sign);
    },
    all,
  ),
  row(
    "gelu: x/2 (1 + tanh u) = x σ(2u)",
    (s) => s.mul(s.number(1, 2), s.a, s.add(s.number(1), s.tanh(s.b))),
    (s) => s.mul(s.a, s.sigmoid(s.mul(s.number(2), s.b))),
    all,
  ),
  row(
    "silu: x σ(x) = x/(1+e^(−x))",
    (s) => s.mul(s.a, s.sigmoid(s.a)),
    (s) => s.div(s.a, s.add(s.number(1), s.exp(s.neg(s.a)))),
    all,
  ),
  row(
    "√v √v = v for v = a²",
    (s) => s.mul(s.sqrt(s.mul(s.a, s.a)), s.sqrt(s.mul(s.a, s.a))),
    (s) => s.mul(s.a, s.a),
    all,
  ),
  row(
    "√v √v = |v|",
    (s) => s.mul(s.sqrt(s.a), s.sqrt(s.a)),
    (s) => s.abs(s.a),
    all,
  ),
  row(
    "√(ab) = √a √b",
    (s) => s.sqrt(s.mul(s.a, s.b)),
    (s) => s.mul(s.sqrt(s.a), s.sqrt(s.b)),
    all,
  ),
  row(
    "√64 = 8",
    (s) => s.sqrt(s.number(64)),
    (s) => s.number(8),
    all,
  ),
  row(
    "√(a²) = |a|",
    (s) => s.sqrt(s.mul(s.a, s.a)),
    (s) => s.abs(s.a),
    all,
  ),
  row(
    "relu(x) − relu(−x) = x",
    (s) => s.sub(s.relu(s.a), s.relu(s.neg(s.a))),
    (s) => s.a,
    all,
  ),
  row(
    "relu(x) = (x + |x|)/2",
    (s) => s.relu(s.a),
    (s) => s.mul(s.number(1, 2), s.add(s.a, s.abs(s.a))),
    all,
  ),
  row(
    "relu(x/2) = relu(x)/2",
    (s) => s.relu(s.div(s.a, s.number(2))),
    (s) => s.div(s.relu(s.a), s.number(2)),
    all,
  ),
  row(
    "leaky relu: max(x, x/100) = relu(x) − relu(−x)/100",
    (s) => s.max(s.a, s.div(s.a, s.number(100))),
    (s) => s.sub(s.relu(s.a), s.div(s.relu(s.neg(s.a)), s.number(100))),
    all,
  ),
  row(
    "leaky relu: where(x < 0, x/100, x) = max(x, x/100)",
    (s) => s.where(s.a, s.number(0), s.div(s.a, s.number(100)), s.a),
    (s) => s.max(s.a, s.div(s.a, s.number(100))),
    all,
  ),
  row(
    "|x| = where(x < 0, −x, x)",
    (s) => s.abs(s.a),
    (s) => s.where(s.a, s.number(0), s.neg(s.a), s.a),
    all,
  ),
  row(
    "max(a+c, b+c) = max(a, b) + c",
    (s) => s.max(s.add(s.a, s.c), s.add(s.b, s.c)),
    (s) => s.add(s.max(s.a, s.b), s.c),
    all,
  ),
  row(
    "max(a, b) + min(a, b) = a + b",
    (s) => s.add(s.max(s.a, s.b), s.min(s.a, s.b)),
    (s) => s.add(s.a, s.b),
    all,
  ),
  row(
    "min(a, b) = −max(−a, −b)",
    (s) => s.min(s.a, s.b),
    (s) => s.neg(s.max(s.neg(s.a), s.neg(s.b))),
    all,
  ),
  row(
    "relu(e^x) = e^x",
    (s) => s.relu(s.exp(s.a)),
    (s) => s.exp(s.a),
    all,
  ),
  row(
    "relu(x) e^y = relu(x e^y)",
    (s) => s.mul(s.relu(s.a), s.exp(s.b)),
    (s) => s.relu(s.mul(s.a, s.exp(s.b))),
    all,
  ),
  row(
    "e^(√E √E) e^b = e^(E+b) for E = e^a, which is positive",
    (s) => s.mul(s.exp(s.mul(s.sqrt(s.exp(s.a)), s.sqrt(s.exp(s.a)))), s.exp(s.b)),
    (s) => s.exp(s.add(s.exp(s.a), s.b)),
    all,
  ),
  row(
    "x/x = 1",
    (s) => s.div(s.a, s.a),
    (s) => s.number(1),
    all,
  ),
  row(
    "variance: mean of squares less the square of the mean",
    (s) => {
      const mean = s.div(s.add(...s.keys), s.number(4));
      return s.sub(s.div(s.add(...s.keys.map((x) => s.mul(x, x))), s.number(4)), s.mul(mean, mean));
    },
    (s) => {
      const mean = s.div(s.add(...s.keys), s.number(4));
      const squares = s.keys.map((x) => s.mul(s.sub(x, mean), s.sub(x, mean)));
      return s.div(s.add(...squares), s.number(4));
    },
    all,
  ),
  row(
    "flash attention: (Σ e v)/Σ e = Σ (e/Σ e) v",
    (s) => {
      const weights = [s.exp(s.a), s.exp(s.b)];
      return s.div(s.add(...weights.map((e, i) => s.mul(e, i === 0 ? s.c : s.d))), s.add(...weights));
    },
    (s) => {
      const total = s.add(s.exp(s.a), s.exp(s.b));
      return s.add(s.mul(s.div(s.exp(s.a), total), s.c), s.mul(s.div(s.exp(s.b), total), s.d));
    },
    all,
  ),
  row(
    "exp(x/√121) = exp(x/11)",
    (s) => s.exp(s.div(s.a, s.sqrt(s.number(121)))),
    (s) => s.exp(s.div(s.a, s.number(11))),
    all,
  ),
  row(
    "x^(1/2) = √x",
    (s) => s.f.power(s.a, rational(1, 2)),
    (s) => s.sqrt(s.a),
    all,
  ),
  row(
    "x^(−1/2) = 1/√x",
    (s) => s.f.power(s.a, rational(-1, 2)),
    (s) => s.div(s.number(1), s.sqrt(s.a)),
    all,
  ),
  row(
    "x³ = x x x",
    (s) => s.f.power(s.a, rational(3)),
    (s) => s.mul(s.a, s.a, s.a),
    all,
  ),
  row(
    "(x^(1/3))³ = x",
    (s) => s.f.power(s.f.power(s.a, rational(1, 3)), rational(3)),
    (s) => s.a,
    all,
  ),
  row(
    "log(1/x) = −log x",
    (s) => s.f.log(s.div(s.number(1), s.a)),
    (s) => s.neg(s.f.log(s.a)),
    all,
  ),
  row(
    "log e^a = a",
    (s) => s.log(s.exp(s.a)),
    (s) => s.a,
    all,
  ),
  row(
    "log (e^a)² = 2a",
    (s) => s.log(s.mul(s.exp(s.a), s.exp(s.a))),
    (s) => s.add(s.a, s.a),
    all,
  ),
  row(
    "log (1/e^a)² = −2a",
    (s) => s.log(s.div(s.number(1), s.mul(s.exp(s.a), s.exp(s.a)))),
    (s) => s.neg(s.add(s.a, s.a)),
    all,
  ),
  row(
    "2 log √(e^a) = a",
    (s) => s.mul(s.number(2), s.log(s.sqrt(s.exp(s.a)))),
    (s) => s.a,
    all,
  ),
  row(
    "e^b e^(log e^a) = e^(a+b)",
    (s) => s.mul(s.exp(s.b), s.exp(s.log(s.exp(s.a)))),
    (s) => s.exp(s.add(s.a, s.b)),
    all,
  ),
  row(
    "log(1 + e^a) = softplus(a)",
    (s) => s.log(s.add(s.number(1), s.exp(s.a))),
    (s) => s.softplus(s.a),
    all,
  ),
  row(
    "log(1 + e^(a/2)²) = softplus(a), however the power came about",
    (s) => {
      const half = s.exp(s.div(s.a, s.number(2)));
      return s.log(s.add(s.number(1), s.mul(half, half)));
    },
    (s) => s.softplus(s.a),
    all,
  ),
  row(
    "cross-entropy of logits: b log σ(a) + (1 − b) log(1 − σ(a)) = a b − softplus(a)",
    (s) => {
      const [yes, no] = [s.sigmoid(s.a), s.sub(s.number(1), s.sigmoid(s.a))];
      return s.add(s.mul(s.b, s.log(yes)), s.mul(s.sub(s.number(1), s.b), s.log(no)));
    },
    (s) => s.sub(s.mul(s.a, s.b), s.softplus(s.a)),
    all,
  ),
  row(
    "softmax of log_softmax + b = softmax of keys + b",
    (s) => {
      const logs = s.keys.map((_, i) => s.logSoftmax([...s.keys.slice(i), ...s.keys.slice(0, i)]));
      return s.softmax(logs.map((x, i) => (i === 0 ? s.add(x, s.b) : x)));
    },
    (s) => s.softmax(s.keys.map((x, i) => (i === 0 ? s.add(x, s.b) : x))),
    all,
  ),
  row(
    "log 1 = 0",
    (s) => s.f.log(s.number(1)),
    (s) => s.number(0),
    all,
  ),
  row(
    "erf(−x) = −erf(x)",
    (s) => s.f.erf(s.neg(s.a)),
    (s) => s.neg(s.f.erf(s.a)),
    all,
  ),
  row(
    "sin² + cos² = 1",
    (s) => s.add(s.mul(s.f.sin(s.a), s.f.sin(s.a)), s.mul(s.f.cos(s.a), s.f.cos(s.a))),
    (s) => s.number(1),
    all,
  ),
  row(
    "sin(a + b) = sin a cos b + cos a sin b, of angles met before",
    (s) => s.add(s.mul(s.f.sin(s.a), s.f.cos(s.b)), s.mul(s.f.cos(s.a), s.f.sin(s.b))),
    (s) => s.f.sin(s.add(s.a, s.b)),
    mostTerms,
  ),
  row(
    "cos(a − b) = cos a cos b + sin a sin b, of angles met before",
    (s) => s.add(s.mul(s.f.cos(s.a), s.f.cos(s.b)), s.mul(s.f.sin(s.a), s.f.sin(s.b))),
    (s) => s.f.cos(s.sub(s.a, s.b)),
    mostTerms,
  ),
  row(
    "cos 3x = 4 cos³ x − 3 cos x, after cos 2x",
    (s) => {
      const c = s.f.cos(s.a);
      s.f.cos(s.add(s.a, s.a));
      return s.sub(s.mul(s.number(4), s.mul(c, s.mul(c, c))), s.mul(s.number(3), c));
    },
    (s) => s.f.cos(s.add(s.a, s.add(s.a, s.a))),
    mostTerms,
  ),
  row(
    "sin(−x) = −sin(x)",
    (s) => s.f.sin(s.neg(s.a)),
    (s) => s.neg(s.f.sin(s.a)),
    all,
  ),
  row(
    "cos(−x) = cos(x)",
    (s) => s.f.cos(s.neg(s.a)),
    (s) => s.f.cos(s.a),
    all,
  ),
  // Equal arguments have equal exps, however they came about.
  row(
    "exp(−√(a²)) = exp(−|a|)",
    (s) => s.exp(s.neg(s.sqrt(s.mul(s.a, s.a)))),
    (s) => s.exp(s.neg(s.abs(s.a))),
    all,
  ),
  row(
    "exp(−|a|) with |a| by where",
    (s) => s.exp(s.neg(s.abs(s.a))),
    (s) => s.exp(s.neg(s.where(s.a, s.number(0), s.neg(s.a), s.a))),
    all,
  ),
  row(
    "exp(relu x) with relu by where",
    (s) => s.exp(s.relu(s.a)),
    (s) => s.exp(s.where(s.a, s.number(0), s.number(0), s.a)),
    all,
  ),
  row(
    "exp(softmax) shifted",
    (s) => s.exp(s.softmax(s.keys)),
    (s) => s.exp(s.softmax(s.shifted())),
    all,
  ),
  row(
    "exp(σ(−x)) = exp(1 − σ(x))",
    (s) => s.exp(s.sigmoid(s.neg(s.a))),
    (s) => s.exp(s.sub(s.number(1), s.sigmoid(s.a))),
    all,
  ),
];

test.each(trueIdentities)("$name", (one) => expect(agreement(one)).toBe(one.agreeing));
