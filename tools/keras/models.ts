/**
 * @file `npm run models:keras [-- --write] [--from FOLDER] [NAME…]`: compares Assay with Keras on its applications and on models as
 * people write them (tools/keras/keras_catalogue.py says how each is made). `--write` puts the table into docs/models-keras.md,
 * `--from` takes cases that were made before.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { withFile } from "../../src/cli/file-source.ts";
import { readKeras } from "../../src/frontends/keras/read.ts";
import { root } from "../files.ts";
import { caseOf, casesBy } from "../torch/cases.ts";
import { judgeGraph, weightLimit } from "../torch/judge.ts";
import { judgeAll, pageOf } from "../torch/models-page.ts";

const intro = `# Models of Keras

The applications of Keras, and models as people write them, with random weights and computed in float64 on PyTorch, saved as \`.keras\`
the way \`net.py:NAME\` has them saved, read, evaluated at random inputs, and compared with what Keras computed.
\`npm run models:keras -- --write\` makes this page. *equal* is every number of every output within 1e-10 of the output's largest
number; *gap* is the largest difference in that measure. *Read* is the time to read the file, without evaluating it. Names with
*class* are subclassed models.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false }, from: { type: "string" } },
});
const folder = await casesBy("keras/model_cases.py", positionals, values.from);
const judged = await judgeAll(folder, new Set(positionals), "Keras", async (name) => {
  const read = async () =>
    await withFile(join(folder, `${name}.keras`), async (source) => await readKeras(source, weightLimit));
  return await judgeGraph(read, caseOf(folder, name), { by: "Keras" });
});
const page = pageOf(intro, judged);
console.log(page.slice(intro.length).split("\n")[0]);
if (values.write) writeFileSync(join(root, "docs/models-keras.md"), page);
