/** @file Tensors as training data and predictions hold them: row-major numbers, the batch first. */
import { at, invariant } from "../base/assert.ts";
import type { Tensor } from "../base/safetensors.ts";

export type { Tensor };
export type Numbers = Tensor["data"];

/** By name. */
export type Tensors = Readonly<Record<string, Tensor>>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

function tensor(shape: readonly number[], data: Numbers): Tensor {
  invariant(data.length === sizeOf(shape), `${data.length} numbers have not the shape [${shape.join(", ")}]`);
  return { shape, data };
}

/** Real data, in the precision that models read. */
export const reals = (shape: readonly number[], data: ArrayLike<number>): Tensor =>
  tensor(shape, Float32Array.from(data));

/** Real zeros of the same shape. */
export const zerosLike = ({ shape, data }: Tensor): Tensor => reals(shape, new Float32Array(data.length));

/** Whole numbers: tokens, classes, flags. */
export const indices = (shape: readonly number[], data: ArrayLike<number>): Tensor =>
  tensor(shape, Int32Array.from(data));

/** What a predictor says, in full precision. */
export const outputs = (shape: readonly number[], data: ArrayLike<number>): Tensor =>
  tensor(shape, Float64Array.from(data));

/** How many numbers belong to one row. */
export const rowSize = ({ shape }: Tensor): number => sizeOf(shape.slice(1));

/** The numbers of one row, as a view. */
export const row = (whole: Tensor, index: number): Numbers => {
  const size = rowSize(whole);
  return whole.data.subarray(index * size, (index + 1) * size);
};

/** Rows `from` … `to` − 1, as a view. */
export function rows({ shape, data }: Tensor, from: number, to: number): Tensor {
  const size = sizeOf(shape.slice(1));
  return { shape: [to - from, ...shape.slice(1)], data: data.subarray(from * size, to * size) };
}

/** The rows of all parts, under each name. */
export function joined(parts: readonly Tensors[]): Tensors {
  return Object.fromEntries(Object.keys(at(parts, 0)).map((name) => [name, joinedUnder(name, parts)]));
}

function joinedUnder(name: string, parts: readonly Tensors[]): Tensor {
  const all = parts.map((part) => named(part, name));
  const first = at(all, 0);
  const rows = all.reduce((sum, { shape }) => sum + at(shape, 0), 0);
  const shape = [rows, ...first.shape.slice(1)];
  const data = new (first.data.constructor as new (length: number) => Numbers)(sizeOf(shape));
  let offset = 0;
  for (const part of all) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return { shape, data };
}

/** The tensor of that name. */
export function named(all: Tensors, name: string): Tensor {
  const found = all[name];
  invariant(found !== undefined, `there is a tensor ${name}`);
  return found;
}
