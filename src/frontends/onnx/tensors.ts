/** @file Tensors that a model stores: what the file says of them, and their numbers, which may be in other files. */
import { quoted, Unsupported } from "../../diag/diagnostic.ts";
import type { Dtype } from "../../ir/type.ts";
import type { ByteSource, ModelFolder } from "../common/source.ts";
import { Contradiction } from "./contradiction.ts";
import { elementType, elementTypeName } from "./dtypes.ts";
import type { TensorProto } from "./onnx_pb.ts";
import { omittedKey } from "./skeleton.ts";

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly count: number;
  /** Of its numbers in a file. */
  readonly bytes: number;
  /** Reads the numbers, row-major. Throws Contradiction or a Diagnostic where they are not where the model says. */
  load(): Promise<Float64Array>;
}

/** Where tensors' numbers may be: in the model's own file, and in files beside it. */
export interface Files {
  readonly model: ByteSource;
  readonly folder: ModelFolder;
}

/** What is said of a tensor. Throws Contradiction, and Unsupported for elements that are no numbers here. */
export function storedTensor(proto: TensorProto, files: Files): StoredTensor {
  const shape = proto.dims.map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const isShape =
    shape.every((size) => Number.isSafeInteger(size) && size >= 0) && Number.isSafeInteger(count);
  if (!isShape) throw new Contradiction(`a tensor of shape [${shape.join(", ")}]`, "sizes of at least 0");
  const { dtype, bits } = typeOf(proto);
  const bytes = (count * bits) / 8;
  return { shape, dtype, count, bytes, load: () => numbersOf(proto, count, files) };
}

function typeOf(proto: TensorProto): NonNullable<ReturnType<typeof elementType>> {
  const type = elementType(proto.dataType);
  if (type !== undefined) return type;
  throw new Unsupported({
    code: "A5301",
    place: proto.name === "" ? {} : { part: quoted(proto.name) },
    got: `a tensor of ${elementTypeName(proto.dataType)}`,
    want: "real numbers of 16 to 64 bits, integers of 8 to 64 bits, or truth values",
  });
}

async function numbersOf(proto: TensorProto, count: number, files: Files): Promise<Float64Array> {
  const values = proto.dataLocation === 1 ? await external(proto, files) : inline(proto);
  if (values.length === count) return values;
  throw new Contradiction(`${values.length} numbers in ${proto.name}`, `${count}, as its shape has`);
}

/** Numbers that stand in the message itself. */
function inline(proto: TensorProto): Float64Array {
  const { dataType, floatData, int32Data, int64Data, doubleData, uint64Data, rawData } = proto;
  if (rawData.length > 0) return raw(dataType, rawData);
  if (int32Data.length > 0) return narrow(dataType, Float64Array.from(int32Data));
  const lists: readonly ArrayLike<number | bigint>[] = [floatData, doubleData, int64Data, uint64Data];
  return Float64Array.from(lists.find((list) => list.length > 0) ?? [], Number);
}

/** Short floating-point numbers stand as their bits among the int32 values. */
function narrow(dataType: number, values: Float64Array): Float64Array {
  if (dataType !== 10 && dataType !== 16) return values;
  const bits = Uint16Array.from(values);
  return raw(dataType, new Uint8Array(bits.buffer));
}

function raw(dataType: number, bytes: Uint8Array): Float64Array {
  const type = elementType(dataType);
  if (type === undefined) return new Float64Array(0);
  const size = type.bits / 8;
  if (bytes.length % size !== 0)
    throw new Contradiction(`${bytes.length} bytes of ${type.name}`, `a multiple of ${size} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float64Array.from({ length: bytes.length / size }, (_, i) => type.read(view, i * size));
}

/** Numbers that stand in a file, or further on in the model's own. */
async function external(proto: TensorProto, files: Files): Promise<Float64Array> {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const field = entries.get(omittedKey);
  const offset = Number(entries.get("offset") ?? 0);
  const read = async (source: ByteSource): Promise<Uint8Array> => {
    const length = Number(entries.get("length") ?? source.size - offset);
    const fits = [offset, length].every((bytes) => Number.isSafeInteger(bytes) && bytes >= 0);
    if (!fits || offset + length > source.size) {
      throw new Contradiction(
        `bytes ${offset} to ${offset + length} of ${source.name}`,
        `bytes of a file of ${source.size}`,
      );
    }
    return await source.read(offset, length);
  };
  if (field !== undefined) return omitted(proto.dataType, Number(field), await read(files.model));
  const location = entries.get("location");
  if (location === undefined) throw new Contradiction(`no file for ${proto.name}`, "the name of a file");
  return raw(proto.dataType, await files.folder.withFile(location, read));
}

/** The bytes of a field that was left out of the message: numbers of the element type, or packed ones of the field's own. */
function omitted(dataType: number, field: number, bytes: Uint8Array): Float64Array {
  if (field === 9) return raw(dataType, bytes);
  if (field === 4) return raw(1, bytes);
  if (field === 10) return raw(11, bytes);
  return narrow(dataType, varints(bytes, field === 5 ? 32 : 64, field !== 11));
}

function varints(bytes: Uint8Array, bits: number, signed: boolean): Float64Array {
  const numbers: number[] = [];
  let [value, shift] = [0n, 0n];
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80 && shift < 70n) continue;
    numbers.push(Number(signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)));
    [value, shift] = [0n, 0n];
  }
  return Float64Array.from(numbers);
}
