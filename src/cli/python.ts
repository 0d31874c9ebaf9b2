/** @file Models written in Python: has the bridge capture them in the user's own Python, and reads the program. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertNever } from "../base/assert.ts";
import type { Code } from "../diag/catalogue.ts";
import { Diagnostic, quoted, Unsupported } from "../diag/diagnostic.ts";
import type { ByteSource } from "../frontends/common/source.ts";
import type { Graph } from "../ir/graph.ts";
import { type BridgeFailure, type Exported, exportModel, type NoAnswer } from "./bridge.ts";
import { withFile } from "./file-source.ts";

const exportLimit = 10 * 60_000;

/**
 * The graph of the model that `name` makes in `file`. Runs the user's code in their Python, for `limit` milliseconds at
 * most. What the export had to change stands in the graph's notes.
 */
export async function readPython(file: string, name: string, limit: number = exportLimit): Promise<Graph> {
  const folder = mkdtempSync(join(tmpdir(), "assay-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const out = join(folder, "model");
    const answer = await exportModel(`${file}:${name}`, out, { milliseconds: limit, onInterrupt: remove });
    if ("why" in answer) throw unanswered(file, answer, limit);
    if (!answer.ok) throw failed(file, name, answer);
    const read = await readerOf(answer);
    const graph = await withFile(out, read, `${file}:${name}`);
    return { ...graph, notes: [...modeNotes(answer), ...answer.notes, ...graph.notes] };
  } finally {
    remove();
  }
}

/** The front end that reads what was written. */
async function readerOf({ format }: Exported): Promise<(source: ByteSource) => Promise<Graph>> {
  switch (format) {
    case "pt2":
      return (await import("../frontends/torch/read.ts")).readTorchExport;
    case "jaxpr":
      return (await import("../frontends/jax/read.ts")).readJaxpr;
    case "keras":
      return (await import("../frontends/keras/read.ts")).readKeras;
    default:
      return assertNever(format);
  }
}

const modeNotes = (exported: Exported): string[] => {
  if (exported.format !== "pt2" || exported.mode === "eval") return [];
  const which = exported.mode === "train" ? "the model was" : "some modules of the model were";
  return [`${which} exported in training mode: call .eval() for what the model computes after training`];
};

/** What a failure of the bridge is in the catalogue, and what was wanted. */
interface Answer {
  readonly code: Code;
  readonly want: string;
  /** What there is, where the bridge's message is an example of code to write. */
  readonly got?: string;
}
const failures: Readonly<Record<BridgeFailure["kind"], Answer>> = {
  "no-torch": { code: "A5000", want: "Python 3.10 or later with torch" },
  "no-jax": { code: "A5000", want: "Python 3.10 or later with jax" },
  "no-file": { code: "A1001", want: "a file that can be read" },
  "no-name": {
    code: "A1005",
    want: "FILE.py:NAME, where NAME is a module, a class or a function that makes one",
  },
  "not-a-model": {
    code: "A1008",
    want: "a model of PyTorch, JAX or Keras, or a pair of a model and its example inputs",
  },
  "several-models": {
    code: "A1008",
    got: "several models, and no function of them",
    want: "one model, or a function of several that says how they feed each other",
  },
  "no-inputs": {
    code: "A1009",
    got: "no example inputs",
    want: "example inputs, from which their shapes are learned",
  },
  "user-error": { code: "A1006", want: "code that runs" },
  export: { code: "A5004", want: "a model that torch.export captures" },
};

function failed(file: string, name: string, { kind, message, file: where, line }: BridgeFailure): Error {
  const { code, want, got } = failures[kind];
  const place = { file: quoted(where ?? file), ...(line === undefined ? {} : { line }), part: quoted(name) };
  if (got !== undefined) {
    const action = message.split("\n").map(quoted).join("\n");
    return new Diagnostic({ code, place, got, want, action });
  }
  const report = { code, place, got: quoted(message), want };
  if (kind === "no-torch" || kind === "no-jax") {
    const library = kind.slice("no-".length);
    return new Unsupported({ ...report, action: `pip install ${library}; assay doctor says where` });
  }
  return kind === "export" ? new Unsupported(report) : new Diagnostic(report);
}

function unanswered(file: string, { why, python, lastWords }: NoAnswer, limit: number): Error {
  const place = { file: quoted(file) };
  switch (why) {
    case "missing":
      return new Unsupported({
        code: "A5000",
        place,
        got: `no Python: ${quoted(python)} can't be run`,
        want: "Python 3.10 or later with torch",
        action: "install Python, or set ASSAY_PYTHON to the one that has torch",
      });
    case "late":
      return new Unsupported({
        code: "A5002",
        place,
        got: `no result after ${duration(limit)}`,
        want: `an export within ${duration(limit)}`,
        action: "export it yourself with torch.export.save, and read the .pt2 file",
      });
    case "crashed":
      return new Diagnostic({
        code: "A1010",
        place,
        got: lastWords === "" ? `${quoted(python)} ended without a word` : quoted(lastWords),
        want: "a Python process that ends by itself",
      });
  }
}

const duration = (milliseconds: number): string =>
  milliseconds >= 60_000 ? `${milliseconds / 60_000} minutes` : `${milliseconds / 1000} seconds`;
