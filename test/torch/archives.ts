/** @file Archives made from a fixture by changing members, for the tests of damaged and forged files. */
import { unzipSync, zipSync } from "fflate";
import { fixtureBytes } from "./support.ts";

export type Members = ReadonlyMap<string, Uint8Array>;

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
export const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Members of a fixture, without their root folder. */
export const membersOf = (name: string): Members =>
  new Map(
    Object.entries(unzipSync(fixtureBytes(name))).map(([path, bytes]) => [
      path.replace(/^[^/]*\//, ""),
      bytes,
    ]),
  );

/** A zip archive of stored members; `level` above 0 compresses. */
export const archiveOf = (members: Members, root = "model/", level: 0 | 9 = 0): Uint8Array =>
  zipSync(Object.fromEntries([...members].map(([name, bytes]) => [root + name, bytes])), { level });

/** The fixture's archive with some members replaced, added, or removed (`undefined`). */
export function changed(
  name: string,
  changes: Readonly<Record<string, Uint8Array | string | undefined>>,
): Uint8Array {
  const members = new Map(membersOf(name));
  for (const [member, content] of Object.entries(changes)) {
    if (content === undefined) members.delete(member);
    else members.set(member, typeof content === "string" ? encode(content) : content);
  }
  return archiveOf(members);
}

export const programMember = "models/model.json";

/** The fixture with its program's JSON text changed. */
export function withProgram(name: string, change: (text: string) => string): Uint8Array {
  const program = membersOf(name).get(programMember);
  if (program === undefined) throw new Error(`${name} has no ${programMember}`);
  const before = decode(program);
  const after = change(before);
  if (after === before) throw new Error("the change does not change the program");
  return changed(name, { [programMember]: after });
}
