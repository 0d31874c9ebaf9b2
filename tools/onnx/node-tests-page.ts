/** @file The node tests of a folder, and the page that says what became of each. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, outcomeOf, type Test } from "./node-test.ts";

/** Runs the tests whose names contain one of `names`, or all. */
export async function outcomesOf(folder: string, names: readonly string[]): Promise<Outcome[]> {
  const all = readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -5)] : []));
  const outcomes: Outcome[] = [];
  for (const name of all.toSorted()) {
    if (names.length > 0 && !names.some((wanted) => name.includes(wanted))) continue;
    const test = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Test;
    outcomes.push(await outcomeOf(join(folder, `${name}.onnx`), name, test));
  }
  return outcomes;
}

const statuses = ["equal", "wrong", "opaque", "refused", "crashed"] as const;

export function summaryOf(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome["status"]): number =>
    outcomes.filter((outcome) => outcome.status === status).length;
  return `${outcomes.length} tests: ${statuses.map((status) => `${count(status)} ${status}`).join(", ")}`;
}

/** A row for each test that is not equal. */
export const rowsOf = (outcomes: readonly Outcome[]): string[] =>
  statuses
    .slice(1)
    .flatMap((status) => outcomes.filter((outcome) => outcome.status === status))
    .map(({ name, status, words }) => `| \`${name}\` | ${status} | ${words.replaceAll("|", "\\|")} |`);

export function pageOf(outcomes: readonly Outcome[]): string {
  const fixed = outcomes.filter((outcome) => outcome.status === "equal" && outcome.fixed.length > 0);
  return `# ONNX's node tests

Written by \`node tools/onnx/node-tests.ts CASES --write\`; CASES is made by \`python tools/onnx/cases.py CASES\` with the
\`onnx\` package. Each test is a model with inputs and expected outputs. Assay reads the model, evaluates its graph in float64, and
compares within the test's own tolerance; float16 and bfloat16, which the graph doesn't round to, within theirs.

**${summaryOf(outcomes)}.** In ${fixed.length} of the equal ones, inputs that decide shapes were given as numbers when the model was
read.

| test | what became of it | why |
| --- | --- | --- |
${rowsOf(outcomes).join("\n")}
`;
}
