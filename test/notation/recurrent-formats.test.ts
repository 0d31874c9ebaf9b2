/** @file Recurrences that ONNX, Keras, JAX and TensorFlow.js write read back as the same function. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderOf, withFile } from "../../src/cli/file-source.ts";
import { readJaxpr } from "../../src/frontends/jax/read.ts";
import { readOnnx } from "../../src/frontends/onnx/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { textOf } from "../../src/notation/text.ts";
import { isScan } from "../../src/ops/traits.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement } from "../arbitrary/agreement.ts";
import { groups, sourceOfDocument } from "../jax/support.ts";
import { modelFiles, read as readKerasFile } from "../keras/support.ts";
import { modelNames, read as readTfjsModel } from "../tfjs/support.ts";
import { printedPairs } from "./read-back.ts";

const onnx = join(import.meta.dirname, "..", "fixtures", "onnx");
const formats: Readonly<Record<string, readonly (readonly [string, () => Promise<Graph>])[]>> = {
  ONNX: readdirSync(onnx)
    .filter((name) => name.endsWith(".onnx"))
    .map((name) => [
      name,
      () => withFile(join(onnx, name), (source) => readOnnx(source, folderOf(join(onnx, name)))),
    ]),
  Keras: modelFiles.map((file) => [file, () => readKerasFile(file)]),
  JAX: [...groups]
    .filter(([group]) => group !== "refused")
    .flatMap(([group, cases]) =>
      cases.map((one) => [`${group}/${one.name}`, () => readJaxpr(sourceOfDocument(one.document))] as const),
    ),
  "TensorFlow.js": modelNames.map((name) => [name, () => readTfjsModel(name)]),
};

const recurrent: [format: string, name: string, graph: Graph][] = [];
for (const [format, models] of Object.entries(formats)) {
  for (const [name, make] of models) {
    const graph = raise(await make());
    if (graph.nodes.some(isScan)) recurrent.push([format, name, graph]);
  }
}

test("every format has some", () => {
  expect([...new Set(recurrent.map(([format]) => format))]).toEqual(Object.keys(formats));
});

test.for(recurrent)("%s: %s", ([, , graph]) => {
  const equations = equationsOf(graph, { width: 100 });
  for (const text of [textOf(equations, { width: 100, color: false }), latexOf(equations)]) {
    const spec = readSpec(text, "printed.txt");
    expect(agreement(graph, spec, printedPairs(graph, equations, spec), 1), text).toBe("equal");
  }
});
