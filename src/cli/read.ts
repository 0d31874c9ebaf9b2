/** @file `assay read`: the equations of a model. */
import type { Profile } from "../notation/document.ts";
import { equationsOf } from "../notation/equations.ts";
import { latexOf } from "../notation/latex.ts";
import { RulesUsed } from "../notation/rules-used.ts";
import { textOf } from "../notation/text.ts";
import type { ReadResult } from "../result/result.ts";
import { raise } from "../rewrite/raise.ts";
import { reroll } from "../rewrite/reroll.ts";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { loadModel } from "./load.ts";
import { version } from "./package.ts";
import { type Detail, folded, partAt, upToDepth } from "./parts.ts";
import { saveText } from "./save.ts";

export interface ReadOptions extends Detail {
  readonly model: string;
  readonly as: "text" | "latex" | "html" | "json";
  readonly notation: Profile;
  /** The lines of code in the margin, instead of shapes. */
  readonly source?: boolean;
  /** Columns of the longest line. */
  readonly width?: number;
  /** Whether the rules that made the equations out of the code's operators are listed below them. */
  readonly rules?: boolean;
  /** The file to write, instead of standard output. */
  readonly out?: string;
}

/** Prints the equations. What a model does not say stands below them as comments, so that the text is still a spec. */
export async function read(context: Context, options: ReadOptions): Promise<ExitCode> {
  const { terminal, progress, command } = context;
  const { model, notation, width, out } = options;
  progress.phase(`reading ${model}`);
  const used = new RulesUsed(options.at);
  const raised = raise(await loadModel(model), used.told);
  const part = options.at === undefined ? raised : partAt(raised, options.at);
  const graph = folded(reroll(part), options);
  const as = context.json ? "json" : options.as;
  const columns = width ?? (as === "text" && out === undefined ? terminal.prints.columns : pageColumns);
  const printed = equationsOf(graph, { width: columns, notation, told: used.told });
  const whole = upToDepth(printed, options.depth);
  const equations = options.rules === true ? { ...whole, notes: [...whole.notes, ...used.notes()] } : whole;
  const margin = options.source === true ? "source" : "shape";
  const color = context.ink.paints && out === undefined;
  const print: Readonly<Record<ReadOptions["as"], () => string | Promise<string>>> = {
    text: () => textOf(equations, { width: columns, color, margin }),
    latex: () => latexOf(equations),
    html: async () => {
      const { equationsPage } = await import("../report/equations.ts");
      return equationsPage([equations, ...equations.definitions], { model, version });
    },
    json: () => {
      const text = textOf(equations, { width: columns, color: false, margin });
      const latex = latexOf(equations);
      const { notes } = equations;
      const result: ReadResult = {
        schema: "assay/read@1",
        assay: version,
        command,
        model,
        text,
        latex,
        notes,
      };
      return `${JSON.stringify(result, null, 2)}\n`;
    },
  };
  const text = await print[as]();
  progress.done();
  if (out === undefined) terminal.print(text);
  else saveText(out, text);
  return exitCodes.well;
}

/** Of what is not printed on a terminal. */
const pageColumns = 100;
