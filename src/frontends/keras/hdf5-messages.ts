/** @file The messages of an object header: what a dataset holds and where (HDF5 File Format Specification 3.0, IV.A.2). */
import { range } from "../../base/assert.ts";
import type { Dtype } from "../../ir/type.ts";
import { Cursor, damaged, textOf, unsupported } from "./hdf5-bytes.ts";

/** How one element is stored. */
export type Storage =
  | { readonly kind: "number"; readonly dtype: Dtype; readonly size: number }
  | { readonly kind: "text"; readonly size: number }
  /** A length, and a place in a heap where the text lies. */
  | { readonly kind: "far text"; readonly size: number }
  | { readonly kind: "other"; readonly words: string; readonly size: number };

const rankLimit = 32;

const integers: Readonly<Record<string, Dtype>> = {
  "1 true": "int8",
  "1 false": "uint8",
  "4 true": "int32",
  "8 true": "int64",
  "2 true": "int16",
  "2 false": "uint16",
  "4 false": "uint32",
  "8 false": "uint64",
};
const floats: Readonly<Record<string, Dtype>> = {
  "2 5 10": "float16",
  "2 8 7": "bfloat16",
  "4 8 23": "float32",
  "8 11 52": "float64",
};

/** IV.A.2.d, the datatype message. */
export function datatype(cursor: Cursor): Storage {
  const form = cursor.u8();
  const bits = cursor.u8();
  cursor.skip(2);
  const size = cursor.u32();
  const other = (words: string): Storage => ({ kind: "other", words, size });
  const bigEndian = (bits & 1) === 1;
  switch (form & 15) {
    case 0: {
      const dtype = integers[`${size} ${(bits & 8) !== 0}`];
      return dtype === undefined || bigEndian
        ? other(`integers of ${size} bytes`)
        : { kind: "number", dtype, size };
    }
    case 1: {
      cursor.skip(5);
      const exponent = cursor.u8();
      cursor.skip(1);
      const dtype = floats[`${size} ${exponent} ${cursor.u8()}`];
      return dtype === undefined || bigEndian
        ? other(`floats of ${size} bytes`)
        : { kind: "number", dtype, size };
    }
    case 3:
      return { kind: "text", size };
    case 8:
      return size === 1 ? { kind: "number", dtype: "bool", size } : other("an enumeration");
    case 9:
      return (bits & 15) === 1 ? { kind: "far text", size } : other("lists of different lengths");
    default:
      return other(`values of class ${form & 15}`);
  }
}

/** IV.A.2.b, the dataspace message: the sizes of the axes. */
export function dataspace(cursor: Cursor): number[] {
  const version = cursor.u8();
  const rank = cursor.u8();
  if (version !== 1 && version !== 2) throw unsupported(`a dataspace of version ${version}`);
  if (rank > rankLimit) throw damaged(`${rank} axes`);
  cursor.skip(version === 1 ? 6 : 1);
  if (version === 2 && cursor.u8() === 2) return [0];
  return range(rank).map(() => {
    const size = cursor.u64();
    if (!Number.isSafeInteger(size)) throw damaged(`an axis of ${size} elements`);
    return size;
  });
}

/** Where the elements lie: at a place of the file, in the header itself, or nowhere when nothing was written. */
export type Layout =
  | { readonly kind: "place"; readonly offset: number; readonly size: number }
  | { readonly kind: "here"; readonly bytes: Uint8Array }
  | { readonly kind: "other"; readonly words: string };

/** IV.A.2.i, the data layout message. */
export function layout(cursor: Cursor): Layout {
  const version = cursor.u8();
  if (version !== 3 && version !== 4) return { kind: "other", words: `a layout of version ${version}` };
  const form = cursor.u8();
  if (form === 0) return { kind: "here", bytes: cursor.bytes(cursor.u16()) };
  if (form === 1) return { kind: "place", offset: cursor.u64(), size: cursor.u64() };
  return { kind: "other", words: form === 2 ? "a tensor in chunks" : "a virtual tensor" };
}

export interface Attribute {
  readonly name: string;
  readonly storage: Storage;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** IV.A.2.m, the attribute message. */
export function attribute(cursor: Cursor): Attribute {
  const version = cursor.u8();
  if (version < 1 || version > 3) throw unsupported(`an attribute of version ${version}`);
  cursor.skip(1);
  const [nameSize, typeSize, spaceSize] = [cursor.u16(), cursor.u16(), cursor.u16()];
  if (version === 3) cursor.skip(1);
  const part = (size: number): Uint8Array => {
    const bytes = cursor.bytes(size);
    // Only version 1 fills each part up to a multiple of eight bytes.
    if (version === 1) cursor.skip((8 - (size % 8)) % 8);
    return bytes;
  };
  const name = textOf(part(nameSize));
  const storage = datatype(new Cursor(part(typeSize)));
  const count = dataspace(new Cursor(part(spaceSize))).reduce((product, size) => product * size, 1);
  if (!(count * storage.size <= cursor.rest)) throw damaged(`${count} elements in ${cursor.rest} bytes`);
  return { name, storage, count, bytes: cursor.bytes(count * storage.size) };
}
