/**
 * @file `node bench/onnx.ts`: reading ONNX models of growing numbers of nodes, and one whose weights are 10 GB in a file beside
 * it; with a Python that has `onnx` (ASSAY_PYTHON), beside `onnx.load`. Times are of this process or of Python's own clock,
 * without the start of either; memory is what the process grew by.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { range } from "../src/base/assert.ts";
import { folderOf, withFile } from "../src/cli/file-source.ts";
import { ModelProtoSchema } from "../src/frontends/onnx/onnx_pb.ts";
import { readOnnx } from "../src/frontends/onnx/read.ts";
import type { Graph } from "../src/ir/graph.ts";

const width = 4096;
const float = 1;

/** Layers y = relu(y W + b), as many nodes as asked for; the weights are in a file beside the model. */
function model(layers: number): Uint8Array {
  const dim = (size: number) => ({ value: { case: "dimValue" as const, value: BigInt(size) } });
  const batch = { value: { case: "dimParam" as const, value: "B" } };
  const type = {
    value: { case: "tensorType" as const, value: { elemType: float, shape: { dim: [batch, dim(width)] } } },
  };
  const bytes = (width * width + width) * 4;
  const stored = (name: string, dims: readonly number[], offset: number) => ({
    name,
    dims: dims.map(BigInt),
    dataType: float,
    dataLocation: 1,
    externalData: [
      { key: "location", value: "weights.bin" },
      { key: "offset", value: String(offset) },
      { key: "length", value: String(4 * dims.reduce((product, size) => product * size, 1)) },
    ],
  });
  const graph = {
    name: "layers",
    input: [{ name: "h0", type }],
    output: [{ name: `h${layers}`, type }],
    initializer: range(layers).flatMap((layer) => [
      stored(`W${layer}`, [width, width], layer * bytes),
      stored(`b${layer}`, [width], layer * bytes + width * width * 4),
    ]),
    node: range(layers).flatMap((layer) => [
      { opType: "MatMul", input: [`h${layer}`, `W${layer}`], output: [`m${layer}`] },
      { opType: "Add", input: [`m${layer}`, `b${layer}`], output: [`a${layer}`] },
      { opType: "Relu", input: [`a${layer}`], output: [`h${layer + 1}`] },
    ]),
  };
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 10n, opsetImport: [{ version: 21n }], graph }),
  );
}

interface Reading {
  readonly graph: Graph;
  readonly milliseconds: number;
  readonly mebibytes: number;
}
async function read(path: string): Promise<Reading> {
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const graph = await withFile(path, async (source) => await readOnnx(source, folderOf(path)));
  return {
    graph,
    milliseconds: performance.now() - start,
    mebibytes: (process.memoryUsage().rss - before) / 2 ** 20,
  };
}

const load = `
import sys, time, resource, onnx
start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
onnx.load(sys.argv[1], load_external_data=False)
print((time.perf_counter() - start) * 1000, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
`;
/** Milliseconds and mebibytes of `onnx.load` without external data; nothing where there is no such Python. */
function loadedByPython(path: string): string {
  const python = process.env["ASSAY_PYTHON"];
  if (python === undefined) return "";
  const [milliseconds, mebibytes] = execFileSync(python, ["-c", load, path], { encoding: "utf8" })
    .trim()
    .split(" ");
  return `${Number(milliseconds).toFixed(0).padStart(10)} ${Number(mebibytes).toFixed(0).padStart(6)}`;
}

const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
try {
  console.log("  nodes  weights GB     ms  nodes/s    MiB   onnx.load ms    MiB");
  for (const layers of [10, 100, 159, 1000, 10_000]) {
    const path = join(folder, "net.onnx");
    const weights = join(folder, "weights.bin");
    writeFileSync(path, model(layers));
    writeFileSync(weights, "");
    // A sparse file: its size is declared, and nothing of it is written or read.
    const size = layers * (width * width + width) * 4;
    truncateSync(weights, size);
    const { graph, milliseconds, mebibytes } = await read(path);
    if (graph.parameters.length !== 2 * layers) throw new Error(`${graph.parameters.length} parameters`);
    const nodes = 3 * layers;
    const row = [
      String(nodes).padStart(7),
      (size / 1e9).toFixed(1).padStart(11),
      milliseconds.toFixed(0).padStart(6),
      ((1000 * nodes) / milliseconds).toFixed(0).padStart(8),
      mebibytes.toFixed(0).padStart(6),
    ];
    console.log(`${row.join(" ")}   ${loadedByPython(path)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
