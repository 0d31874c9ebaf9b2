/** @file Prints how fast numbers are computed with: kernels of both number systems, in million operations a second. */
import { random } from "../src/base/random.ts";
import { rational } from "../src/base/rational.ts";
import { float64 } from "../src/domain/float64.ts";
import type { NumberSystem } from "../src/domain/number-system.ts";
import { PrimeField } from "../src/domain/prime-field.ts";

const elements = 2 ** 16;
const square = 256;
const repetitions = 10;

/** The fastest of many runs, in milliseconds, after as many to warm up. */
function fastest(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 2 * repetitions; i++) {
    const start = performance.now();
    run();
    if (i >= repetitions) best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** tanh as its composite expands. */
function tanh<A>(s: NumberSystem<A>, x: A, one: A, two: A): A {
  return s.sub(one, s.div(two, s.add(s.exp(s.add(x, x)), one)));
}

function measure<A>(s: NumberSystem<A>, x: A, y: A): void {
  const filled = (n: number): A => s.gather(s.constant(rational(n)), new Int32Array(elements));
  const [one, two] = [filled(1), filled(2)];
  const size = { batch: 1, rows: square, inner: square, columns: square };
  const kernels: readonly (readonly [string, number, () => unknown])[] = [
    ["add", elements, () => s.add(x, y)],
    ["mul", elements, () => s.mul(x, y)],
    ["div", elements, () => s.div(x, y)],
    ["exp", elements, () => s.exp(x)],
    ["sqrt", elements, () => s.sqrt(x)],
    ["maximum", elements, () => s.maximum(x, y)],
    ["erf", elements, () => s.erf(x)],
    ["tanh", elements, () => tanh(s, x, one, two)],
    ["sumRows", elements, () => s.sumRows(x, square, square)],
    ["maxRows", elements, () => s.maxRows(x, square, square)],
    ["matmul", square ** 3, () => s.matmul(x, y, size)],
  ];
  console.log(`\n${s.name}: arrays of ${elements}, matrices of ${square}²`);
  for (const [name, operations, run] of kernels) {
    const time = fastest(run);
    const rate = operations / time / 1000;
    console.log(`  ${name.padEnd(8)} ${time.toFixed(2).padStart(8)} ms ${rate.toFixed(1).padStart(8)} M/s`);
  }
}

const source = random(1);
const field = new PrimeField(2137043999, source);
const normal = (): Float64Array => Float64Array.from({ length: elements }, () => source.normal());
measure(float64, normal(), normal());
// Every number is a pair of residues, so each operation is two.
measure(field, field.draw(source, elements), field.draw(source, elements));
