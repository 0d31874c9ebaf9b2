/** @file Result files of toy problems that grow while a run goes on, and from which an interrupted run is continued. */
import { existsSync, readFileSync } from "node:fs";
import { Diagnostic, quoted } from "../../diag/diagnostic.ts";
import { parseResult, type ToysResult } from "../../result/result.ts";
import type { ToyOutcome } from "../../result/toys.ts";
import type { Problem } from "../../toys/problem.ts";
import { saveText } from "../save.ts";

/** Writes the whole file anew. */
export const save = (path: string, result: ToysResult): void =>
  saveText(path, `${JSON.stringify(result, null, 2)}\n`);

/**
 * Outcomes of an earlier run of the same entry with the same seed and version of Assay, for these problems. Outcomes of
 * trainings that failed are tried again. Throws a Diagnostic where the file is something else, which is not overwritten.
 */
export function readSaved(path: string, now: ToysResult, problems: readonly Problem[]): ToyOutcome[] {
  if (!existsSync(path)) return [];
  const saved = parsed(path);
  if (saved?.schema !== "assay/toys@1") throw foreign(path, "no result of toy problems");
  if (saved.entry !== now.entry || saved.seed !== now.seed || saved.assay !== now.assay)
    throw foreign(path, `a result of ${saved.entry} with the seed ${saved.seed} by Assay ${saved.assay}`);
  return saved.outcomes.filter(
    ({ problem, verdict }) => verdict.kind !== "failed" && problems.some(({ name }) => name === problem),
  );
}

const foreign = (path: string, got: string): Diagnostic =>
  new Diagnostic({
    code: "A1002",
    place: { file: quoted(path) },
    got: `the file exists and is ${quoted(got)}`,
    want: "a new file, or the result of the same run, which is then continued",
    action: "remove it, or name another",
  });

function parsed(path: string): ReturnType<typeof parseResult> | undefined {
  try {
    return parseResult(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // Told as what it is not.
    return undefined;
  }
}
