/** @file Models written in jax-js: imports the user's module and the copy of jax-js that it uses, and traces the model. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Diagnostic, type Place, quoted, Unsupported } from "../diag/diagnostic.ts";
import type { JaxModelSource, JaxModule } from "../frontends/jaxjs/module.ts";
import { traceJaxjs } from "../frontends/jaxjs/trace.ts";
import type { Graph } from "../ir/graph.ts";
import { suggestion } from "../spec/source.ts";

const library = "@jax-js/jax";

/** The graph of what `file` exports as `name`. Runs the user's module. */
export async function readScript(file: string, name: string | undefined): Promise<Graph> {
  const { exported, jax } = await exportedAs(file, name);
  return await traceJaxjs(jax, exported as JaxModelSource, { file, part: name ?? "", readSourceLine });
}

/** What `file` exports as `name`, and the copy of jax-js that it uses. Runs the user's module. */
export async function exportedAs(
  file: string,
  name: string | undefined,
): Promise<{ readonly exported: unknown; readonly jax: JaxModule }> {
  const exported = chosen(file, name, await importedBy(file));
  return { exported, jax: (await import(await libraryOf(file))) as JaxModule };
}

type Exports = Readonly<Record<string, unknown>>;

async function importedBy(file: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Exports;
  } catch (error) {
    if (isMissing(error, library)) throw missingLibrary(file);
    throw new Diagnostic({
      code: "A1006",
      place: placeOf(file, error),
      got: quoted(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
      want: "a module that can be imported",
    });
  }
}

const isMissing = (error: unknown, module: string): boolean => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ERR_MODULE_NOT_FOUND" && message.includes(`'${module}'`);
};

/** The first line of the user's file in the stack: where it threw. */
export function placeOf(file: string, error: unknown): Place {
  const url = pathToFileURL(resolve(file)).href;
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const frame = stack.split("\n").find((row) => row.includes(url) || row.includes(resolve(file)));
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame ?? "") ?? [];
  return { file, ...(line === undefined ? {} : { line: Number(line), column: Number(column) }) };
}

function chosen(file: string, name: string | undefined, exported: Exports): unknown {
  const names = Object.keys(exported);
  if (name !== undefined && Object.hasOwn(exported, name)) return exported[name];
  const list = names.length === 0 ? "nothing" : names.map(quoted).join(", ");
  const action = name === undefined ? undefined : suggestion(name, names);
  throw new Diagnostic({
    code: name === undefined || name === "" ? "A1004" : "A1005",
    place: { file: quoted(file) },
    got: name === undefined || name === "" ? "a file of code without a name" : quoted(name),
    want: `${quoted(file)}:NAME, where NAME is one of its exports: ${list}`,
    ...(action === undefined ? {} : { action }),
  });
}

/**
 * URL of the ES module of jax-js that the user's file imports, else of the one installed beside Assay. Node has no
 * stable way to resolve an import as another file would, so its search path is followed here.
 */
async function libraryOf(file: string): Promise<string> {
  for (const from of [resolve(file), import.meta.filename]) {
    for (const folder of createRequire(from).resolve.paths(library) ?? []) {
      const home = join(folder, library);
      const manifest = await readFile(join(home, "package.json"), "utf8").catch(() => undefined);
      if (manifest === undefined) continue;
      const { exports } = JSON.parse(manifest) as { exports: { ".": { import: string } } };
      return pathToFileURL(join(home, exports["."].import)).href;
    }
  }
  throw missingLibrary(file);
}

const missingLibrary = (file: string): Unsupported =>
  new Unsupported({
    code: "A5000",
    place: { file: quoted(file) },
    got: `no ${library} that this file could import`,
    want: `${library} 0.1.25 or later`,
    action: `npm install ${library}`,
  });

/** A line of a source file that a stack trace names, by URL or path. */
function readSourceLine(file: string, line: number): string | undefined {
  try {
    const path = file.startsWith("file:") ? fileURLToPath(file) : file;
    return readFileSync(path, "utf8").split("\n")[line - 1];
  } catch {
    // The place of an equation is a courtesy: a file that has gone costs only its text.
    return undefined;
  }
}
