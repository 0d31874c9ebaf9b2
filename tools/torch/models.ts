/**
 * @file `npm run models [-- --write] [--from FOLDER] [NAME…]`: compares Assay with PyTorch on whole models of their packages
 * (tools/torch/model_catalogue.py says how each is made). `--write` puts the table into docs/models.md, `--from` takes cases that
 * were made before. Needs the packages that the catalogue names, in the Python that Assay finds.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../files.ts";
import { casesBy, judgeFile } from "./cases.ts";
import { judgeAll, pageOf } from "./models-page.ts";

const intro = `# Models of packages

Whole models, built from their packages with random weights and computed in float64, exported with \`torch.export\`, read, evaluated at
random inputs, and compared with what the package computed. \`npm run models -- --write\` makes this page. Where a package's code asks for
a narrower dtype (\`.float()\`), it gets float64, so that nothing but Assay's reading is compared. *equal* is every number of every
output within 1e-10 of the output's largest number; *gap* is the largest difference in that measure. *Read* is the time to read the
file, without evaluating it. *unexported* is what torch.export itself refuses.

Known shortfalls: \`llama_masked_left\` hides everything from some queries; PyTorch's attention is 0 there, the softmax that Assay reads
has no value, and a note says so. With a choice of 0 the numbers would be PyTorch's, but specs write a softmax, and code that follows
its spec wherever that has a value could no longer be proved. Layers of torch_geometric that add loops pick edges by what they hold,
which is no function of fixed shapes; with \`add_self_loops=False\` they are read.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false }, from: { type: "string" } },
});
const folder = await casesBy("torch/model_cases.py", positionals, values.from);
const judged = await judgeAll(
  folder,
  new Set(positionals),
  "PyTorch",
  async (name) => await judgeFile(folder, name),
);
const page = pageOf(intro, judged);
console.log(page.slice(intro.length).split("\n")[0]);
if (values.write) writeFileSync(join(root, "docs/models.md"), page);
