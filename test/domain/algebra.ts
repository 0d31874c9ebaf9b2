/** @file Identities as rows of a table, and the formulas to write them with. */
import { random } from "../../src/base/random.ts";
import { rational } from "../../src/base/rational.ts";
import { PrimeField } from "../../src/domain/prime-field.ts";
import type { Residues } from "../../src/domain/residues.ts";

export const count = 600;

/** Formulas over one field, with random operands. */
class Algebra {
  readonly f: PrimeField;
  readonly a: Residues;
  readonly b: Residues;
  readonly c: Residues;
  readonly d: Residues;
  readonly keys: readonly Residues[];

  constructor() {
    const source = random(2026);
    this.f = new PrimeField(1034970719, source);
    const draw = (): Residues => this.f.draw(source, count);
    [this.a, this.b, this.c, this.d] = [draw(), draw(), draw(), draw()];
    this.keys = [this.a, this.b, this.c, this.d];
  }

  number(n: number, d = 1): Residues {
    return this.f.gather(this.f.constant(rational(n, d)), new Int32Array(count));
  }
  add = (...terms: Residues[]): Residues => terms.reduce((x, y) => this.f.add(x, y));
  sub = (x: Residues, y: Residues): Residues => this.f.sub(x, y);
  mul = (...factors: Residues[]): Residues => factors.reduce((x, y) => this.f.mul(x, y));
  div = (x: Residues, y: Residues): Residues => this.f.div(x, y);
  neg = (x: Residues): Residues => this.f.neg(x);
  exp = (x: Residues): Residues => this.f.exp(x);
  sqrt = (x: Residues): Residues => this.f.sqrt(x);
  abs = (x: Residues): Residues => this.f.abs(x);
  max = (x: Residues, y: Residues): Residues => this.f.maximum(x, y);
  min = (x: Residues, y: Residues): Residues => this.f.minimum(x, y);
  where = (x: Residues, y: Residues, yes: Residues, no: Residues): Residues =>
    this.f.select(this.f.less(x, y), yes, no);
  sigmoid = (x: Residues): Residues =>
    this.div(this.number(1), this.add(this.number(1), this.exp(this.neg(x))));
  tanh = (x: Residues): Residues =>
    this.sub(this.number(1), this.div(this.number(2), this.add(this.exp(this.add(x, x)), this.number(1))));
  /** First of the logs of the weights of softmax, by the logsumexp of the keys. */
  logSoftmax = (keys: readonly Residues[]): Residues => {
    const n = keys.length;
    const rows = this.f.gather(
      this.f.concat(keys),
      Int32Array.from({ length: n * count }, (_, i) => Math.floor(i / n) + (i % n) * count),
    );
    return this.f.sub(keys[0] as Residues, this.f.logSumExpRows(rows, count, n));
  };
  log = (x: Residues): Residues => this.f.log(x);
  /** log(1 + eˣ) as the logsumexp of 0 and x. */
  softplus = (x: Residues): Residues => this.f.neg(this.logSoftmax([this.number(0), x]));
  relu = (x: Residues): Residues => this.max(x, this.number(0));
  clamp = (x: Residues, low: number): Residues => this.min(this.max(x, this.number(low)), this.number(1));
  /** First weight of softmax. */
  softmax = (keys: readonly Residues[]): Residues => {
    const weights = keys.map(this.exp);
    return this.div(weights[0] as Residues, this.add(...weights));
  };
  shifted = (): readonly Residues[] => {
    const most = this.keys.reduce(this.max);
    return this.keys.map((x) => this.sub(x, most));
  };
  nested = (x: Residues, times: number, g: (x: Residues) => Residues): Residues =>
    times === 0 ? x : this.nested(g(x), times - 1, g);
  /** Product of sigmoids of x, 2x, …, n x. */
  gates = (x: Residues, n: number): Residues =>
    this.mul(...Array.from({ length: n }, (_, i) => this.sigmoid(this.mul(this.number(i + 1), x))));
}

type Side = (s: Algebra) => Residues;
export interface Row {
  readonly name: string;
  readonly left: Side;
  readonly right: Side;
  /** On how many scalars both sides have the same p-residue. */
  readonly agreeing: number;
}
export const row = (name: string, left: Side, right: Side, agreeing: number): Row => ({
  name,
  left,
  right,
  agreeing,
});

/** On how many scalars both sides of a row have the same p-residue. */
export function agreement({ left, right }: Row): number {
  const algebra = new Algebra();
  const [x, y] = [left(algebra), right(algebra)];
  if (algebra.f.undefinedDivision) throw new Error("this seed divides by zero");
  return x.p.filter((value, i) => value === y.p[i]).length;
}
