/** @file Models written in TypeScript: imports the user's module, and traces its model in jax-js. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Diagnostic, type Place, quoted } from "../diag/diagnostic.ts";
import type { JaxModelSource, JaxModule } from "../frontends/jaxjs/module.ts";
import { traceJaxjs } from "../frontends/jaxjs/trace.ts";
import { type LiveModel, readLayersModel } from "../frontends/tfjs/read.ts";
import { type TfFunction, type TfModule, traceTfjs } from "../frontends/tfjs/trace.ts";
import type { Graph } from "../ir/graph.ts";
import { suggestion } from "../spec/source.ts";
import { jaxjs, libraryOf, missingIn, tfjs } from "./libraries.ts";

/** The graph of what `file` exports as `name`. Runs the user's module. */
export async function readScript(file: string, name: string | undefined): Promise<Graph> {
  const given = await exportedAs(file, name);
  const isTf = importsTfjs(file);
  const exported =
    isTf && typeof given === "function" ? await madeBy(file, name, given as () => unknown) : given;
  if (isLayersModel(exported)) return readLayersModel(`${file}:${name ?? ""}`, await liveModel(exported));
  if (isTf && isTfFunction(exported)) {
    const tf = (await libraryOf(file, tfjs)) as TfModule;
    return await traceTfjs(tf, exported, file, name ?? "");
  }
  const jax = (await libraryOf(file, jaxjs)) as JaxModule;
  return await traceJaxjs(jax, exported as JaxModelSource, { file, part: name ?? "", readSourceLine });
}

/** What a function that makes a model makes. */
async function madeBy(file: string, name: string | undefined, make: () => unknown): Promise<unknown> {
  try {
    return await make();
  } catch (error) {
    throw new Diagnostic({
      code: "A1006",
      place: { ...placeOf(file, error), part: quoted(name ?? "") },
      got: quoted(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
      want: "a function that makes a model",
    });
  }
}

const isTfFunction = (value: unknown): value is TfFunction =>
  typeof value === "object" &&
  value !== null &&
  "apply" in value &&
  typeof value.apply === "function" &&
  "inputs" in value;

/** Models of both libraries have one form; the imports of the file say which library its arrays are of. */
const importsTfjs = (file: string): boolean =>
  /from\s*["']@tensorflow\/tfjs["']/.test(readFileSync(file, "utf8"));

interface Artifacts {
  readonly modelTopology?: unknown;
  readonly weightSpecs?: unknown;
  readonly weightData?: ArrayBuffer | ArrayBuffer[];
}
/** As much of tf.LayersModel as is used; it is known by what it can do, since the user's copy of the library made it. */
interface LayersModel {
  save(handler: { save(artifacts: Artifacts): Promise<object> }): Promise<unknown>;
}
const isLayersModel = (value: unknown): value is LayersModel =>
  typeof value === "object" &&
  value !== null &&
  "save" in value &&
  typeof value.save === "function" &&
  "layers" in value &&
  Array.isArray(value.layers);

/** What the model would save, kept in memory. */
async function liveModel(model: LayersModel): Promise<LiveModel> {
  let saved: Artifacts = {};
  await model.save({
    save: (artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    },
  });
  const { modelTopology: topology, weightSpecs: specs, weightData } = saved;
  const parts = [weightData ?? []].flat().map((part) => new Uint8Array(part));
  return { topology, specs, data: new Uint8Array(Buffer.concat(parts)) };
}

/** What `file` exports as `name`. Runs the user's module. */
export async function exportedAs(file: string, name: string | undefined): Promise<unknown> {
  return chosen(file, name, await importedBy(file));
}

type Exports = Readonly<Record<string, unknown>>;

async function importedBy(file: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Exports;
  } catch (error) {
    throw (
      missingIn(file, error) ??
      new Diagnostic({
        code: "A1006",
        place: placeOf(file, error),
        got: quoted(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
        want: "a module that can be imported",
      })
    );
  }
}

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
