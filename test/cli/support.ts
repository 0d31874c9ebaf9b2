/** @file Runs a command in this process, with streams that are kept instead of shown. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { run } from "../../src/cli/run.ts";

export const root: string = join(import.meta.dirname, "..", "..");

export interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** What `assay ARGS` prints on streams that are not terminals, and its exit code. */
export async function assay(...args: readonly string[]): Promise<Outcome> {
  let [output, errors] = ["", ""];
  const code = await run(args, {
    print: (text) => void (output += text),
    warn: (text) => void (errors += text),
    prints: { toPerson: false, columns: 100 },
    warns: { toPerson: false },
  });
  return { code, output, errors };
}

/** Makes a folder with these files the current one until the end of the test. */
export function inFolderWith(files: Readonly<Record<string, string>>): string {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "assay-test-"));
  onTestFinished(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  process.chdir(folder);
  return folder;
}
