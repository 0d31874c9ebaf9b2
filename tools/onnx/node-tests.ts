/**
 * @file The ONNX backend's node tests: each model is read, evaluated in float64 and compared with the outputs that the `onnx`
 * package expects, and every failure and skip is listed by name. CASES is what tools/onnx/cases.py writes.
 *
 *   node tools/onnx/node-tests.ts CASES [--write] [NAME…]
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../files.ts";
import { outcomesOf, pageOf, rowsOf, summaryOf } from "./node-tests-page.ts";

const { values: options, positionals } = parseArgs({
  options: { write: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [folder = "", ...names] = positionals;
const outcomes = await outcomesOf(folder, names);
if (options.write) writeFileSync(join(root, "docs/onnx-node-tests.md"), pageOf(outcomes));
else for (const row of rowsOf(outcomes)) console.log(row);
console.log(summaryOf(outcomes));
