/** @file `assay diff`: are two models the same function? */
import { asSpec } from "../prove/as-spec.ts";
import { check } from "../prove/check.ts";
import type { DiffResult } from "../result/result.ts";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { loadModel } from "./load.ts";
import { version } from "./package.ts";
import { verdictText } from "./verdict-text.ts";

export interface DiffOptions {
  readonly first: string;
  readonly second: string;
}

/** Prints the verdict on the second model, with the first one's equations as the specification. */
export async function diff(context: Context, { first, second }: DiffOptions): Promise<ExitCode> {
  const { terminal, progress, command, seed, json, ink } = context;
  progress.phase(`reading ${first}`);
  const spec = asSpec(await loadModel(first), first);
  progress.phase(`reading ${second}`);
  const code = await loadModel(second);
  progress.phase("comparing");
  const onProgress = (message: string): void => progress.phase(message);
  const verdict = check({ code, spec: () => spec, seed, onProgress });
  progress.done();
  if (json) {
    const head = { schema: "assay/diff@1", assay: version, command } as const;
    const result: DiffResult = { ...head, first, second, seed, verdict };
    terminal.print(`${JSON.stringify(result, null, 2)}\n`);
  } else {
    const page = { ink, columns: terminal.prints.columns, sides: ["first", "second"] } as const;
    terminal.print(verdictText(verdict, second, first, page));
  }
  return verdict.kind === "equal" ? exitCodes.well : exitCodes.negative;
}
