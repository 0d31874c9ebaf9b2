/** @file Models written in PyTorch: has the bridge export them in the user's own Python, and reads the exported program. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quoted, Unsupported } from "../diag/diagnostic.ts";
import { readTorchExport } from "../frontends/torch/read.ts";
import type { Graph } from "../ir/graph.ts";
import { withFile } from "./file-source.ts";
import { bridgeEnvironment, findPython } from "./find-python.ts";
import { runProgram } from "./process.ts";

const minutes = 10;

/** The graph of the model that `name` makes in `file`. Runs the user's code in their Python. */
export async function readPython(file: string, name: string): Promise<Graph> {
  const target = `${file}:${name}`;
  const folder = mkdtempSync(join(tmpdir(), "assay-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const exported = join(folder, "model.pt2");
    await exportModel(target, exported, remove);
    return await withFile(exported, readTorchExport, target);
  } finally {
    remove();
  }
}
