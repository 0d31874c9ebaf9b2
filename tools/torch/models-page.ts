/** @file The table of what came of whole models of packages. */
import { cell, linesOf } from "./cases.ts";
import type { Library, Outcome } from "./judge.ts";

interface Line {
  readonly model: string;
  readonly package: string;
  readonly version: string;
}
export interface Judged extends Line {
  readonly outcome: Omit<Outcome, "kind"> & { readonly kind: Outcome["kind"] | "unexported" };
}

/** Judges the models of a folder, those that are wanted or all. */
export async function judgeAll(
  folder: string,
  wanted: ReadonlySet<string>,
  by: Library["by"],
  judge: (name: string) => Promise<Outcome>,
): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const line of linesOf<Line>(folder)) {
    if (wanted.size > 0 && !wanted.has(line.model)) continue;
    const outcome =
      line.failed === undefined
        ? await judge(line.name)
        : { kind: "unexported" as const, reason: `${by}: ${line.failed}` };
    console.log(`${line.model}: ${outcome.kind} ${outcome.reason}`);
    judged.push({ ...line, outcome });
  }
  return judged;
}

function rowOf({ model, package: from, version, outcome }: Judged): string {
  const { kind, reason, nodes, milliseconds, gap } = outcome;
  return [
    "",
    cell(model.replace(/^[a-z]+_/, "")),
    `${from} ${version}`,
    nodes ?? "",
    milliseconds === undefined ? "" : Math.round(milliseconds),
    kind === "equal" ? kind : `**${kind}**`,
    gap === undefined || !Number.isFinite(gap) ? "" : gap.toExponential(0),
    cell(reason),
    "",
  ]
    .join(" | ")
    .trim();
}

export function pageOf(intro: string, judged: readonly Judged[]): string {
  const counts = Map.groupBy(judged, ({ outcome }) => outcome.kind);
  const total = [...counts].map(([kind, own]) => `${own.length} ${kind}`).join(", ");
  return [
    intro,
    `${judged.length} models: ${total}.`,
    "",
    "| model | package | nodes | read (ms) | outcome | gap | why |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...judged.map(rowOf),
    "",
  ].join("\n");
}
