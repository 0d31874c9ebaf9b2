/** @file `assay read`: the equations of a model. */
import { equationsOf } from "../notation/equations.ts";
import { latexOf } from "../notation/latex.ts";
import { textOf } from "../notation/text.ts";
import type { ReadResult } from "../result/result.ts";
import { fold } from "../rewrite/fold.ts";
import { raise } from "../rewrite/raise.ts";
import { reroll } from "../rewrite/reroll.ts";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { loadModel } from "./load.ts";
import { version } from "./package.ts";

export interface ReadOptions {
  readonly model: string;
  readonly as: "text" | "latex" | "json";
  /** Columns of the longest line. */
  readonly width?: number;
}

/** Prints the equations. What a model does not say stands below them as comments, so that the text is still a spec. */
export async function read(context: Context, { model, as, width }: ReadOptions): Promise<ExitCode> {
  const { terminal, progress, command, ink } = context;
  progress.phase(`reading ${model}`);
  const graph = fold(reroll(raise(await loadModel(model))));
  const columns = width ?? terminal.prints.columns;
  const equations = equationsOf(graph, { width: columns });
  progress.done();
  const form = context.json ? "json" : as;
  if (form === "text") terminal.print(textOf(equations, { width: columns, color: ink.paints }));
  if (form === "latex") terminal.print(latexOf(equations));
  if (form === "json") {
    const text = textOf(equations, { width: columns, color: false });
    const latex = latexOf(equations);
    const { notes } = graph;
    const result: ReadResult = { schema: "assay/read@1", assay: version, command, model, text, latex, notes };
    terminal.print(`${JSON.stringify(result, null, 2)}\n`);
  }
  return exitCodes.well;
}
