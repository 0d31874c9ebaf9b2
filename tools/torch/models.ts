/**
 * @file `npm run models [-- --write] [--from FOLDER] [NAME…]`: compares Assay with PyTorch on whole models of their packages
 * (tools/torch/model_catalogue.py says how each is made). `--write` puts the table into docs/models.md, `--from` takes cases that
 * were made before. Needs the packages that the catalogue names, in the Python that Assay finds.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../files.ts";
import { casesBy, cell, judgeFile, linesOf } from "./cases.ts";
import type { Outcome } from "./judge.ts";

interface Line {
  readonly model: string;
  readonly package: string;
  readonly version: string;
}
interface Judged extends Line {
  readonly outcome: Omit<Outcome, "kind"> & { readonly kind: Outcome["kind"] | "unexported" };
}

async function judgeAll(folder: string, wanted: ReadonlySet<string>): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const line of linesOf<Line>(folder)) {
    if (wanted.size > 0 && !wanted.has(line.model)) continue;
    const outcome =
      line.failed === undefined
        ? await judgeFile(folder, line.name)
        : { kind: "unexported" as const, reason: `PyTorch: ${line.failed}` };
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

const intro = `# Models of packages

Whole models, built from their packages with random weights and computed in float64, exported with \`torch.export\`, read, evaluated at
random inputs, and compared with what the package computed. \`npm run models -- --write\` makes this page. Where a package's code asks for
a narrower dtype (\`.float()\`), it gets float64, so that nothing but Assay's reading is compared. *equal* is every number of every
output within 1e-10 of the output's largest number; *gap* is the largest difference in that measure. *Read* is the time to read the
file, without evaluating it. *unexported* is what torch.export itself refuses.

Known shortfalls: \`llama_masked_left\` hides everything from some queries; PyTorch's attention is 0 there, the softmax that Assay reads
has no value, and a note says so. Layers of torch_geometric that add loops pick edges by what they hold, which is no function of fixed
shapes; with \`add_self_loops=False\` they are read.
`;

function pageOf(judged: readonly Judged[]): string {
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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false }, from: { type: "string" } },
});
const folder = await casesBy("model_cases.py", positionals, values.from);
const judged = await judgeAll(folder, new Set(positionals));
const page = pageOf(judged);
console.log(page.slice(intro.length).split("\n")[0]);
if (values.write) writeFileSync(join(root, "docs/models.md"), page);
