/** @file Tensors out of the bytes in which files store them. */
import type { Dtype } from "../../ir/type.ts";
import { bfloatToNumber, halfToNumber } from "./numbers.ts";

interface Stored {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number) => number;
}

const stored: Readonly<Record<Dtype, Stored>> = {
  float64: { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
  float32: { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  float16: { bytes: 2, read: (view, offset) => halfToNumber(view.getUint16(offset, true)) },
  bfloat16: { bytes: 2, read: (view, offset) => bfloatToNumber(view.getUint16(offset, true)) },
  int64: { bytes: 8, read: (view, offset) => Number(view.getBigInt64(offset, true)) },
  int32: { bytes: 4, read: (view, offset) => view.getInt32(offset, true) },
  int16: { bytes: 2, read: (view, offset) => view.getInt16(offset, true) },
  int8: { bytes: 1, read: (view, offset) => view.getInt8(offset) },
  uint64: { bytes: 8, read: (view, offset) => Number(view.getBigUint64(offset, true)) },
  uint32: { bytes: 4, read: (view, offset) => view.getUint32(offset, true) },
  uint16: { bytes: 2, read: (view, offset) => view.getUint16(offset, true) },
  uint8: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  bool: { bytes: 1, read: (view, offset) => Number(view.getUint8(offset) !== 0) },
};

/** Bytes of one element. */
export const bytesOf = (dtype: Dtype): number => stored[dtype].bytes;

/** All numbers of a tensor that is stored in one piece, little-endian. */
export function numbersOf(bytes: Uint8Array, dtype: Dtype): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { bytes: size, read } = stored[dtype];
  return Float64Array.from({ length: Math.floor(bytes.length / size) }, (_, index) =>
    read(view, index * size),
  );
}
