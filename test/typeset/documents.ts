/** @file LaTeX of many models: golden files, and what is printed of fixtures of every front end. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadModel } from "../../src/cli/load.ts";
import { readJaxpr } from "../../src/frontends/jax/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import type { Profile } from "../../src/notation/document.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { reroll } from "../../src/rewrite/reroll.ts";
import { root } from "../cli/support.ts";
import { groups, sourceOfDocument } from "../jax/support.ts";
import { hostile } from "../report/models.ts";
import { fixtureNames } from "../torch/support.ts";

const fixtures = join(root, "test/fixtures");
const golden = join(root, "test/golden");

const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(join(fixtures, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();

/** Of fixtures that are variants of one network, such as `gpt2` and `gpt2_without_bias`, the one with the shortest name. */
function oneOfEach(names: readonly string[]): string[] {
  const shortest = new Map<string, string>();
  for (const name of [...names].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    const first = name.split("_")[0] ?? "";
    if (!shortest.has(first)) shortest.set(first, name);
  }
  return [...shortest.values()].sort();
}

/** Paths below `test/fixtures`. */
export const modelFiles: readonly string[] = [
  ...oneOfEach(fixtureNames.filter((name) => !name.startsWith("refuse_"))).map((name) => `pt2/${name}.pt2`),
  ...filesIn("onnx", ".onnx"),
  ...filesIn("keras", ".keras"),
  ...filesIn("tfjs", "model.json"),
];
export const jaxModels: readonly string[] = (groups.get("models") ?? []).map(({ name }) => name);

/** The LaTeX that `read` prints of a graph. */
const printed = (graph: Graph, notation: Profile = "matrix"): string =>
  latexOf(equationsOf(fold(reroll(raise(graph))), { width: 100, notation }));

/** Every document by its name. */
export async function documents(): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>();
  for (const name of readdirSync(golden).filter((file) => file.endsWith(".tex")))
    all.set(`golden/${name}`, readFileSync(join(golden, name), "utf8"));
  all.set("hostile", latexOf(hostile()));
  for (const name of modelFiles) {
    const graph = await loadModel(join(fixtures, name));
    for (const notation of ["matrix", "index", "named"] as const) {
      all.set(notation === "matrix" ? name : `${notation}/${name}`, printed(graph, notation));
    }
  }
  for (const group of ["models", "nested"])
    for (const { name, document } of groups.get(group) ?? [])
      all.set(`jax/${name}`, printed(await readJaxpr(sourceOfDocument(document))));
  return all;
}
