/** @file Weights in files beside the model, and large ones in the model's own file. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { only } from "../../src/base/assert.ts";
import { folderOf, withFile } from "../../src/cli/file-source.ts";
import { Diagnostic } from "../../src/diag/diagnostic.ts";
import { readOnnx } from "../../src/frontends/onnx/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { sourceOf } from "../torch/support.ts";
import { affine, emptyFolder, floats, modelOf, node, value } from "./models.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-onnx-"));
afterAll(() => rmSync(folder, { recursive: true }));

const numbers = Float32Array.from([1, 2, 3, 4, 5, 6.5]);
const external = (location: string, offset = 0, length = 24): Uint8Array =>
  modelOf({
    ...affine,
    initializer: [
      {
        name: "W",
        dims: [2n, 3n],
        dataType: 1,
        dataLocation: 1,
        externalData: [
          { key: "location", value: location },
          { key: "offset", value: String(offset) },
          { key: "length", value: String(length) },
        ],
      },
      floats("b", [3], [1, 2, 3]),
    ],
  });

async function read(bytes: Uint8Array): Promise<Graph> {
  const path = join(folder, "inside", "net.onnx");
  mkdirSync(join(folder, "inside"), { recursive: true });
  writeFileSync(path, bytes);
  return await withFile(path, (source) => readOnnx(source, folderOf(path)), "net.onnx");
}
const weights = (graph: Graph): number[] | undefined => {
  const found = graph.parameters.find(({ names }) => names.includes("W"))?.values?.();
  return found && [...found];
};

describe("files beside the model", () => {
  test("hold the numbers, from an offset on", async () => {
    mkdirSync(join(folder, "inside"), { recursive: true });
    const bytes = new Uint8Array(40);
    bytes.set(new Uint8Array(numbers.buffer), 8);
    writeFileSync(join(folder, "inside", "net.onnx.data"), bytes);
    expect(weights(await read(external("net.onnx.data", 8)))).toEqual([...numbers]);
  });

  async function messageOf(bytes: Uint8Array): Promise<string> {
    const error: unknown = await read(bytes).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Diagnostic);
    return `${(error as Diagnostic).message}\n`;
  }

  test("are refused outside of its folder", async () => {
    writeFileSync(join(folder, "weights"), new Uint8Array(24));
    const message = (await messageOf(external("../weights"))).replace(/at .*net\.onnx/, "at    net.onnx");
    await expect(message).toMatchFileSnapshot("../errors/A1105.txt");
    expect(await messageOf(external(join(folder, "weights")))).toMatch(/^A1(105|001)/);
    symlinkSync(join(folder, "weights"), join(folder, "inside", "link"));
    expect(await messageOf(external("link"))).toMatch(/^A1105/);
  });

  test("that are missing or too short are told", async () => {
    expect(await messageOf(external("nowhere"))).toMatch(/^A1001[^]*nowhere/);
    writeFileSync(join(folder, "inside", "short"), new Uint8Array(20));
    expect(await messageOf(external("short"))).toMatch(/^A1111[^]*bytes 0 to 24[^]*of 20/);
  });
});

describe("large tensors in the model's own file", () => {
  const side = 64;
  const large = Float32Array.from({ length: side * side }, (_, i) => i / 7);
  const model = (weight: Parameters<typeof modelOf>[0]["initializer"]): Uint8Array =>
    modelOf({
      ...affine,
      input: [value("x", ["B", side])],
      output: [value("y", ["B", side])],
      initializer: weight ?? [],
      node: [node("MatMul", ["x", "W"], ["y"])],
    });
  const dims = [BigInt(side), BigInt(side)];

  test.each([
    ["raw", { name: "W", dims, dataType: 1, rawData: new Uint8Array(large.buffer) }],
    ["packed", { name: "W", dims, dataType: 1, floatData: [...large] }],
    ["double", { name: "W", dims, dataType: 11, doubleData: [...large] }],
  ])("%s", async (_, tensor) => {
    const graph = await readOnnx(sourceOf("net.onnx", model([tensor])), emptyFolder);
    expect([...(only(graph.parameters).values?.() ?? [])]).toEqual([...large]);
  });

  test("are not read where they are too many", async () => {
    const wide = 4096;
    const raw = new Uint8Array(wide * wide * 4);
    const bytes = modelOf({
      ...affine,
      input: [value("x", ["B", wide])],
      output: [value("y", ["B", wide])],
      initializer: [{ name: "W", dims: [BigInt(wide), BigInt(wide)], dataType: 1, rawData: raw }],
      node: [node("MatMul", ["x", "W"], ["y"])],
    });
    const source = sourceOf("net.onnx", bytes);
    const graph = await readOnnx(source, emptyFolder);
    expect(only(graph.parameters).values).toBeUndefined();
    expect(graph.notes).toContain("the weights exceed 16 MiB, so their values are not read");
    expect(source.bytesRead()).toBeLessThan(2 ** 18);
  });
});
