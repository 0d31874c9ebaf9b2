/** @file What the tools that compare with libraries share: making cases by a script in Python, and reading them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withFile } from "../../src/cli/file-source.ts";
import { findPython } from "../../src/cli/find-python.ts";
import { root } from "../files.ts";
import { type Case, judge, type Outcome } from "./judge.ts";

/** The folder of the cases that a script of `tools` writes: `given`, where it is there already, or a new one. */
export async function casesBy(
  script: string,
  names: readonly string[],
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return given;
  const folder = mkdtempSync(join(tmpdir(), "assay-cases-"));
  const args = [join(root, "tools", script), folder, ...names];
  const { status } = spawnSync(await findPython(), args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
  console.log(`cases in ${folder}`);
  return folder;
}

/** The lines of cases.jsonl; `failed` is why there is no program. */
export const linesOf = <T>(folder: string): (T & { readonly name: string; readonly failed?: string })[] =>
  readFileSync(join(folder, "cases.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T & { readonly name: string; readonly failed?: string });

/** Judges NAME.pt2 of a folder by NAME.json. */
export async function judgeFile(folder: string, name: string): Promise<Outcome> {
  const own = caseOf(folder, name);
  return await withFile(join(folder, `${name}.pt2`), async (program) => await judge(program, own));
}
export const caseOf = (folder: string, name: string): Case =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Case;

/** A cell of a table in Markdown. */
export const cell = (text: string): string =>
  text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").replaceAll("<", "&lt;").trim();
