/** @file A file of the disk as the bytes that front ends read. */
import { type FileHandle, open, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { Diagnostic, quoted } from "../diag/diagnostic.ts";
import type { ByteSource, ModelFolder } from "../frontends/common/source.ts";

/** Opens a file for the time of `use`; messages call it `name`. Throws a Diagnostic where it can't be read or is not a file. */
export async function withFile<T>(
  path: string,
  use: (source: ByteSource) => Promise<T>,
  name: string = path,
): Promise<T> {
  const handle = await opened(path);
  try {
    const { size } = await handle.stat();
    return await use({ name, size, read: (offset, length) => bytesAt(handle, offset, length) });
  } finally {
    await handle.close();
  }
}

/** The folder that a model's file is in. What is linked to from there lies outside as well. */
export const folderOf = (model: string): ModelFolder => ({
  withFile: async (name, use) => {
    const folder = await realpath(dirname(model));
    const path = await realpath(join(folder, name)).catch((error: unknown) => {
      throw unreadable(name, reasonOf(error));
    });
    const inside = relative(folder, path);
    if (isAbsolute(name) || isAbsolute(inside) || inside.split(sep)[0] === "..") {
      throw new Diagnostic({
        code: "A1105",
        place: { file: quoted(model) },
        got: `a file outside of its folder: ${quoted(name)}`,
        want: "files beside the model, under their names",
        action: "copy the file into the folder of the model",
      });
    }
    return await withFile(path, use, name);
  },
});

async function opened(path: string): Promise<FileHandle> {
  try {
    const handle = await open(path, "r");
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (error) {
    throw unreadable(path, reasonOf(error));
  }
  throw unreadable(path, "not a regular file");
}

async function bytesAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) throw new RangeError(`${offset}..${offset + length} leaves the file`);
    done += bytesRead;
  }
  return bytes;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "no permission to read it",
  EISDIR: "a folder",
  ENOTDIR: "no such file",
};

/** What the operating system says, in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ""] ?? message;
}

export const unreadable = (path: string, reason: string): Diagnostic =>
  new Diagnostic({
    code: "A1001",
    place: { file: quoted(path) },
    got: reason,
    want: "a file that can be read",
  });
