/** @file Keras archives made from a fixture by changing members, for the tests of damaged and forged files. */
import { unzipSync, zipSync } from "fflate";
import { fixtureBytes } from "./support.ts";

type Members = Record<string, Uint8Array>;

const membersOf = (file: string): Members => unzipSync(fixtureBytes(file));
export const weightsOf = (file: string): Uint8Array =>
  membersOf(file)["model.weights.h5"] ?? new Uint8Array(0);

/** The fixture's archive with some members replaced or left out (`undefined`). */
export function changed(
  file: string,
  changes: Readonly<Record<string, Uint8Array | string | undefined>>,
): Uint8Array {
  const members = membersOf(file);
  for (const [name, content] of Object.entries(changes)) {
    if (content === undefined) delete members[name];
    else members[name] = typeof content === "string" ? new TextEncoder().encode(content) : content;
  }
  return zipSync(members, { level: 0 });
}

/** The fixture with the text of its configuration changed. */
export function withConfig(file: string, change: (text: string) => string): Uint8Array {
  const before = new TextDecoder().decode(membersOf(file)["config.json"]);
  const after = change(before);
  if (after === before) throw new Error("the change does not change the configuration");
  return changed(file, { "config.json": after });
}
