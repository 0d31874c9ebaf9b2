/** @file Types and numbers of StableHLO as those of programs of JAX. */
import { at } from "../../base/assert.ts";
import { elementCount } from "../../ir/dim.ts";
import { Contradiction } from "../common/contradiction.ts";
import { bfloatToNumber, halfToNumber } from "../common/numbers.ts";
import {
  type Atom,
  StoredArray,
  unknownSize,
  type XlaType,
  xlaType,
  xlaTypeText,
} from "../common/xla/program.ts";
import { typeName } from "./attributes.ts";
import type { Dense, Module, Type } from "./syntax.ts";

/** Names of JAX for types of elements; integers without a sign in their name have one. */
const elements: Readonly<Record<string, string>> = {
  f64: "float64",
  f32: "float32",
  f16: "float16",
  bf16: "bfloat16",
  i64: "int64",
  i32: "int32",
  i16: "int16",
  i8: "int8",
  ui64: "uint64",
  ui32: "uint32",
  ui16: "uint16",
  ui8: "uint8",
  i1: "bool",
};

/** The type of a value; what is no tensor, and elements that the graph does not have, keep their own names. */
export function typeOf(type: Type): XlaType {
  if (type.kind === "other") return xlaType(type.text, []);
  const name = Object.hasOwn(elements, type.element) ? (elements[type.element] ?? "") : type.element;
  return xlaType(
    name,
    type.shape.map((size) => (size === "?" ? unknownSize : size)),
  );
}

/** A constant: one number for all elements, or an array. */
export function constant(module: Module, dense: Dense): Atom {
  const type = typeOf(dense.type);
  const count = elementCount(type.shape);
  if (typeof count !== "number")
    throw new Contradiction("dense", typeName(dense.type), "a type of known size");
  const digits = digitsOf(module, dense);
  if (dense.isSplat && digits === undefined)
    return { kind: "number", value: numberOf(dense.numbers[0] ?? "", type), type };
  const read = digits === undefined ? listed(dense, type, count) : decoded(digits, type, count);
  if (read !== undefined && count === 1) return { kind: "number", value: read()[0] ?? 0, type };
  return { kind: "array", array: new StoredArray(type, read) };
}

/** All bytes in hexadecimal digits, where they are written so. */
function digitsOf(module: Module, { numbers, bytes }: Dense): string | undefined {
  if (bytes === undefined || !bytes.startsWith("resource ")) return bytes;
  const [name = ""] = numbers;
  // Four bytes tell how the others are aligned. A printer may have left the bytes out.
  return `0x${module.resources.get(name)?.slice("0x".length + 8) ?? ""}`;
}

function listed({ numbers }: Dense, type: XlaType, count: number): () => Float64Array {
  if (numbers.length !== count)
    throw new Contradiction("dense", `${numbers.length} numbers`, `${count} for ${xlaTypeText(type)}`);
  return () => Float64Array.from(numbers, (text) => numberOf(text, type));
}

// Numbers in digits

const roundings: Readonly<Record<string, (value: number) => number>> = {
  float32: Math.fround,
  float16: (value) => rounded(value, 11, -24),
  bfloat16: (value) => rounded(value, 8, -133),
};

/** To so many binary digits, of which none stands for less than a power of two. */
function rounded(value: number, digits: number, least: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const unit = 2 ** Math.max(Math.floor(Math.log2(Math.abs(value))) - digits + 1, least);
  return Math.round(value / unit) * unit;
}

/** A number as it is written: in decimal digits, as a truth value, or as the bits of a real number. */
function numberOf(text: string, type: XlaType): number {
  if (text === "true" || text === "false") return Number(text === "true");
  const isReal = /float/.test(type.name);
  if (isReal && text.startsWith("0x")) return ofBits(BigInt(text), type.name);
  const value = Number(text);
  return (Object.hasOwn(roundings, type.name) ? roundings[type.name]?.(value) : undefined) ?? value;
}

function ofBits(bits: bigint, name: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, bits), true);
  return readers[name]?.read(view, 0) ?? Number.NaN;
}

// Numbers in bytes

interface Reader {
  readonly width: number;
  readonly read: (view: DataView, offset: number) => number;
}
const readers: Readonly<Record<string, Reader>> = {
  float64: { width: 8, read: (view, offset) => view.getFloat64(offset, true) },
  float32: { width: 4, read: (view, offset) => view.getFloat32(offset, true) },
  float16: { width: 2, read: (view, offset) => halfToNumber(view.getUint16(offset, true)) },
  bfloat16: { width: 2, read: (view, offset) => bfloatToNumber(view.getUint16(offset, true)) },
  int64: { width: 8, read: (view, offset) => Number(view.getBigInt64(offset, true)) },
  int32: { width: 4, read: (view, offset) => view.getInt32(offset, true) },
  int16: { width: 2, read: (view, offset) => view.getInt16(offset, true) },
  int8: { width: 1, read: (view, offset) => view.getInt8(offset) },
  uint64: { width: 8, read: (view, offset) => Number(view.getBigUint64(offset, true)) },
  uint32: { width: 4, read: (view, offset) => view.getUint32(offset, true) },
  uint16: { width: 2, read: (view, offset) => view.getUint16(offset, true) },
  uint8: { width: 1, read: (view, offset) => view.getUint8(offset) },
  bool: { width: 1, read: (view, offset) => view.getUint8(offset) },
};

/** Truth values are bytes, or bits of them from the lowest one on. Numbers of other types are not told. */
function decoded(digits: string, type: XlaType, count: number): (() => Float64Array) | undefined {
  const reader = Object.hasOwn(readers, type.name) ? readers[type.name] : undefined;
  const length = (digits.length - "0x".length) / 2;
  if (reader === undefined || length === 0) return undefined;
  const isBits = type.name === "bool" && length === Math.ceil(count / 8);
  const isSplat = !isBits && length === reader.width;
  if (!/^0x[0-9A-Fa-f]*$/.test(digits) || !(isBits || isSplat || length === count * reader.width))
    throw new Contradiction("dense", `${length} bytes`, `${count * reader.width} for ${xlaTypeText(type)}`);
  return () => {
    const bytes = bytesOf(digits);
    if (isBits) return Float64Array.from({ length: count }, (_, i) => (at(bytes, i >> 3) >> (i & 7)) & 1);
    const view = new DataView(bytes.buffer);
    const step = isSplat ? 0 : reader.width;
    return Float64Array.from({ length: count }, (_, i) => reader.read(view, i * step));
  };
}

function bytesOf(digits: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((digits.length - "0x".length) / 2);
  for (const i of bytes.keys()) bytes[i] = Number.parseInt(digits.slice(2 * i + 2, 2 * i + 4), 16);
  return bytes;
}
