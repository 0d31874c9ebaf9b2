/** @file Starts the process that knows an entry's language, and listens to it. */
import { join } from "node:path";
import { bridgeEnvironment } from "../bridge.ts";
import { findPython } from "../find-python.ts";
import { packageRoot } from "../package.ts";
import { type Finished, runProgram } from "../process.ts";
import { eventSchema, type Mode, type WorkerEvent, type WorkerFailure } from "./job.ts";

/** How a process ended. */
export type Ran =
  | (Omit<Extract<WorkerEvent, { readonly event: "done" }>, "event"> & { readonly kind: "done" })
  | { readonly kind: "failed"; readonly failure: WorkerFailure }
  | { readonly kind: "late" }
  | { readonly kind: "crashed"; readonly lastWords: string };

export interface Listening {
  readonly milliseconds: number;
  readonly onInterrupt: () => void;
  onEvent(event: WorkerEvent): void;
}

/** Runs the entry's worker on a folder to its end. */
export async function runWorker(
  entry: string,
  mode: Mode,
  folder: string,
  { milliseconds, onInterrupt, onEvent }: Listening,
): Promise<Ran> {
  let last: WorkerEvent | undefined;
  const onLine = (line: string): void => {
    const event = eventIn(line);
    if (event === undefined) return;
    last = event;
    onEvent(event);
  };
  const { program, args, environment } = await workerFor(entry, mode);
  const finished = await runProgram(program, [...args, folder], {
    milliseconds,
    environment,
    onInterrupt,
    onLine,
  });
  if (finished === "late") return { kind: "late" };
  if (finished === "missing") return { kind: "crashed", lastWords: `${program} can't be run` };
  if (last?.event === "done") {
    const { event: _, ...report } = last;
    return { kind: "done", ...report };
  }
  if (last?.event === "failed") return { kind: "failed", failure: last };
  return { kind: "crashed", lastWords: lastWords(finished) };
}

const isPython = (entry: string): boolean => /\.py:[^:]*$/.test(entry);

async function workerFor(
  entry: string,
  mode: Mode,
): Promise<{
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}> {
  if (isPython(entry)) {
    const args = ["-m", "assay_bridge", mode === "train" ? "toys" : `toys-${mode}`];
    return { program: await findPython(), args, environment: bridgeEnvironment() };
  }
  return { program: process.execPath, args: [...quiet, workerPath(), mode], environment: process.env };
}

/** Node warns of type stripping on some versions. */
const quiet = ["--disable-warning=ExperimentalWarning"];

/** The worker as it is written, or beside the built bundle. */
const workerPath = (): string =>
  import.meta.filename.endsWith(".ts")
    ? join(import.meta.dirname, "worker.ts")
    : join(packageRoot, "dist", "toys-worker.js");

function eventIn(line: string): WorkerEvent | undefined {
  try {
    const event = eventSchema.safeParse(JSON.parse(line));
    return event.success ? event.data : undefined;
  } catch {
    // Not of the protocol: something else wrote to the same output.
    return undefined;
  }
}

function lastWords({ errors, code }: Finished): string {
  const said = errors.trimEnd().split("\n").at(-1) ?? "";
  const end = code === null ? "by a signal" : `with exit code ${code}`;
  return `the process ended ${end}${said === "" ? " and without a word" : `: ${said}`}`;
}
