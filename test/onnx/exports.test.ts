/** @file What torch.onnx writes, with both of its exporters: PyTorch's own numbers, and names, lines and modules. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { at, zip } from "../../src/base/assert.ts";
import { folderOf, withFile } from "../../src/cli/file-source.ts";
import { readOnnx } from "../../src/frontends/onnx/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { textOf } from "../../src/notation/text.ts";
import { type Expectation, run } from "../run.ts";

const folder = join(import.meta.dirname, "..", "fixtures", "onnx");
const names = readdirSync(folder).flatMap((name) => /^(.*)\.onnx$/.exec(name)?.[1] ?? []);

const read = async (name: string): Promise<Graph> => {
  const path = join(folder, `${name}.onnx`);
  return await withFile(path, async (source) => await readOnnx(source, folderOf(path)));
};
const expectationOf = (name: string): Expectation =>
  JSON.parse(readFileSync(join(folder, `${name.replace(/\.\w+$/, "")}.json`), "utf8")) as Expectation;

/** The exporters compute some constants themselves, in single precision, angles of positions among them. */
const tolerance = 1e-5;

/** The largest gap between the graph's outputs and PyTorch's, in units of 1 + the size of the number. */
function largestGap(graph: Graph, { inputs, outputs }: Expectation): number {
  const got = run(graph, inputs);
  expect(got.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
  const gaps = zip(got, outputs).flatMap(([own, { values }]) =>
    values.map((value, i) => Math.abs(at(own.values, i) - value) / (1 + Math.abs(value))),
  );
  return Math.max(...gaps);
}

/** Their export is not the model: see below. */
const wrongExports = ["llama_grouped_query.script"];

describe("give PyTorch's numbers", () => {
  test.each(names.filter((name) => !wrongExports.includes(name)))("%s", async (name) => {
    const graph = await read(name);
    expect(graph.nodes.filter(({ op }) => op === "Opaque")).toEqual([]);
    expect(largestGap(graph, expectationOf(name))).toBeLessThan(tolerance);
  });
});

test("an einsum of integers and real numbers, which the older exporter makes one of integers, is read as it stands", async () => {
  const graph = await read("llama_grouped_query.script");
  // The rotary frequencies 1 and 1/100 (10000^(-k/2)) became the integers 1 and 0.
  expect(largestGap(graph, expectationOf("llama_grouped_query.script"))).toBeGreaterThan(tolerance);
  expect(textOf(equationsOf(graph, { width: 100 }), { width: 100, color: false })).toMatch(
    /: \[.*\] integers/,
  );
});

test("the newer exporter's lines, modules and class are kept", async () => {
  const graph = await read("encoder_by_hand.dynamo");
  expect(graph.name).toBe("Encoder");
  const origins = [...graph.origins.values()];
  expect(origins.some(({ file, line }) => file === "encoder_models.py" && line === 24)).toBe(true);
  expect(origins.some(({ module }) => module === "layer.attention.query")).toBe(true);
  const named = graph.parameters.flatMap((parameter) => parameter.names);
  expect(named).toContain("layer.norm1.weight");
  // A weight that the exporter transposed has a number for a name; its module says which it is.
  expect(named.some((name) => /^layer\.attention\.query\.val_\d+$/.test(name))).toBe(true);
});

test("what the exporters count has no name", async () => {
  const outputs = async (name: string): Promise<string[]> =>
    (await read(name)).outputs.map((one) => one.name);
  expect(await outputs("gpt2.dynamo")).toEqual(["output"]);
  expect(await outputs("resnet_block.script")).toEqual(["output"]);
  expect(await outputs("vae_written_out.dynamo")).toEqual(["output_0", "output_1"]);
  expect(await outputs("vae_written_out.script")).toEqual(["output_0", "output_1"]);
});

test("a node of which the exporter says nothing is of the module around it", async () => {
  const { nodes, origins } = await read("gpt2.dynamo");
  const slices = nodes.filter((node) => node.op === "Slice" && node.inputs[0]?.op === "Add");
  expect(slices.map((node) => origins.get(node)?.module)).toEqual(
    ["h.0.attn", "h.1.attn"].flatMap((path) => [path, path, path]),
  );
});

test("the older exporter's modules are kept", async () => {
  const graph = await read("encoder_by_hand.script");
  const named = graph.parameters.flatMap((parameter) => parameter.names);
  expect(named.some((name) => /^layer\.attention\.query\.onnx::MatMul_\d+$/.test(name))).toBe(true);
});
