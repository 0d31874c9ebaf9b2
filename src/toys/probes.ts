/** @file Questions to a trained model that decide, without chance, whether it is of a broken class. */
import { at, range, zip } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import type { Batch, Probe } from "./problem.ts";
import { named, reals, type Tensors } from "./tensor.ts";

/** Differences up to this, relative to the largest output, are rounding of float32. */
const rounding = 1e-3;

/** The largest difference between outputs, relative to the largest output. */
function difference(a: Tensors, b: Tensors): number {
  const gaps = Object.keys(a).map((name) => {
    const [x, y] = [named(a, name).data, named(b, name).data];
    let [gap, size] = [0, 0];
    for (const i of range(x.length)) {
      gap = Math.max(gap, Math.abs(at(x, i) - at(y, i)));
      size = Math.max(size, Math.abs(at(x, i)));
    }
    return size === 0 ? gap : gap / size;
  });
  return Math.max(...gaps);
}

type Change = (batch: Batch, random: Random) => Tensors;

/** Models of the class give the same outputs when their inputs are changed so. */
export const staysTheSame = (says: string, change: Change): Probe => ({
  says: `${says}: no output changes`,
  inputs: (batch, random) => [change(batch, random)],
  confirms: (plain, [changed]) => changed !== undefined && difference(plain, changed) < rounding,
});

/** Models of the class, and no legal ones, give other outputs where they may not see the change; `legal` keeps what they may. */
export const changesWith = (says: string, change: Change, legal: (outputs: Tensors) => Tensors): Probe => ({
  says: `${says}: outputs change that may not`,
  inputs: (batch, random) => [change(batch, random)],
  confirms: (plain, [changed]) =>
    changed !== undefined && difference(legal(plain), legal(changed)) >= rounding,
});

/** Affine models: f(a) + f(b) = f(a + b) + f(0) of real inputs. */
export const affineProbe = (name: string): Probe => ({
  says: "f(a) + f(b) = f(a + b) + f(0) holds for inputs a and b",
  inputs: (batch, random) => {
    const a = named(batch.inputs, name);
    const other = (values: ArrayLike<number>): Tensors => ({
      ...batch.inputs,
      [name]: reals(a.shape, values),
    });
    const b = Float32Array.from(a.data, () => random.normal());
    const sum = Float32Array.from(a.data, (value, i) => value + at(b, i));
    return [other(b), other(sum), other(new Float32Array(a.data.length))];
  },
  confirms: (plain, [b, sum, zero]) =>
    b !== undefined &&
    sum !== undefined &&
    zero !== undefined &&
    difference(added(plain, b), added(sum, zero)) < rounding,
});

const added = (left: Tensors, right: Tensors): Tensors =>
  Object.fromEntries(
    Object.keys(left).map((name) => {
      const [a, b] = [named(left, name), named(right, name)];
      const data = Float64Array.from(zip(Array.from(a.data), Array.from(b.data)), ([x, y]) => x + y);
      return [name, { shape: a.shape, data }];
    }),
  );
