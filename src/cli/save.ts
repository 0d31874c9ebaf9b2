/** @file Writing what a command makes into a file of the user. */
import { renameSync, writeFileSync } from "node:fs";
import { Diagnostic, quoted } from "../diag/diagnostic.ts";

/** Writes the whole file anew, so that an interrupted write leaves the old one. Throws a Diagnostic where that fails. */
export function saveText(path: string, text: string): void {
  const part = `${path}.part`;
  try {
    writeFileSync(part, text);
    renameSync(part, path);
  } catch (error) {
    throw new Diagnostic({
      code: "A1001",
      place: { file: quoted(path) },
      got: quoted(error instanceof Error ? error.message : String(error)),
      want: "a file that can be written",
    });
  }
}
