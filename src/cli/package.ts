/** @file Where Assay itself is installed, from the sources as well as from the built bundle. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder that holds `specs/`, `python/` and `package.json`. */
export const packageRoot: string = rootAbove(import.meta.dirname);

function rootAbove(folder: string): string {
  try {
    const { name } = readManifest(folder);
    if (name === "assay") return folder;
  } catch {
    // No manifest here: look one folder up.
  }
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`no package.json of assay above ${import.meta.dirname}`);
  return rootAbove(parent);
}

function readManifest(folder: string): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name: string; version: string };
}

export const version: string = readManifest(packageRoot).version;
