/** @file What an entry brings: functions, and models for toy problems. It is asked in a process of its own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Code } from "../../diag/catalogue.ts";
import { Diagnostic, quoted, Unsupported } from "../../diag/diagnostic.ts";
import { descriptionOf } from "../../toys/description.ts";
import { slots } from "../../toys/functions/catalogue.ts";
import type { Problem } from "../../toys/problem.ts";
import { type Brought, type FitJob, files, type WorkerFailure } from "./job.ts";
import { type Ran, runWorker } from "./workers.ts";

/** A problem, and why the entry has no model for it; `undefined` where it has one. */
interface Fit {
  readonly problem: Problem;
  readonly why?: string | undefined;
}

/** What an entry brings. */
export interface Found {
  readonly fits: readonly Fit[];
  readonly functions: readonly Brought[];
}

/** After so many problems that took the process down no others are tried. */
const mostCrashes = 3;

/** Tries the entry on each problem. Throws a Diagnostic where its file can't be run. */
export async function foundIn(
  entry: string,
  problems: readonly Problem[],
  limits: { readonly seed: number; readonly milliseconds: number },
): Promise<Found> {
  const fits = new Map<Problem, Fit>();
  const left = (): Problem[] => problems.filter((problem) => !fits.has(problem));
  let functions: readonly Brought[] | undefined;
  for (let crashes = 0; crashes < mostCrashes; crashes++) {
    if (functions !== undefined && left().length === 0) break;
    const { ran, loaded, answers } = await tried(entry, left(), limits);
    if (loaded === undefined && ran.kind !== "done") throw untried(entry, ran, limits.milliseconds);
    functions = loaded ?? [];
    for (const problem of left()) {
      if (answers.has(problem.name)) fits.set(problem, { problem, why: answers.get(problem.name) });
    }
    // What takes the process down does not take the other problems along.
    const [victim] = left();
    if (ran.kind !== "done" && victim !== undefined) fits.set(victim, { problem: victim, why: reason(ran) });
  }
  return {
    functions: functions ?? [],
    fits: problems.map((problem) => fits.get(problem) ?? { problem, why: "not tried, since others crashed" }),
  };
}

const reason = (ran: Exclude<Ran, { readonly kind: "done" }>): string => {
  if (ran.kind === "failed") return ran.failure.message;
  return ran.kind === "late" ? "the model did not answer in time" : ran.lastWords;
};

/** What the process says of problems until it ends: by name, why the entry does not fit, if so. */
interface Tried {
  readonly ran: Ran;
  /** The functions that the entry brings; `undefined` where its file can't be run. */
  readonly loaded: readonly Brought[] | undefined;
  readonly answers: ReadonlyMap<string, string | undefined>;
}

async function tried(
  entry: string,
  problems: readonly Problem[],
  { seed, milliseconds }: { readonly seed: number; readonly milliseconds: number },
): Promise<Tried> {
  const folder = mkdtempSync(join(tmpdir(), "assay-toys-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const answers = new Map<string, string | undefined>();
  let loaded: readonly Brought[] | undefined;
  try {
    const job: FitJob = { entry, seed, problems: problems.map(descriptionOf), slots };
    writeFileSync(join(folder, files.job), JSON.stringify(job));
    const ran = await runWorker(entry, "fit", folder, {
      milliseconds,
      onInterrupt: remove,
      onEvent: (event) => {
        if (event.event === "loaded") loaded = event.functions ?? [];
        if (event.event === "fit") answers.set(event.problem, event.why);
      },
    });
    return { ran, loaded, answers };
  } finally {
    remove();
  }
}

const codes: Readonly<Partial<Record<WorkerFailure["kind"], Code>>> = {
  "no-file": "A1001",
  "no-name": "A1005",
  "not-an-entry": "A1008",
};

function untried(entry: string, ran: Exclude<Ran, { readonly kind: "done" }>, milliseconds: number): Error {
  const want = "code that gives a model";
  if (ran.kind === "late")
    return failed(entry, "A1302", `no answer within ${milliseconds / 1000} seconds`, want);
  if (ran.kind === "crashed") return failed(entry, "A1302", ran.lastWords, want);
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
