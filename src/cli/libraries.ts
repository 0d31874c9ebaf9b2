/** @file The copy of a library that a user's file imports: its arrays and models are of no other copy. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { quoted, Unsupported } from "../diag/diagnostic.ts";

interface Library {
  readonly name: string;
  /** The oldest version that is known to do. */
  readonly since: string;
}

export const jaxjs: Library = { name: "@jax-js/jax", since: "0.1.25" };
export const tfjs: Library = { name: "@tensorflow/tfjs", since: "4.22.0" };

/** The module that the user's file imports, else the one installed beside Assay. Throws a diagnostic where there is none. */
export async function libraryOf(file: string, library: Library): Promise<unknown> {
  return (await import(await urlOf(file, library))) as unknown;
}

/** Node has no stable way to resolve an import as another file would, so its search path is followed here. */
async function urlOf(file: string, library: Library): Promise<string> {
  for (const from of [resolve(file), import.meta.filename]) {
    for (const folder of createRequire(from).resolve.paths(library.name) ?? []) {
      const home = join(folder, library.name);
      const manifest = await readFile(join(home, "package.json"), "utf8").catch(() => undefined);
      if (manifest !== undefined) return pathToFileURL(join(home, mainOf(manifest))).href;
    }
  }
  throw missing(file, library);
}

/** What `import` gives of a package. */
function mainOf(manifest: string): string {
  const { exports, main } = JSON.parse(manifest) as {
    readonly exports?: { readonly ".": { readonly import: string } };
    readonly main?: string;
  };
  return exports?.["."].import ?? main ?? "index.js";
}

/** The message for a file that fails since it imports a library that is not there; `undefined` for other errors. */
export function missingIn(file: string, error: unknown): Unsupported | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== "ERR_MODULE_NOT_FOUND") return undefined;
  const library = [jaxjs, tfjs].find(({ name }) => message.includes(`'${name}'`));
  return library && missing(file, library);
}

const missing = (file: string, { name, since }: Library): Unsupported =>
  new Unsupported({
    code: "A5000",
    place: { file: quoted(file) },
    got: `no ${name} that this file could import`,
    want: `${name} ${since} or later`,
    action: `npm install ${name}`,
  });
