/** @file Stored tensors: dtypes, and values out of raw storage bytes with strides and offset. */
import { at } from "../../base/assert.ts";
import type { Dtype } from "../../ir/type.ts";
import { bfloatToNumber, halfToNumber } from "../common/numbers.ts";

interface Stored {
  readonly dtype: Dtype;
  readonly bytes: number;
  read(view: DataView, offset: number, littleEndian: boolean): number;
}

const stored = (dtype: Dtype, bytes: number, read: Stored["read"]): Stored => ({ dtype, bytes, read });

/** ScalarType of torch/_export/serde/schema.py. */
const scalarTypes: ReadonlyMap<number, Stored> = new Map([
  [1, stored("uint8", 1, (view, offset) => view.getUint8(offset))],
  [2, stored("int8", 1, (view, offset) => view.getInt8(offset))],
  [3, stored("int16", 2, (view, offset, little) => view.getInt16(offset, little))],
  [4, stored("int32", 4, (view, offset, little) => view.getInt32(offset, little))],
  [5, stored("int64", 8, (view, offset, little) => Number(view.getBigInt64(offset, little)))],
  [6, stored("float16", 2, (view, offset, little) => halfToNumber(view.getUint16(offset, little)))],
  [7, stored("float32", 4, (view, offset, little) => view.getFloat32(offset, little))],
  [8, stored("float64", 8, (view, offset, little) => view.getFloat64(offset, little))],
  [12, stored("bool", 1, (view, offset) => Number(view.getUint8(offset) !== 0))],
  [13, stored("bfloat16", 2, (view, offset, little) => bfloatToNumber(view.getUint16(offset, little)))],
]);

export const dtypeOf = (scalarType: number): Dtype | undefined => scalarTypes.get(scalarType)?.dtype;

/** Bytes of one element. */
export const elementBytes = (scalarType: number): number => scalarTypes.get(scalarType)?.bytes ?? 0;

export interface Placement {
  readonly scalarType: number;
  readonly sizes: readonly number[];
  /** In elements, as torch counts. */
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Elements that the storage must hold, at least. */
export function neededElements({ sizes, strides, offset }: Placement): number {
  if (sizes.includes(0)) return 0;
  return sizes.reduce((last, size, axis) => last + (size - 1) * at(strides, axis), offset) + 1;
}

/** The values in row-major order. The storage must hold `neededElements`. */
export function readStored(storage: Uint8Array, placement: Placement, littleEndian: boolean): Float64Array {
  const { sizes, strides, offset } = placement;
  const kind = scalarTypes.get(placement.scalarType);
  if (kind === undefined) throw new RangeError(`scalar type ${placement.scalarType}`);
  const view = new DataView(storage.buffer, storage.byteOffset, storage.byteLength);
  const result = new Float64Array(sizes.reduce((product, size) => product * size, 1));
  const index = new Array<number>(sizes.length).fill(0);
  for (let i = 0; i < result.length; i++) {
    const element = index.reduce((sum, position, axis) => sum + position * at(strides, axis), offset);
    result[i] = kind.read(view, element * kind.bytes, littleEndian);
    advance(index, sizes);
  }
  return result;
}

/** Steps a row-major index. */
function advance(index: number[], sizes: readonly number[]): void {
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const next = at(index, axis) + 1;
    index[axis] = next < at(sizes, axis) ? next : 0;
    if (next < at(sizes, axis)) return;
  }
}
