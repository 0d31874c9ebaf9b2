/** @file `assay check`: is a model the one that a specification describes? */
import { check } from "../prove/check.ts";
import type { CheckResult } from "../result/result.ts";
import { readSpec } from "../spec/read.ts";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { loadModel } from "./load.ts";
import { version } from "./package.ts";
import { readSpecText } from "./specs.ts";
import { verdictText } from "./verdict-text.ts";

export interface CheckOptions {
  readonly model: string;
  /** A file, or the name of a shipped specification. */
  readonly spec: string;
}

/** Prints the verdict. Exit 1 for every verdict but `equal`: silence and doubt are not a pass. */
export async function checkModel(context: Context, { model, spec }: CheckOptions): Promise<ExitCode> {
  const { terminal, progress, command, seed, json, ink } = context;
  // The spec first: its errors should not wait for an export.
  const { text, name } = await readSpecText(spec);
  readSpec(text, name);
  progress.phase(`reading ${model}`);
  const code = await loadModel(model);
  progress.phase("comparing");
  const verdict = check({
    code,
    spec: (batch) => readSpec(text, name, { batch }),
    seed,
    onProgress: (message) => progress.phase(message),
  });
  progress.done();
  if (json) {
    const head = { schema: "assay/check@1", assay: version, command } as const;
    const result: CheckResult = { ...head, model, spec: name, seed, verdict };
    terminal.print(`${JSON.stringify(result, null, 2)}\n`);
  } else
    terminal.print(
      verdictText(verdict, model, name, {
        ink,
        columns: terminal.prints.columns,
        sides: ["spec", "code"],
      }),
    );
  return verdict.kind === "equal" ? exitCodes.well : exitCodes.negative;
}
