/** @file What probes do to inputs. */
import { at, range } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import type { Batch, Field } from "./problem.ts";
import { indices, named, outputs, reals, row, rowSize, type Tensor, type Tensors } from "./tensor.ts";

/** Other inputs for a batch. */
export type Change = (batch: Batch, random: Random) => Tensors;

/** A change of one input, row by row. */
export const inRows =
  ({ name }: Field, change: (own: readonly number[], random: Random) => readonly number[]): Change =>
  ({ rows, inputs }, random) => {
    const whole = named(inputs, name);
    const data = range(rows).flatMap((index) => change(Array.from(row(whole, index)), random));
    return { ...inputs, [name]: alike(whole, whole.shape, data) };
  };

/** The numbers of one input become others; `place` counts within a row. */
export const changing =
  (name: string, other: (value: number, place: number, index: number) => number): Change =>
  ({ inputs }) => {
    const whole = named(inputs, name);
    const size = rowSize(whole);
    const data = whole.data.map((value, i) => other(value, i % size, Math.floor(i / size)));
    return { ...inputs, [name]: { shape: whole.shape, data } };
  };

/** Other whole numbers, `first` or more, at these places of every row; everywhere where none are named. */
export const others = (field: Field, places?: readonly number[], first: number = 0): Change =>
  inRows(field, (own, random) => {
    const count = (field.count ?? 0) - first;
    const other = (value: number): number => first + ((value - first + 1 + random.below(count - 1)) % count);
    return own.map((value, place) => (places?.includes(place) === false ? value : other(value)));
  });

/** The numbers at these places of every row in another order. */
export const shuffled = (field: Field, places?: readonly number[]): Change =>
  inRows(field, (own, random) => {
    const [now, chosen] = [[...own], places ?? range(own.length)];
    for (const [index, place] of chosen.entries()) {
      const other = at(chosen, random.below(index + 1));
      [now[place], now[other]] = [at(now, other), at(now, place)];
    }
    return now;
  });

/** Items of every row, along the axis after the batch, in this order. */
export function takenFrom(whole: Tensor, items: readonly number[]): Tensor {
  const [rows, all] = [at(whole.shape, 0), at(whole.shape, 1)];
  const data = range(rows).flatMap((index) => {
    const own = row(whole, index);
    const size = own.length / all;
    return items.flatMap((item) => Array.from(own.subarray(item * size, (item + 1) * size)));
  });
  return alike(whole, [rows, items.length, ...whole.shape.slice(2)], data);
}

/** Inputs whose every row is that of the next one; the last gets the first. */
export const ofNextRow = (inputs: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, whole]) => {
      const size = rowSize(whole);
      const data = [...whole.data.subarray(size), ...whole.data.subarray(0, size)];
      return [name, alike(whole, whole.shape, data)];
    }),
  );

/** Inputs with these places of one of them, all where none are named, from others. */
export function withPart(
  inputs: Tensors,
  others: Tensors,
  { name }: Field,
  places?: readonly number[],
): Tensors {
  const [own, other] = [named(inputs, name), named(others, name)];
  const isPart = (index: number): boolean => places?.includes(index % rowSize(own)) !== false;
  const data = Array.from(own.data, (value, index) => (isPart(index) ? at(other.data, index) : value));
  return { ...inputs, [name]: alike(own, own.shape, data) };
}

/** Other numbers of the same kind. */
function alike({ data }: Tensor, shape: readonly number[], numbers: readonly number[]): Tensor {
  if (data instanceof Int32Array) return indices(shape, numbers);
  return data instanceof Float32Array ? reals(shape, numbers) : outputs(shape, numbers);
}
