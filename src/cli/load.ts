/** @file Turns what the user calls a model into a graph: looks at what it is, and hands it to the front end that reads it. */
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { Diagnostic, quoted, Unsupported } from "../diag/diagnostic.ts";
import type { Graph } from "../ir/graph.ts";
import { folderOf, reasonOf, unreadable, withFile } from "./file-source.ts";

const readable =
  "a .pt2, .onnx, .mlir, .keras, .h5 or model.json file, or code as FILE:NAME with a .py, .ts, .mts, .js or .mjs file";

/** Formats that hold a program, which a later version may read. */
const plannedFormats: Readonly<Record<string, string>> = {
  ".tflite": "a TensorFlow Lite model",
};

/** Formats of which people hope that they hold a program. */
const weightFormats: Readonly<Record<string, string>> = {
  ".pt": "a PyTorch checkpoint: numbers without a program",
  ".pth": "a PyTorch checkpoint: numbers without a program",
  ".ckpt": "a checkpoint: numbers without a program",
  ".safetensors": "tensors without a program",
  ".npz": "arrays without a program",
};

/**
 * The graph of `net.pt2`, `net.onnx`, `net.py:make_model` or `net.ts:model`. Throws a Diagnostic where the target is not one of
 * these or its code fails, and Unsupported where something that reading it needs is missing.
 */
export async function loadModel(target: string): Promise<Graph> {
  const { file, name } = splitTarget(target);
  await requireFile(file);
  switch (extname(file)) {
    case ".pt2": {
      const { readTorchExport } = await import("../frontends/torch/read.ts");
      return await withFile(file, readTorchExport);
    }
    case ".onnx": {
      const { readOnnx } = await import("../frontends/onnx/read.ts");
      return await withFile(file, (source) => readOnnx(source, folderOf(file)));
    }
    case ".mlir": {
      const { readStableHlo } = await import("../frontends/stablehlo/read.ts");
      return await withFile(file, readStableHlo);
    }
    case ".keras": {
      const { readKeras } = await import("../frontends/keras/read.ts");
      return await withFile(file, readKeras);
    }
    case ".h5": {
      const { readKerasHdf5 } = await import("../frontends/keras/read.ts");
      return await withFile(file, readKerasHdf5);
    }
    case ".json": {
      const { readTfjs } = await import("../frontends/tfjs/read.ts");
      return await withFile(file, async (source) => await readTfjs(source, folderOf(file)));
    }
    case ".py": {
      const { readPython } = await import("./python.ts");
      return await readPython(file, requireName(file, name));
    }
    case ".ts":
    case ".mts":
    case ".js":
    case ".mjs": {
      const { readScript } = await import("./script.ts");
      return await readScript(file, name);
    }
    default:
      throw unknownFormat(file);
  }
}

/** `net.py:make_model` is a file and a name; a colon before anything else than a name belongs to the path. */
function splitTarget(target: string): { readonly file: string; readonly name: string | undefined } {
  const [, file, name] = /^(.+\.(?:py|m?ts|m?js)):([^:/\\]*)$/.exec(target) ?? [];
  return file === undefined ? { file: target, name: undefined } : { file, name };
}

async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, reasonOf(error));
  });
  if (found.isDirectory()) throw unreadable(file, "a folder");
}

function requireName(file: string, name: string | undefined): string {
  if (name !== undefined && name !== "") return name;
  throw new Diagnostic({
    code: "A1004",
    place: { file: quoted(file) },
    got: "a file of code without a name",
    want: `${quoted(file)}:NAME, where NAME is a module, a class or a function that makes one`,
  });
}

function unknownFormat(file: string): Error {
  const ending = extname(file).toLowerCase();
  const place = { file: quoted(file) };
  const planned = plannedFormats[ending];
  if (planned !== undefined) return new Unsupported({ code: "A5003", place, got: planned, want: readable });
  const weights = weightFormats[ending];
  return new Diagnostic({
    code: "A1003",
    place,
    got: weights ?? (ending === "" ? "a file without an ending" : `a file that ends in ${quoted(ending)}`),
    want: readable,
    ...(weights === undefined ? {} : { action: "name the code that makes the model: net.py:make_model" }),
  });
}
