/**
 * @file Members of a zip archive under limits. torch.export.save stores every member without compression, so nothing is
 * ever inflated, and a member is as large as the file says or refused. Names are only compared, never used as paths.
 */
import { configure, type FileEntry, Reader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import { Diagnostic, quoted } from "../../diag/diagnostic.ts";
import type { ByteSource } from "../source.ts";

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
}

class SourceReader extends Reader<ByteSource> {
  readonly #source: ByteSource;
  constructor(source: ByteSource) {
    super(source);
    this.#source = source;
    this.size = source.size;
  }
  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const available = Math.max(0, Math.min(length, this.size - index));
    if (available > directoryLimit) throw new RangeError(`a directory of ${available} bytes`);
    return available === 0 ? new Uint8Array(0) : this.#source.read(index, available);
  }
}

const damaged = (source: ByteSource, error: unknown): Diagnostic =>
  new Diagnostic({
    code: "A1101",
    place: { file: source.name },
    got: quoted(error instanceof Error ? error.message : String(error)),
    want: "a complete zip archive with a central directory",
    action: "copy or export the file again",
  });

/** Reads the directory. Throws a Diagnostic when the bytes are no zip archive. */
export async function openArchive(source: ByteSource): Promise<Archive> {
  const entries = new Map<string, FileEntry>();
  try {
    const reader = new ZipReader(new SourceReader(source), { strictness: "balanced" });
    for await (const entry of reader.getEntriesGenerator()) {
      if (entries.size === memberCountLimit) throw new RangeError(`more than ${memberCountLimit} members`);
      if (!entry.directory) entries.set(entry.filename, entry);
    }
  } catch (error) {
    throw damaged(source, error);
  }
  return {
    source,
    names: [...entries.keys()],
    read: async (name, limit) => {
      const entry = entries.get(name);
      checkMember(source, name, entry, limit);
      try {
        return await entry.getData(new Uint8ArrayWriter(), { checkCrc32: true });
      } catch (error) {
        throw damaged(source, error);
      }
    },
  };
}

/** Checks what the directory says of a member before any of its bytes are read. */
function checkMember(
  source: ByteSource,
  name: string,
  entry: FileEntry | undefined,
  limit: number,
): asserts entry is FileEntry {
  const refuse = (got: string, want: string): Diagnostic =>
    new Diagnostic({ code: "A1102", place: { file: source.name, part: quoted(name) }, got, want });
  if (entry === undefined) throw refuse("no such member", "the members that torch.export.save writes");
  const { compressionMethod, compressedSize, uncompressedSize, encrypted } = entry;
  if (encrypted || compressionMethod !== 0 || compressedSize !== uncompressedSize) {
    throw refuse(`a compressed or encrypted member`, "a stored member, as torch.export.save writes it");
  }
  if (uncompressedSize > limit) throw refuse(`${uncompressedSize} bytes`, `at most ${limit} bytes`);
  if (uncompressedSize > source.size) {
    throw refuse(`${uncompressedSize} bytes in a file of ${source.size}`, "a member inside the file");
  }
}
