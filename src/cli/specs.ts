/** @file Finds a specification: a file, or one of those that Assay ships. */
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Diagnostic, quoted } from "../diag/diagnostic.ts";
import { suggestion } from "../spec/source.ts";
import { reasonOf, unreadable } from "./file-source.ts";
import { packageRoot } from "./package.ts";

export interface SpecText {
  /** The file as messages call it. */
  readonly name: string;
  readonly text: string;
}

const shipped = join(packageRoot, "specs");

/** The text of a `.md`, `.txt` or `.tex` file, or of the specification that Assay ships under a name. */
export async function readSpecText(spec: string): Promise<SpecText> {
  if (/[./\\]/.test(spec)) return { name: spec, text: await textOf(spec) };
  const names = (await readdir(shipped))
    .filter((file) => file.endsWith(".md"))
    .map((file) => basename(file, ".md"));
  if (names.includes(spec)) return { name: `${spec}.md`, text: await textOf(join(shipped, `${spec}.md`)) };
  const action = suggestion(spec, names);
  throw new Diagnostic({
    code: "A1007",
    place: { part: "--spec" },
    got: quoted(spec),
    want: `a .md, .txt or .tex file, or one of ${names.toSorted().join(", ")}`,
    ...(action === undefined ? {} : { action }),
  });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw unreadable(path, reasonOf(error));
  }
}
