/**
 * @file `npm run docs`: writes the parts of the documentation that follow from code, between `<!-- generated: … -->`
 * and `<!-- end -->`. With `--check` it writes nothing and fails where a committed part is not what would be written.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { catalogue } from "../src/diag/catalogue.ts";
import { catalogue as toyProblems } from "../src/toys/catalogue.ts";
import type { Certificate } from "../src/toys/certificate.ts";
import { functionProblems } from "../src/toys/functions/catalogue.ts";
import type { FunctionProblem } from "../src/toys/functions/problem.ts";
import type { Problem } from "../src/toys/problem.ts";
import { root } from "./files.ts";

interface LayerRule {
  readonly name: string;
  readonly comment: string;
}

/** Leaves out the layers that the design foresees and that are not built. */
const existing = (imports: string): string =>
  imports === "nothing of src"
    ? imports
    : imports
        .split(", ")
        .filter((layer) => existsSync(join(root, "src", layer)))
        .join(", ");

/** The rows of the layer table, from the configuration of the tool that enforces it. */
function layerTable(): string {
  const { forbidden } = createRequire(import.meta.url)("../.dependency-cruiser.cjs") as {
    readonly forbidden: readonly LayerRule[];
  };
  const rows = forbidden
    .filter((rule) => rule.name.startsWith("layer-"))
    .map((rule) => rule.comment.split(" may import "))
    .filter(([folder = ""]) => existsSync(join(root, folder)))
    .map(([folder, imports = ""]) => `| \`${folder}\` | ${existing(imports)} |`);
  return ["| folder | may import |", "| --- | --- |", ...rows, "| `src/cli` | everything |"].join("\n");
}

const messageIndex = (): string =>
  Object.entries(catalogue)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([code, title]) => `- [${code}](${code}.md): ${title}`)
    .join("\n");

/** A cell of a table must not hold the sign that ends it. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function toyProblem({ name, title, story, source, best, rungs, certificate }: Problem): string {
  const rows = [
    `| **lowest** | ${best.loss.toFixed(4)} | ${cell(best.derivation)} | |`,
    ...[...rungs]
      .sort((a, b) => a.loss - b.loss)
      .map(({ name: rung, kind, loss, derivation, bugs }) => {
        const sort = kind === "floor" ? "" : ` (${kind.replace("-", " ")})`;
        return `| ${cell(rung)}${sort} | ${loss.toFixed(4)} | ${cell(derivation)} | ${cell(bugs.join("; "))} |`;
      }),
  ];
  const table = ["| level | loss | why not lower | what stops there |", "| --- | --- | --- | --- |", ...rows];
  return [
    `### ${name}`,
    "",
    `${title[0]?.toUpperCase()}${title.slice(1)}. Source: ${source}.`,
    "",
    story,
    "",
    ...table,
    ...(certificate === undefined ? [] : ["", certificateText(certificate)]),
  ].join("\n");
}

function certificateText({ hidden }: Certificate): string {
  if (hidden === undefined) return "Weights made by hand reach the lowest loss: an affine map.";
  const units = hidden.weight.length;
  return `Weights made by hand reach the lowest loss: ${units} hidden ${units === 1 ? "unit" : "units"} with ReLU.`;
}

function functionProblem(problem: FunctionProblem): string {
  const { name, slot, signature, title, story, source, open, examples } = problem;
  const meanings = examples.flatMap((claim) => problem.meant(claim).slice(0, 1));
  const told = meanings.slice(open ? 0 : 1).map(({ name: other, derivation, usual }) => {
    return `- *${other}*${open ? "" : `: ${derivation}`}${usual ? "" : ` (to be said by \`${slot}Is\`)`}`;
  });
  const variants = meanings.flatMap(({ variants: own }) => own);
  // A bug of several meanings is told once.
  const bugs = variants.filter(
    (one, index) => variants.findIndex((other) => other.name === one.name) === index,
  );
  return [
    `### ${name}`,
    "",
    `\`${signature}\``,
    "",
    `${title[0]?.toUpperCase()}${title.slice(1)}. Source: ${source}.`,
    "",
    story,
    "",
    ...(told.length === 0 ? [] : [open ? "Such as:" : "It may also be:", "", ...told, ""]),
    "| bug | what is computed | how it comes about |",
    "| --- | --- | --- |",
    ...bugs.map(
      ({ name: bug, derivation, bugs: how }) =>
        `| ${[bug, derivation, how.join("; ")].map(cell).join(" | ")} |`,
    ),
  ].join("\n");
}

const functionCatalogue = (): string => functionProblems.map(functionProblem).join("\n\n");

const toyCatalogue = (): string => toyProblems.map(toyProblem).join("\n\n");

const parts: Readonly<Record<string, { readonly name: string; readonly text: () => string }>> = {
  "docs/architecture.md": { name: "layers", text: layerTable },
  "docs/toys.md": { name: "toys", text: toyCatalogue },
  "docs/function-problems.md": { name: "functions", text: functionCatalogue },
  "docs/messages/README.md": { name: "messages", text: messageIndex },
};

const check = process.argv.includes("--check");
for (const [path, { name, text }] of Object.entries(parts)) {
  const file = join(root, path);
  const before = readFileSync(file, "utf8");
  const [start, end] = [`<!-- generated: ${name} -->`, "<!-- end -->"];
  const [head, rest] = before.split(start);
  const tail = rest?.split(end)[1];
  if (head === undefined || tail === undefined) throw new Error(`${path} has no ${start} … ${end}`);
  const after = `${head}${start}\n\n${text()}\n\n${end}${tail}`;
  if (after === before) continue;
  if (check) {
    console.error(`${path} is stale: run npm run docs`);
    process.exitCode = 1;
  } else writeFileSync(file, after);
}
