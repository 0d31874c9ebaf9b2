/**
 * @file Files of named tensors that every framework reads: eight bytes with the length of a JSON header, the header with
 * each tensor's type, shape and place, then the numbers (https://github.com/huggingface/safetensors, "Format").
 */
import { at, zip } from "./assert.ts";

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

const types = [
  ["F32", Float32Array],
  ["F64", Float64Array],
  ["I32", Int32Array],
] as const;

const headLength = 8;
/** Beyond what any header of ours needs; a longer one is not read. */
const longestHeader = 1 << 24;

/** The bytes of a file with these tensors. */
export function writeSafetensors(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    const start = end;
    end += data.byteLength;
    return [name, { dtype: typeOf(data), shape, data_offsets: [start, end] }] as const;
  });
  const text = JSON.stringify(Object.fromEntries(entries));
  // Numbers begin at a multiple of eight bytes.
  const header = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const bytes = new Uint8Array(headLength + header.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, headLength);
  for (const [{ data }, [, { data_offsets }]] of zip(Object.values(tensors), entries)) {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    bytes.set(raw, headLength + header.length + at(data_offsets, 0));
  }
  return bytes;
}

const typeOf = (data: Tensor["data"]): string => {
  const found = types.find(([, constructor]) => data instanceof constructor);
  if (found === undefined) throw new RangeError("an array of numbers has one of the known types");
  return found[0];
};

/** The tensors of a file; throws RangeError with what is wrong where it is not such a file. */
export function readSafetensors(bytes: Uint8Array): Record<string, Tensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headLength) throw new RangeError(`${bytes.length} bytes are no safetensors file`);
  const length = Number(view.getBigUint64(0, true));
  const start = headLength + length;
  if (length > longestHeader || start > bytes.length)
    throw new RangeError(`its header of ${length} bytes does not fit into ${bytes.length} bytes`);
  const header = parsed(new TextDecoder().decode(bytes.subarray(headLength, start)));
  return Object.fromEntries(
    Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(([name, entry]) => [name, tensorOf(name, entry, bytes.subarray(start))]),
  );
}

function parsed(text: string): object {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === "object" && header !== null && !Array.isArray(header)) return header;
  } catch {
    // Told below.
  }
  throw new RangeError("its header is not a JSON object");
}

function tensorOf(name: string, entry: unknown, bytes: Uint8Array): Tensor {
  const { dtype, shape, data_offsets: offsets } = { ...(entry as Partial<Record<string, unknown>>) };
  const type = types.find(([known]) => known === dtype);
  if (type === undefined) throw new RangeError(`${name} has the type ${String(dtype)}, which is not read`);
  if (!areSizes(shape) || !areSizes(offsets) || offsets.length !== 2)
    throw new RangeError(`${name} has no shape and place`);
  const [, constructor] = type;
  const [from, to] = [at(offsets, 0), at(offsets, 1)];
  const count = shape.reduce((product, size) => product * size, 1);
  if (to > bytes.length || to - from !== count * constructor.BYTES_PER_ELEMENT)
    throw new RangeError(`${name} with shape [${shape.join(", ")}] does not lie at ${from} to ${to}`);
  // A copy, since numbers need not begin where their type allows; `slice` of Node's Buffer would be none.
  return { shape, data: new constructor(Uint8Array.from(bytes.subarray(from, to)).buffer) };
}

const areSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
