/**
 * @file Members of a zip archive under limits. Both torch.export.save and Keras store every member without compression, so
 * nothing is ever inflated, and a member is as large as the file says or refused. Names are only compared, never used as paths.
 */
import { configure, type FileEntry, Reader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import { Diagnostic, quoted } from "../../diag/diagnostic.ts";
import type { ByteSource } from "./source.ts";

const mebibyte = 2 ** 20;
/** Largest single read: bounds the central directory, which zip.js reads whole. */
const directoryLimit = 8 * mebibyte;
const memberCountLimit = 2 ** 16;
export const jsonLimit: number = 64 * mebibyte;

configure({ useWebWorkers: false });

export interface Archive {
  readonly source: ByteSource;
  /** Member names in the order of the directory. */
  readonly names: readonly string[];
  /** The bytes of a member. Throws a Diagnostic when it is absent, damaged, or larger than `limit`. */
  read(name: string, limit: number): Promise<Uint8Array>;
  /** A member to be read in pieces; the checksum of one larger than `limit` is not computed. Throws a Diagnostic as `read` does. */
  open(name: string, limit: number): Promise<ByteSource>;
}

/** Lengths of zip's three end records: zip64 end, zip64 locator, classic end without comment. */
const [zip64End, zip64Locator, classicEnd] = [56, 20, 22];

/**
 * Bytes of zip64 records that stand before a classic end record which says everything itself. PyTorch always writes them;
 * zip.js 2.24 expects the directory right before the classic record then, and takes the second entry for the first when
 * the first one's record happens to be as long as they are (76 bytes).
 */
async function redundantBytes(source: ByteSource): Promise<number> {
  const [redundant, length] = [zip64End + zip64Locator, zip64End + zip64Locator + classicEnd];
  if (source.size < length) return 0;
  const tail = await source.read(source.size - length, length);
  const view = new DataView(tail.buffer, tail.byteOffset, length);
  const signed =
    view.getUint32(0, true) === 0x06064b50 &&
    view.getUint32(zip64End, true) === 0x07064b50 &&
    view.getUint32(redundant, true) === 0x06054b50;
  const [count, offset] = [view.getUint16(redundant + 10, true), view.getUint32(redundant + 16, true)];
  return signed && count !== 0xffff && offset !== 0xffffffff ? redundant : 0;
}

/** The file without the redundant records. */
class SourceReader extends Reader<ByteSource> {
  readonly #source: ByteSource;
  readonly #redundant: number;

  constructor(source: ByteSource, redundant: number) {
    super(source);
    this.#source = source;
    this.#redundant = redundant;
    this.size = source.size - redundant;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const end = Math.min(index + length, this.size);
    if (end - index > directoryLimit) throw new RangeError(`a directory of ${end - index} bytes`);
    const border = this.#redundant === 0 ? this.size : this.size - classicEnd;
    const before = await this.#bytes(index, Math.min(end, border));
    const after = await this.#bytes(Math.max(index, border) + this.#redundant, end + this.#redundant);
    if (after.length === 0) return before;
    const joined = new Uint8Array(before.length + after.length);
    joined.set(before);
    joined.set(after, before.length);
    return joined;
  }

  async #bytes(start: number, end: number): Promise<Uint8Array> {
    return end > start ? this.#source.read(start, end - start) : new Uint8Array(0);
  }
}

const damaged = (source: ByteSource, error: unknown): Diagnostic =>
  new Diagnostic({
    code: "A1101",
    place: { file: source.name },
    got: quoted(error instanceof Error ? error.message : String(error)),
    want: "a complete zip archive with a central directory",
    action: "copy or save the file again",
  });

/** Reads the directory. `writer` is the function that writes such archives. Throws a Diagnostic when the bytes are no zip archive. */
export async function openArchive(source: ByteSource, writer: string): Promise<Archive> {
  const entries = new Map<string, FileEntry>();
  try {
    const reader = new ZipReader(new SourceReader(source, await redundantBytes(source)), {
      strictness: "balanced",
    });
    for await (const entry of reader.getEntriesGenerator()) {
      if (entries.size === memberCountLimit) throw new RangeError(`more than ${memberCountLimit} members`);
      if (!entry.directory) entries.set(entry.filename, entry);
    }
  } catch (error) {
    throw damaged(source, error);
  }
  const member = (name: string, limit: number): FileEntry => {
    const entry = entries.get(name);
    checkMember({ source, writer }, name, entry, limit);
    return entry;
  };
  const read = async (name: string, limit: number): Promise<Uint8Array> => {
    const entry = member(name, limit);
    try {
      return await entry.getData(new Uint8ArrayWriter(), { checkCrc32: true });
    } catch (error) {
      throw damaged(source, error);
    }
  };
  return {
    source,
    names: [...entries.keys()],
    read,
    open: async (name, limit) => {
      const entry = member(name, source.size);
      return entry.uncompressedSize <= limit
        ? bytesSource(source.name, await read(name, limit))
        : await memberSource(source, entry);
    },
  };
}

/** Bytes in memory as a source. */
const bytesSource = (name: string, bytes: Uint8Array): ByteSource => ({
  name,
  size: bytes.length,
  read: (offset, length) => {
    if (offset >= 0 && length >= 0 && offset + length <= bytes.length) {
      return Promise.resolve(bytes.slice(offset, offset + length));
    }
    return Promise.reject(new RangeError(`bytes ${offset} to ${offset + length} of ${bytes.length}`));
  },
});

/** Length of a local header without its name and extra field, and where it says how long these are. */
const [localHeader, nameLength] = [30, 26];

/** The bytes of a stored member as a source of their own. */
async function memberSource(source: ByteSource, entry: FileEntry): Promise<ByteSource> {
  const { offset, uncompressedSize: size, filename } = entry;
  const part = quoted(filename);
  try {
    const header = await source.read(offset, localHeader);
    const view = new DataView(header.buffer, header.byteOffset, localHeader);
    if (view.getUint32(0, true) !== 0x04034b50) throw new RangeError(`no local header of ${part}`);
    const start =
      offset + localHeader + view.getUint16(nameLength, true) + view.getUint16(nameLength + 2, true);
    if (start + size > source.size) throw new RangeError(`${part} reaches beyond the end`);
    return {
      name: source.name,
      size,
      read: async (from, length) => {
        if (!(from >= 0 && length >= 0 && from + length <= size))
          throw new RangeError(`bytes ${from} of ${part}`);
        return await source.read(start + from, length);
      },
    };
  } catch (error) {
    throw damaged(source, error);
  }
}

interface Written {
  readonly source: ByteSource;
  readonly writer: string;
}

/** Checks what the directory says of a member before any of its bytes are read. */
function checkMember(
  { source, writer }: Written,
  name: string,
  entry: FileEntry | undefined,
  limit: number,
): asserts entry is FileEntry {
  const refuse = (got: string, want: string): Diagnostic =>
    new Diagnostic({ code: "A1102", place: { file: source.name, part: quoted(name) }, got, want });
  if (entry === undefined) throw refuse("no such member", `the members that ${writer} writes`);
  const { compressionMethod, compressedSize, uncompressedSize, encrypted } = entry;
  if (encrypted || compressionMethod !== 0 || compressedSize !== uncompressedSize) {
    throw refuse(`a compressed or encrypted member`, `a stored member, as ${writer} writes it`);
  }
  if (uncompressedSize > limit) throw refuse(`${uncompressedSize} bytes`, `at most ${limit} bytes`);
  if (uncompressedSize > source.size) {
    throw refuse(`${uncompressedSize} bytes in a file of ${source.size}`, "a member inside the file");
  }
}
