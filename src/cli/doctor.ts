/** @file `assay doctor`: what is installed, what is missing, and how to get it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { DoctorResult, Tool } from "../result/result.ts";
import { pythonVersions } from "./bridge.ts";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { version } from "./package.ts";

const oldestNode = [22, 18] as const;

/** Prints the state of the machine. Exit 3 when what every command needs is missing. */
export async function doctor({ terminal, ink, json, command, progress }: Context): Promise<ExitCode> {
  progress.phase("asking Python");
  const node = nodeTool();
  const tools: readonly Tool[] = [
    { name: "assay", version, detail: "", neededFor: "everything" },
    node,
    ...(await pythonTools()),
    jaxjsTool(),
  ];
  progress.done();
  if (json) {
    const result: DoctorResult = { schema: "assay/doctor@1", assay: version, command, tools };
    terminal.print(`${JSON.stringify(result, null, 2)}\n`);
  } else {
    for (const tool of tools) {
      const state = (tool.version ?? "missing").padEnd(12);
      const painted = tool.version === null ? ink.doubtful(state) : ink.good(state);
      terminal.print(
        `${tool.name.padEnd(8)} ${painted} ${tool.neededFor.padEnd(24)} ${tool.detail}`.trimEnd() + "\n",
      );
    }
  }
  return node.version === null ? exitCodes.unsupported : exitCodes.well;
}

function nodeTool(): Tool {
  const neededFor = "everything";
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldMajor, oldMinor] = oldestNode;
  const isNew = major > oldMajor || (major === oldMajor && minor >= oldMinor);
  const wanted = `Node ${oldestNode.join(".")} or later`;
  if (isNew) return { name: "node", version: process.versions.node, detail: process.execPath, neededFor };
  return {
    name: "node",
    version: null,
    detail: `this is ${process.versions.node}; get ${wanted}`,
    neededFor,
  };
}

const patience = 60_000;

/** Libraries of Python, and what each is needed for. */
const libraries = [
  ["torch", "PyTorch in .py files"],
  ["jax", "JAX in .py files"],
] as const;

async function pythonTools(): Promise<readonly Tool[]> {
  const neededFor = "models in .py files";
  const found = await pythonVersions({ milliseconds: patience, onInterrupt: () => undefined });
  if ("why" in found) {
    const state = { missing: "can't be run", late: "does not answer", crashed: "can't run the bridge" }[
      found.why
    ];
    const detail = `${found.python} ${state}: install Python 3.10 or later, or set ASSAY_PYTHON`;
    const missing = libraries.map(([name, models]) => ({
      name,
      version: null,
      detail: `after Python: pip install ${name}`,
      neededFor: models,
    }));
    return [{ name: "python", version: null, detail, neededFor }, ...missing];
  }
  const { path, python } = found;
  const own = libraries.map(([name, models]) => ({
    name,
    version: found[name],
    detail: found[name] === null ? `${path} -m pip install ${name}` : "",
    neededFor: models,
  }));
  return [{ name: "python", version: python, detail: path, neededFor }, ...own];
}

/** jax-js as a file in the current folder would import it. */
function jaxjsTool(): Tool {
  const neededFor = "models in .ts, .js files";
  const folders = createRequire(resolve("any.js")).resolve.paths("@jax-js/jax") ?? [];
  for (const folder of folders) {
    try {
      const manifest = readFileSync(join(folder, "@jax-js", "jax", "package.json"), "utf8");
      const { version: found } = JSON.parse(manifest) as { readonly version: string };
      return { name: "jax-js", version: found, detail: "", neededFor };
    } catch {
      // Not in this folder: the search path has more.
    }
  }
  return { name: "jax-js", version: null, detail: "npm install @jax-js/jax", neededFor };
}
