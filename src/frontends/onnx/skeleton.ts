/**
 * @file The bytes of a model without its large tensors. A model of gigabytes is mostly numbers, so its messages are walked
 * field by field, and where a large tensor's numbers stand, the way to them is written instead: as ONNX itself refers to
 * external data, with the model's own file as the place. What is left is a small message that the protobuf library decodes.
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ByteSource } from "../common/source.ts";

/** Tensors of more bytes than this are left where they are. */
const inlineLimit = 2 ** 12;
/** Messages, names and attributes together; a graph of a million nodes has about so many bytes. */
const skeletonLimit = 2 ** 28;
/** Messages inside messages, as If and Loop nest them. */
const depthLimit = 64;

/** The file is no message of the format, or a hostile one; `message` says what was found. */
export class Malformed extends Error {}

/** Numbers of the fields that may hold tensors, by what message they are of; "numbers" are what is left out. */
type Kind = "model" | "graph" | "node" | "attribute" | "function" | "sparse" | "tensor";
const fields: Readonly<Record<Kind, Readonly<Record<number, Kind | "numbers">>>> = {
  model: { 7: "graph", 25: "function" },
  graph: { 1: "node", 5: "tensor", 15: "sparse" },
  function: { 7: "node", 11: "attribute" },
  node: { 5: "attribute" },
  attribute: { 5: "tensor", 6: "graph", 22: "sparse" },
  sparse: { 1: "tensor", 2: "tensor" },
  tensor: { 4: "numbers", 5: "numbers", 7: "numbers", 9: "numbers", 10: "numbers", 11: "numbers" },
};
const externalData = 13;
const dataLocation = 14;

/** Where numbers are that were left out of a tensor: which field of it holds them, and its bytes in the model's file. */
export const omittedKey = "assay.field";

/** Throws Malformed where the file is no such message. */
export async function skeletonOf(source: ByteSource): Promise<Uint8Array> {
  const copier = new Copier(new Window(source));
  return await copier.message("model", 0, source.size, 0);
}

/** Reads a file in pieces, so that a walk of small fields asks the disk seldom. */
class Window {
  readonly #source: ByteSource;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** At most `length` bytes from `start`; fewer at the end of the file. */
  async view(start: number, length: number): Promise<Uint8Array> {
    const end = Math.min(start + length, this.#source.size);
    if (start < this.#start || end > this.#start + this.#bytes.length) {
      this.#bytes = await this.#source.read(
        start,
        Math.min(Math.max(length, 2 ** 16), this.#source.size - start),
      );
      this.#start = start;
    }
    return this.#bytes.subarray(start - this.#start, end - this.#start);
  }
}

class Copier {
  readonly #window: Window;
  #copied = 0;

  constructor(window: Window) {
    this.#window = window;
  }

  async message(kind: Kind, start: number, end: number, depth: number): Promise<Uint8Array> {
    if (depth > depthLimit) throw new Malformed(`messages nested more than ${depthLimit} deep`);
    const writer = new BinaryWriter();
    for (let place = start; place < end; ) {
      const field = await this.#field(place, end);
      const role = fields[kind][field.number];
      if (role === undefined || field.length <= inlineLimit) writer.raw(await this.#copy(place, field.end));
      else if (role === "numbers") omit(writer, field);
      else {
        const inner = await this.message(role, field.start, field.end, depth + 1);
        writer.tag(field.number, WireType.LengthDelimited).bytes(inner);
      }
      place = field.end;
    }
    return writer.finish();
  }

  /** The field whose tag stands at `place`. */
  async #field(place: number, end: number): Promise<Field> {
    const reader = new BinaryReader(await this.#window.view(place, 32));
    try {
      const [number, type] = reader.tag();
      const length = type === WireType.LengthDelimited ? reader.uint32() : 0;
      if (type !== WireType.LengthDelimited) reader.skip(type, number);
      const start = place + reader.pos;
      if (start + length > end)
        throw new Malformed(`a field of ${length} bytes where ${end - start} are left`);
      return { number, start, length, end: start + length };
    } catch (error) {
      if (error instanceof Malformed) throw error;
      throw new Malformed(`no field at byte ${place}`);
    }
  }

  async #copy(start: number, end: number): Promise<Uint8Array> {
    this.#copied += end - start;
    if (this.#copied > skeletonLimit) {
      throw new Malformed(`more than ${skeletonLimit / 2 ** 20} MiB besides its tensors`);
    }
    return (await this.#window.view(start, end - start)).slice();
  }
}

interface Field {
  readonly number: number;
  /** Of its contents. */
  readonly start: number;
  readonly length: number;
  readonly end: number;
}

/** Writes where a tensor's numbers are in the place of them. */
function omit(writer: BinaryWriter, { number, start, length }: Field): void {
  writer.tag(dataLocation, WireType.Varint).int32(1);
  for (const [key, value] of [
    [omittedKey, String(number)],
    ["offset", String(start)],
    ["length", String(length)],
  ] as const) {
    const entry = new BinaryWriter();
    entry.tag(1, WireType.LengthDelimited).string(key);
    entry.tag(2, WireType.LengthDelimited).string(value);
    writer.tag(externalData, WireType.LengthDelimited).bytes(entry.finish());
  }
}
