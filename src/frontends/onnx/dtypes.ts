/** @file ONNX's element types (TensorProto.DataType): their dtypes here, and their numbers out of bytes. */

import type { Dtype } from "../../ir/type.ts";
import { bfloatToNumber, halfToNumber } from "../common/numbers.ts";

interface ElementType {
  readonly name: string;
  readonly dtype: Dtype;
  /** Bits of one element in raw data, least significant first. */
  readonly bits: number;
  /** A number from its bytes. */
  read(view: DataView, offset: number): number;
}

const element = (name: string, dtype: Dtype, bits: number, read: ElementType["read"]): ElementType => ({
  name,
  dtype,
  bits,
  read,
});

const types: ReadonlyMap<number, ElementType> = new Map([
  [1, element("float", "float32", 32, (view, at) => view.getFloat32(at, true))],
  [2, element("uint8", "uint8", 8, (view, at) => view.getUint8(at))],
  [3, element("int8", "int8", 8, (view, at) => view.getInt8(at))],
  [4, element("uint16", "uint16", 16, (view, at) => view.getUint16(at, true))],
  [5, element("int16", "int16", 16, (view, at) => view.getInt16(at, true))],
  [6, element("int32", "int32", 32, (view, at) => view.getInt32(at, true))],
  [7, element("int64", "int64", 64, (view, at) => Number(view.getBigInt64(at, true)))],
  [9, element("bool", "bool", 8, (view, at) => Number(view.getUint8(at) !== 0))],
  [10, element("float16", "float16", 16, (view, at) => halfToNumber(view.getUint16(at, true)))],
  [11, element("double", "float64", 64, (view, at) => view.getFloat64(at, true))],
  [12, element("uint32", "uint32", 32, (view, at) => view.getUint32(at, true))],
  [13, element("uint64", "uint64", 64, (view, at) => Number(view.getBigUint64(at, true)))],
  [16, element("bfloat16", "bfloat16", 16, (view, at) => bfloatToNumber(view.getUint16(at, true)))],
]);

/** Element types without a meaning here, by name, for messages. */
const others: Readonly<Record<number, string>> = {
  8: "string",
  14: "complex64",
  15: "complex128",
  17: "float8e4m3fn",
  18: "float8e4m3fnuz",
  19: "float8e5m2",
  20: "float8e5m2fnuz",
  21: "uint4",
  22: "int4",
  23: "float4e2m1",
  24: "float8e8m0",
  25: "uint2",
  26: "int2",
};

export const elementType = (type: number): ElementType | undefined => types.get(type);
export const elementTypeName = (type: number): string =>
  types.get(type)?.name ?? others[type] ?? `element type ${type}`;
