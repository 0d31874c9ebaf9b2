/** @file `assay bakeoff`: which of several implementations agree, and which is right. */
import { classesOf } from "../bakeoff/classes.ts";
import type { ImplementationClass } from "../result/bakeoff.ts";
import type { BakeoffResult } from "../result/result.ts";
import { readSpec } from "../spec/read.ts";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { loadModel } from "./load.ts";
import { version } from "./package.ts";
import { readSpecText, type SpecText } from "./specs.ts";
import { verdictText } from "./verdict-text.ts";

export interface BakeoffOptions {
  readonly models: readonly string[];
  readonly spec?: string;
}

/** Exit 0 when all are one class, and that class meets the spec if there is one. */
export async function bakeoff(context: Context, { models, spec }: BakeoffOptions): Promise<ExitCode> {
  const { terminal, progress, command, seed, json } = context;
  const text = spec === undefined ? undefined : await readSpecText(spec);
  const entries = [];
  for (const name of models) {
    progress.phase(`reading ${name}`);
    entries.push({ name, graph: await loadModel(name) });
  }
  const classes = classesOf(entries, {
    seed,
    onProgress: (message) => progress.phase(message),
    ...(text && { spec: (batch: boolean) => readSpec(text.text, text.name, { batch }) }),
  });
  progress.done();
  if (json) {
    const head = { schema: "assay/bakeoff@1", assay: version, command } as const;
    const result: BakeoffResult = { ...head, models: [...models], spec: text?.name, seed, classes };
    terminal.print(`${JSON.stringify(result, null, 2)}\n`);
  } else terminal.print(story(classes, text, context));
  const agreed =
    classes.length === 1 &&
    classes.every(({ onSpec }) => onSpec?.kind !== "different" && onSpec?.kind !== "undecided");
  return agreed ? exitCodes.well : exitCodes.negative;
}

function story(
  classes: readonly ImplementationClass[],
  spec: SpecText | undefined,
  { ink, terminal }: Context,
): string {
  const total = classes.reduce((sum, { members }) => sum + members.length, 0);
  const columns = terminal.prints.columns;
  const head = `${total} implementations in ${classes.length} ${classes.length === 1 ? "class" : "classes"}`;
  const [first = ""] = classes[0]?.members ?? [];
  const parts = classes.flatMap(({ members, difference, onSpec }, i) => {
    const [own = ""] = members;
    const page = { ink, columns, sides: ["first", "second"] } as const;
    const specPage = { ink, columns, sides: ["spec", "code"] } as const;
    return [
      `${ink.strong(`class ${i + 1}`)}     ${members.join(", ")}`,
      ...(spec && onSpec ? [verdictText(onSpec, own, spec.name, specPage).trimEnd()] : []),
      ...(difference && !(spec && onSpec?.kind === "different")
        ? [verdictText(difference, own, first, page).trimEnd()]
        : []),
      "",
    ];
  });
  return `${[ink.strong(head), "", ...parts].join("\n").trimEnd()}\n`;
}
