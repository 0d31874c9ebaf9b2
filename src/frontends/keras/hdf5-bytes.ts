/** @file Small pieces of an HDF5 file, read through a cache and under a budget, since nobody vouches for the file. */
import type { ByteSource } from "../common/source.ts";

/** A damaged HDF5 file, or one that uses what is not read; the front end adds the place. */
export class Hdf5Problem extends Error {
  readonly kind: "damaged" | "unsupported";

  constructor(kind: "damaged" | "unsupported", message: string) {
    super(message);
    this.kind = kind;
  }
}
export const damaged = (what: string): Hdf5Problem => new Hdf5Problem("damaged", what);
export const unsupported = (what: string): Hdf5Problem => new Hdf5Problem("unsupported", what);

const pageSize = 4096;
/** All headers, names and attributes together; a model of a thousand layers has about three mebibytes of them. */
const budget = 64 * 2 ** 20;

/** Numbers and texts out of bytes; all of HDF5 is little-endian. Throws Hdf5Problem beyond the end. */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }
  #take(length: number): number {
    if (!(length >= 0 && length <= this.rest)) throw damaged(`${length} bytes where ${this.rest} are left`);
    const at = this.#at;
    this.#at += length;
    return at;
  }
  skip(length: number): this {
    this.#take(length);
    return this;
  }
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  /** A 64-bit number; one beyond 2⁵³ is no place or size in any file. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }
  /** The next bytes, as something with an end of its own. */
  part(length: number): Cursor {
    return new Cursor(this.bytes(length));
  }
  signature(text: string): this {
    const found = latin(this.bytes(text.length));
    if (found !== text) throw damaged(`no ${text} where one must be`);
    return this;
  }
}

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** A text that ends at its first zero. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

export class Pages {
  readonly #source: ByteSource;
  readonly #pages = new Map<number, Uint8Array>();
  #left = budget;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** A cursor over a range of the file. */
  async cursor(offset: number, length: number): Promise<Cursor> {
    const { size } = this.#source;
    if (!Number.isSafeInteger(offset) || !(length >= 0) || offset < 0 || offset + length > size) {
      throw damaged(`a place at ${offset} of ${length} bytes in a file of ${size}`);
    }
    this.#left -= length;
    if (this.#left < 0) throw damaged(`more than ${budget / 2 ** 20} MiB of headers`);
    if (length > pageSize) return new Cursor(await this.#source.read(offset, length));
    const page = Math.floor(offset / pageSize) * pageSize;
    const held = await this.#page(page);
    const within = held.subarray(offset - page, offset - page + length);
    if (within.length === length) return new Cursor(within);
    const joined = new Uint8Array(length);
    joined.set(within);
    const next = await this.#page(page + pageSize);
    joined.set(next.subarray(0, length - within.length), within.length);
    return new Cursor(joined);
  }
  async #page(offset: number): Promise<Uint8Array> {
    const known = this.#pages.get(offset);
    if (known !== undefined) return known;
    const page = await this.#source.read(offset, Math.min(pageSize, this.#source.size - offset));
    this.#pages.set(offset, page);
    return page;
  }
}
