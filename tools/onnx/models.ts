/**
 * @file `node tools/onnx/models.ts [--write] [--from FOLDER] [NAME…]`: compares Assay with PyTorch on the models of
 * tools/torch/model_catalogue.py, exported to ONNX by torch.onnx. `--write` puts the table into docs/models-onnx.md, `--from` takes
 * cases that were made before. Needs the packages that the catalogue names, in the Python that Assay finds.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { folderOf, withFile } from "../../src/cli/file-source.ts";
import { readOnnx } from "../../src/frontends/onnx/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { root } from "../files.ts";
import { caseOf, casesBy } from "../torch/cases.ts";
import { judgeGraph, weightLimit } from "../torch/judge.ts";
import { judgeAll, pageOf } from "../torch/models-page.ts";

const intro = `# Models of packages, through ONNX

The models of [models.md](models.md), with random weights and computed in float64, exported with \`torch.onnx.export(dynamo=True)\`, read,
evaluated at random inputs, and compared with what the package computed. \`node tools/onnx/models.ts --write\` makes this page. *equal*
is every number of every output within 1e-10 of the output's largest number, *rounded* the same but for rounding to single precision, in
which the exporter keeps constants; *gap* is the largest difference in that measure. *unexported* is what the exporter refuses.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false }, from: { type: "string" } },
});
const folder = await casesBy("onnx/model_cases.py", positionals, values.from);
const judged = await judgeAll(folder, new Set(positionals), "PyTorch", async (name) => {
  const path = join(folder, `${name}.onnx`);
  const read = async (): Promise<Graph> =>
    await withFile(path, async (source) => await readOnnx(source, folderOf(path), new Map(), weightLimit));
  return await judgeGraph(read, caseOf(folder, name), { by: "PyTorch", constants: "float32" });
});
const page = pageOf(intro, judged);
console.log(page.slice(intro.length).split("\n")[0]);
if (values.write) writeFileSync(join(root, "docs/models-onnx.md"), page);
