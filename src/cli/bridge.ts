/** @file Calls the bridge, `python -m assay_bridge`, in the user's Python. Its protocol is in python/README.md. */
import { delimiter, join } from "node:path";
import { z } from "zod";
import { findPython } from "./find-python.ts";
import { packageRoot } from "./package.ts";
import { runProgram } from "./process.ts";

export interface BridgeFailure {
  readonly ok: false;
  readonly kind: (typeof failureKinds)[number];
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}
/** What was written: a program of torch.export, of JAX as JSON, or a model as Keras saves it. */
type Written =
  | {
      readonly ok: true;
      readonly format: "pt2";
      /** Of the model's modules. */
      readonly mode: "train" | "eval" | "mixed";
    }
  | { readonly ok: true; readonly format: "jaxpr" | "keras" };
export type Exported = Written & { readonly notes: readonly string[] };
interface Versions {
  readonly python: string;
  readonly torch: string | null;
  readonly jax: string | null;
}

const failureKinds = [
  "no-torch",
  "no-jax",
  "no-file",
  "no-name",
  "not-a-model",
  "several-models",
  "no-inputs",
  "user-error",
  "export",
] as const;

const exportReport: z.ZodType<Written | BridgeFailure> = z.union([
  z.object({ ok: z.literal(true), format: z.literal("pt2"), mode: z.enum(["train", "eval", "mixed"]) }),
  z.object({ ok: z.literal(true), format: z.enum(["jaxpr", "keras"]) }),
  z.object({
    ok: z.literal(false),
    kind: z.enum(failureKinds),
    message: z.string(),
    file: z.string().optional(),
    line: z.number().optional(),
  }),
]);

const doctorReport: z.ZodType<Versions> = z.object({
  python: z.string(),
  torch: z.string().nullable(),
  jax: z.string().nullable(),
});

/** Python is missing, took too long, or ended without an answer, as it does when it crashes. */
export interface NoAnswer {
  readonly why: "missing" | "late" | "crashed";
  readonly python: string;
  /** The last thing that it printed. */
  readonly lastWords: string;
}

export interface BridgeLimits {
  readonly milliseconds: number;
  readonly onInterrupt: () => void;
}

/** Exports `FILE.py:NAME` to the path `out`. */
export async function exportModel(
  target: string,
  out: string,
  limits: BridgeLimits,
): Promise<Exported | BridgeFailure | NoAnswer> {
  const answer = await call(["export", target, out], limits, exportReport);
  if (!("report" in answer)) return answer;
  return answer.report.ok ? { ...answer.report, notes: notesIn(answer.errors) } : answer.report;
}

/** Versions of Python and of the libraries in it. */
export async function pythonVersions(
  limits: BridgeLimits,
): Promise<(Versions & { readonly path: string }) | NoAnswer> {
  const answer = await call(["doctor"], limits, doctorReport);
  return "report" in answer ? { ...answer.report, path: answer.python } : answer;
}

interface Answer<R> {
  readonly report: R;
  readonly errors: string;
  readonly python: string;
}

async function call<R>(
  args: readonly string[],
  { milliseconds, onInterrupt }: BridgeLimits,
  schema: z.ZodType<R>,
): Promise<Answer<R> | NoAnswer> {
  const python = await findPython();
  const limits = { milliseconds, onInterrupt, environment: bridgeEnvironment() };
  const finished = await runProgram(python, ["-m", "assay_bridge", ...args], limits);
  if (typeof finished === "string") return { why: finished, python, lastWords: "" };
  const report = schema.safeParse(parsed(finished.output));
  if (report.success) return { report: report.data, errors: finished.errors, python };
  return { why: "crashed", python, lastWords: finished.errors.trimEnd().split("\n").at(-1) ?? "" };
}

/** The environment in which `assay_bridge` can be imported without being installed. */
export function bridgeEnvironment(): NodeJS.ProcessEnv {
  const known = process.env["PYTHONPATH"] ?? "";
  const shipped = join(packageRoot, "python");
  return {
    ...process.env,
    PYTHONPATH: known === "" ? shipped : `${shipped}${delimiter}${known}`,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONIOENCODING: "utf-8",
  };
}

const notesIn = (errors: string): string[] =>
  errors.split("\n").flatMap((line) => {
    const remark = z.object({ note: z.string() }).safeParse(parsed(line));
    return remark.success ? [remark.data.note] : [];
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not of the protocol: the schema refuses it.
    return undefined;
  }
}
