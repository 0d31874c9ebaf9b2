/**
 * @file `node bench/readers.ts [--write]`: Assay's readers beside what else reads the same files: Netron's reader, `onnx.load`,
 * `torch.export.load` and `keras.saving.load_model`, on models of growing numbers of layers. `--write` puts the tables into
 * docs/readers.md. Needs a Python (ASSAY_PYTHON) with `onnx`, `torch`, `keras` and `netron`, which makes the models, too.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "rolldown";
import { at, range } from "../src/base/assert.ts";
import { findPython } from "../src/cli/find-python.ts";
import { root } from "../tools/files.ts";
import type { Readings } from "./reader.ts";

// Of several the fastest is told, which other work on the machine disturbs least.
const runs = 3;
const readings = 3;

/** For each format the numbers of layers y = relu(y W + b), and the loader of its framework. */
const formats = [
  { ending: "onnx", layers: [10, 100, 1000, 10_000], loader: "onnx.load" },
  { ending: "pt2", layers: [10, 100, 300], loader: "torch.export.load" },
  { ending: "keras", layers: [10, 100], loader: "keras.saving.load_model" },
] as const;

const intro = `# Readers

What reading a model costs, beside what else reads the file: Netron's reader without its window, and the framework's own loader.
\`node bench/readers.ts --write\` makes this page. The models are layers y = relu(y W + b) of width 16.

- *Cold*: the processor's time from the start of a process until it has read the file, the least of ${runs} processes.
- *Read*: the processor's time of one more reading, the least of ${runs * readings}. *×* is how many times Assay's that is.
- *MiB*: the peak memory of a process that has read the file once.
- *Nodes*: of the graph as each of them counts it.

They don't do the same. Netron makes what it shows: nodes with names and attributes, without types of what the file does not say.
The loaders make what the framework can run. Assay makes a graph whose every value has a type, in its own operators, with weights of
up to 16 MiB; \`onnx.load\` parses protocol buffers in C++ and looks at nothing.

`;

/** A command that takes a file and how often to read it. */
type Command = readonly string[];

function run(command: Command, path: string): Readings {
  // Linux lets a process begin with the peak memory of the one that starts it, which a shell between them keeps small.
  const line = ["-c", '"$0" "$@"; exit', ...command, path, String(readings)];
  const printed = execFileSync("sh", line, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return JSON.parse(printed) as Readings;
}

/** The least of several processes. */
function measured(command: Command, path: string): Readings {
  const all = range(runs).map(() => run(command, path));
  return {
    nodes: at(all, 0).nodes,
    cold: Math.min(...all.map(({ cold }) => cold)),
    mebibytes: Math.min(...all.map(({ mebibytes }) => mebibytes)),
    again: all.flatMap(({ again }) => again),
  };
}

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
const python = await findPython();
const script = join(root, "bench/readers.py");
const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
try {
  const bundle = join(folder, "code");
  await build({
    input: join(root, "bench/reader.ts"),
    platform: "node",
    logLevel: "silent",
    external: [/^node:/, "@jax-js/jax", "@tensorflow/tfjs"],
    output: { dir: bundle, format: "esm" },
  });
  const reader = [process.execPath, join(bundle, "reader.js")];
  const netron = execFileSync(python, [script, "netron"], { encoding: "utf8" }).trim();
  const lines: string[] = [];
  const say = (line: string): void => {
    console.log(line);
    lines.push(line);
  };
  for (const { ending, layers, loader } of formats) {
    say(`## .${ending}\n`);
    say("| layers | KiB | reader | nodes | cold (ms) | read (ms) | × | MiB |");
    say("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (const count of layers) {
      execFileSync(python, [script, "make", folder, ending, String(count)], { stdio: "ignore" });
      const path = join(folder, `${count}.${ending}`);
      const kibibytes = Math.ceil(statSync(path).size / 1024);
      const commands: readonly (readonly [string, Command])[] = [
        ["Assay", [...reader, "assay"]],
        ["Netron", [...reader, netron]],
        [loader, [python, script, "load"]],
      ];
      const rows = commands.map(([name, command]) => [name, measured(command, path)] as const);
      const read = ({ again }: Readings): number => Math.min(...again);
      const own = read(at(rows, 0)[1]);
      for (const [name, row] of rows) {
        const times = [row.cold.toFixed(0), read(row).toFixed(1), (read(row) / own).toFixed(2)];
        say(`| ${[count, kibibytes, name, row.nodes, ...times, row.mebibytes.toFixed(0)].join(" | ")} |`);
      }
    }
    say("");
  }
  const machine = `Made on ${at(cpus(), 0).model.trim()}, ${cpus().length} cores, Node ${process.version}.\n`;
  if (values.write) writeFileSync(join(root, "docs/readers.md"), `${intro}${lines.join("\n")}\n${machine}`);
} finally {
  rmSync(folder, { recursive: true });
}
