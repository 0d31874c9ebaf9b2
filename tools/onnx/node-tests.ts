/**
 * @file The ONNX backend's node tests: each model is read, evaluated in float64 and compared with the outputs that the `onnx`
 * package expects, and every failure and skip is listed by name. CASES is what tools/onnx/cases.py writes.
 *
 *   node tools/onnx/node-tests.ts CASES [--write] [NAME…]
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../files.ts";
import { type Outcome, outcomeOf, type Test } from "./node-test.ts";

const { values: options, positionals } = parseArgs({
  options: { write: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [folder = "", ...names] = positionals;
const all = readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -5)] : []));
const chosen = all.filter((name) => names.length === 0 || names.some((wanted) => name.includes(wanted)));

const outcomes: Outcome[] = [];
for (const name of chosen) {
  const test = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Test;
  outcomes.push(await outcomeOf(join(folder, `${name}.onnx`), name, test));
}

const of = (status: Outcome["status"]): Outcome[] => outcomes.filter((outcome) => outcome.status === status);
const statuses = ["equal", "wrong", "opaque", "refused", "crashed"] as const;
const summary = statuses.map((status) => `${of(status).length} ${status}`).join(", ");
const listed = statuses.slice(1).flatMap((status) => of(status));
const rows = listed.map(
  ({ name, status, words }) => `| \`${name}\` | ${status} | ${words.replaceAll("|", "\\|")} |`,
);
const fixed = of("equal").filter((outcome) => outcome.fixed.length > 0);
const page = `# ONNX's node tests

Written by \`node tools/onnx/node-tests.ts CASES --write\`; CASES is made by \`python tools/onnx/cases.py CASES\` with the
\`onnx\` package. Each test is a model with inputs and expected outputs. Assay reads the model, evaluates its graph in float64, and
compares within the test's own tolerance; float16 and bfloat16, which the graph doesn't round to, within theirs.

**${outcomes.length} tests: ${summary}.** In ${fixed.length} of the equal ones, inputs that decide shapes were given as numbers
when the model was read.

| test | what became of it | why |
| --- | --- | --- |
${rows.join("\n")}
`;
if (options.write) writeFileSync(join(root, "docs/onnx-node-tests.md"), page);
else for (const row of rows) console.log(row);
console.log(`${outcomes.length} tests: ${summary}`);
