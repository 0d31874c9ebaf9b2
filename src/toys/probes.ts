/** @file Questions to a trained model that decide, without chance, whether it is of a broken class. */
import { at, range, zip } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { type Change, ofNextRow, takenFrom, withPart } from "./changes.ts";
import type { Batch, Field, Probe } from "./problem.ts";
import { named, reals, type Tensor, type Tensors, zerosLike } from "./tensor.ts";

/** Differences up to this, relative to the largest output, are rounding of float32. */
export const rounding = 1e-3;

/** The largest difference between outputs, relative to the largest output. */
export function difference(a: Tensors, b: Tensors): number {
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

/** Models of the class give the same outputs when their inputs are changed so, in one of the ways if there are several. */
export const staysTheSame = (says: string, ...changes: readonly Change[]): Probe => ({
  says: `${says}: no output changes`,
  inputs: (batch, random) => changes.map((change) => change(batch, random)),
  confirms: (plain, others) => others.some((changed) => difference(plain, changed) < rounding),
});

/** Models of the class give the same outputs at these items of every sequence, whatever the change. */
export const itemsStayTheSame = (says: string, change: Change, items: readonly number[]): Probe => ({
  says: `${says}: their outputs do not change`,
  inputs: (batch, random) => [change(batch, random)],
  confirms: (plain, [changed]) =>
    changed !== undefined && difference(itemsOf(plain, items), itemsOf(changed, items)) < rounding,
});

/** Models of the class give output `items[i]` as output i where number `items[i]` of the input takes place i. */
export const itemsMoveAlong = (says: string, { name }: Field, items: readonly number[]): Probe => ({
  says: `${says}: outputs move along`,
  inputs: ({ inputs }) => [{ ...inputs, [name]: takenFrom(named(inputs, name), items) }],
  confirms: (plain, [moved]) => moved !== undefined && difference(itemsOf(plain, items), moved) < rounding,
});

/** The numbers at these items of every sequence. */
export const itemsOf = (all: Tensors, items: readonly number[]): Tensors =>
  Object.fromEntries(Object.entries(all).map(([name, whole]) => [name, takenFrom(whole, items)]));

/** Models of the class are known by what they answer to such inputs. */
export const answersSo = (says: string, inputs: Change, confirms: (outputs: Tensors) => boolean): Probe => ({
  says,
  inputs: (batch, random) => [inputs(batch, random)],
  confirms: (_, [answers]) => answers !== undefined && confirms(answers),
});

/** Models of the class, and no legal ones, give other outputs where they may not see the change; `legal` keeps what they may. */
export const changesWith = (says: string, change: Change, legal: (outputs: Tensors) => Tensors): Probe => ({
  says: `${says}: outputs change that may not`,
  inputs: (batch, random) => [change(batch, random)],
  confirms: (plain, [changed]) =>
    changed !== undefined && difference(legal(plain), legal(changed)) >= rounding,
});

/** Models of the class have f(a) + f(b) equal to the sum of what they say on the other inputs; b is the first of `others`. */
export const sumsAgree = (says: string, others: Probe["inputs"]): Probe => ({
  says,
  inputs: others,
  confirms: (plain, [first, ...rest]) =>
    first !== undefined && difference(added(plain, first), rest.reduce(added)) < rounding,
});

/** Models that add what they say of a part of the input, these places of a field, and of the rest. */
export const additiveProbe = (says: string, field: Field, places?: readonly number[]): Probe =>
  sumsAgree(`f(a, b) + f(c, d) = f(c, b) + f(a, d) holds for ${says}`, ({ inputs }) => {
    const next = ofNextRow(inputs);
    return [next, withPart(inputs, next, field, places), withPart(next, inputs, field, places)];
  });

/** Affine models: f(a) + f(b) = f(a + b) + f(0) of real inputs. */
export const affineProbe = (name: string): Probe =>
  sumsAgree("f(a) + f(b) = f(a + b) + f(0) holds for inputs a and b", (batch, random) => [
    ...otherAndSum(name, batch, random),
    { ...batch.inputs, [name]: zerosLike(named(batch.inputs, name)) },
  ]);

/** Linear models: f(a) + f(b) = f(a + b) of real inputs. */
export const linearProbe = (name: string): Probe =>
  sumsAgree("f(a) + f(b) = f(a + b) holds for inputs a and b", (batch, random) =>
    otherAndSum(name, batch, random),
  );

/** Real inputs b, and a + b where a is the batch's. */
function otherAndSum(name: string, batch: Batch, random: Random): readonly Tensors[] {
  const { shape, data } = named(batch.inputs, name);
  const b = Float32Array.from(data, () => random.normal());
  const sum = Float32Array.from(data, (value, i) => value + at(b, i));
  return [b, sum].map((values) => ({ ...batch.inputs, [name]: reals(shape, values) }));
}

/** Odd models: f(−a) = −f(a) of real inputs. */
export const oddProbe = (name: string): Probe => ({
  says: "f(−a) = −f(a) holds for inputs a",
  inputs: ({ inputs }) => [{ ...inputs, [name]: negated(named(inputs, name)) }],
  confirms: (plain, [mirrored]) =>
    mirrored !== undefined && difference(plain, allNegated(mirrored)) < rounding,
});

const negated = ({ shape, data }: Tensor): Tensor => ({ shape, data: data.map((value) => -value) });

const allNegated = (all: Tensors): Tensors =>
  Object.fromEntries(Object.entries(all).map(([name, whole]) => [name, negated(whole)]));

const added = (left: Tensors, right: Tensors): Tensors =>
  Object.fromEntries(
    Object.keys(left).map((name) => {
      const [a, b] = [named(left, name), named(right, name)];
      const data = Float64Array.from(zip(Array.from(a.data), Array.from(b.data)), ([x, y]) => x + y);
      return [name, { shape: a.shape, data }];
    }),
  );
