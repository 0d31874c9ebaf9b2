/** @file Which toy problems an entry gives a model for: it is asked, in a process of its own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Code } from "../../diag/catalogue.ts";
import { Diagnostic, quoted, Unsupported } from "../../diag/diagnostic.ts";
import { descriptionOf } from "../../toys/description.ts";
import type { Problem } from "../../toys/problem.ts";
import { type FitJob, files, type WorkerFailure } from "./job.ts";
import { type Ran, runWorker } from "./workers.ts";

/** A problem, and why the entry has no model for it; `undefined` where it has one. */
export interface Fit {
  readonly problem: Problem;
  readonly why?: string | undefined;
}

const limit = 5 * 60_000;

/** Tries the entry on each problem. Throws a Diagnostic where it can't be tried at all. */
export async function fitsOf(entry: string, problems: readonly Problem[], seed: number): Promise<Fit[]> {
  const folder = mkdtempSync(join(tmpdir(), "assay-toys-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const job: FitJob = { entry, seed, problems: problems.map(descriptionOf) };
    writeFileSync(join(folder, files.job), JSON.stringify(job));
    const answers = new Map<string, string | undefined>();
    const ran = await runWorker(entry, "fit", folder, {
      milliseconds: limit,
      onInterrupt: remove,
      onEvent: (event) => {
        if (event.event === "fit") answers.set(event.problem, event.why);
      },
    });
    if (ran.kind !== "done") throw untried(entry, ran);
    return problems.map((problem) => ({
      problem,
      why: answers.has(problem.name) ? answers.get(problem.name) : "the process said nothing of it",
    }));
  } finally {
    remove();
  }
}

const codes: Readonly<Partial<Record<WorkerFailure["kind"], Code>>> = {
  "no-file": "A1001",
  "no-name": "A1005",
  "not-an-entry": "A1008",
};

function untried(entry: string, ran: Exclude<Ran, { readonly kind: "done" }>): Error {
  const want = "code that gives a model";
  if (ran.kind === "late") return failed(entry, "A1302", "no answer within five minutes", want);
  if (ran.kind === "crashed") return failed(entry, "A1302", ran.lastWords || "the process ended", want);
  const { kind, message, file, line } = ran.failure;
  if (kind === "no-library") {
    return new Unsupported({ code: "A5000", place: { file: quoted(entry) }, got: quoted(message), want });
  }
  const place = { ...(file !== undefined && { file: quoted(file) }), ...(line !== undefined && { line }) };
  return new Diagnostic({
    code: codes[kind] ?? "A1006",
    place: Object.keys(place).length === 0 ? { file: quoted(entry) } : place,
    got: quoted(message),
    want,
  });
}

const failed = (entry: string, code: Code, got: string, want: string): Diagnostic =>
  new Diagnostic({ code, place: { file: quoted(entry) }, got: quoted(got), want });
