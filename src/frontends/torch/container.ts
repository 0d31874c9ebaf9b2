/** @file Finds the exported program in a .pt2 archive, and says what the file is when it holds none. */

import type { z } from "zod";
import { at } from "../../base/assert.ts";
import { Diagnostic, quoted, Unsupported } from "../../diag/diagnostic.ts";
import { type Archive, jsonLimit, openArchive } from "../common/archive.ts";
import type { ByteSource } from "../common/source.ts";
import { malformed, parseJson } from "./json.ts";
import { type Program, program, type StoredTensor, storedTensors, version } from "./schema.ts";

const supportedMajor = 8;

export interface Container {
  readonly archive: Archive;
  readonly program: Program;
  /** Stored tensors by fully qualified name, each with the member that holds its storage. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
  readonly constants: ReadonlyMap<string, StoredTensor>;
  readonly littleEndian: boolean;
  /** Path of a member of `data/weights` or `data/constants`. */
  memberPath(folder: "weights" | "constants", name: string): string;
}

/** What a zip archive without an exported program is, from the names of its members. */
const otherArchives: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)data\/aotinductor\//, "a package compiled by AOTInductor, which holds no program"],
  [/(^|\/)code\/.*\.py$|(^|\/)constants\.pkl$/, "a TorchScript archive (torch.jit.save)"],
  [/(^|\/)data\.pkl$/, "a checkpoint of torch.save, which holds tensors and no program"],
  [/^model\.weights\.h5$/, "a Keras model"],
];

const firstBytes: readonly (readonly [string, string])[] = [
  ["80 02", "a pickle, as old versions of torch.save write it"],
  ["89 48 44 46", "an HDF5 file"],
  ["08", "perhaps an ONNX model"],
];

const notAProgram = (source: ByteSource, got: string): Diagnostic =>
  new Diagnostic({
    code: "A1100",
    place: { file: source.name },
    got,
    want: "a .pt2 file of torch.export.save",
    action: "in Python: torch.export.save(torch.export.export(model, inputs), 'model.pt2')",
  });

async function requireZip(source: ByteSource): Promise<void> {
  const start = await source.read(0, Math.min(4, source.size));
  const hex = [...start].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  if (hex === "50 4b 03 04") return;
  const kind = firstBytes.find(([prefix]) => hex.startsWith(prefix))?.[1];
  throw notAProgram(source, kind ?? (source.size === 0 ? "an empty file" : `a file that begins with ${hex}`));
}

const oldGeneration = (source: ByteSource, got: string, want: string): Unsupported =>
  new Unsupported({
    code: "A5100",
    place: { file: source.name },
    got: quoted(got),
    want,
    action: "load it with the PyTorch that wrote it, and export the model again with PyTorch 2.13",
  });

/** The archive's root folder and the program's name. */
function locate(archive: Archive): { readonly root: string; readonly name: string } {
  const { names, source } = archive;
  if (names.includes("serialized_exported_program.json")) {
    throw oldGeneration(
      source,
      "the layout before archives (serialized_exported_program.json)",
      "*/models/*.json",
    );
  }
  const models = names.flatMap((path) => {
    const match = /^(.*\/)?models\/([^/]+)\.json$/.exec(path);
    return match === null ? [] : [{ root: match[1] ?? "", name: match[2] ?? "" }];
  });
  if (models.length > 1) {
    const got = quoted(models.map((model) => model.name).join(", "));
    throw new Unsupported({ code: "A5101", place: { file: source.name }, got, want: "one program" });
  }
  if (models.length === 0) {
    const kind = otherArchives.find(([pattern]) => names.some((path) => pattern.test(path)))?.[1];
    throw notAProgram(source, kind ?? `a zip archive of ${names.length} members without models/*.json`);
  }
  return at(models, 0);
}

async function readJson<T>(archive: Archive, path: string, schema: z.ZodType<T>): Promise<T> {
  const { name } = archive.source;
  return validate(name, path, parseJson(name, path, await archive.read(path, jsonLimit)), schema);
}

function validate<T>(file: string, path: string, value: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = at(result.error.issues, 0);
  throw malformed(file, path, `${issue.path.join(".")}: ${issue.message}`, "the schema of torch.export");
}

async function readTable(archive: Archive, path: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const { config } = await readJson(archive, path, storedTensors);
  return new Map(Object.entries(config));
}

/** Opens a .pt2 file and reads its program, but no weights. Throws a Diagnostic or Unsupported. */
export async function openContainer(source: ByteSource): Promise<Container> {
  await requireZip(source);
  const archive = await openArchive(source, "torch.export.save");
  const { root, name } = locate(archive);
  const path = `${root}models/${name}.json`;
  const json = parseJson(source.name, path, await archive.read(path, jsonLimit));
  const { schema_version: schema, torch_version: torch } = validate(source.name, path, json, version);
  if (schema.major !== supportedMajor) {
    const got = `schema version ${schema.major}.${schema.minor}, written by PyTorch ${torch ?? "unknown"}`;
    throw oldGeneration(source, got, `schema version ${supportedMajor}`);
  }
  const config = (folder: "weights" | "constants"): string =>
    `${root}data/${folder}/${name}_${folder}_config.json`;
  if (
    !archive.names.includes(config("weights")) &&
    archive.names.includes(`${root}data/weights/${name}.pt`)
  ) {
    throw oldGeneration(source, `weights as a pickle (data/weights/${name}.pt)`, "weights as raw bytes");
  }
  const byteorder = new TextDecoder().decode(await archive.read(`${root}byteorder`, 16));
  return {
    archive,
    program: validate(source.name, path, json, program),
    weights: await readTable(archive, config("weights")),
    constants: await readTable(archive, config("constants")),
    littleEndian: byteorder.trim() !== "big",
    memberPath: (folder, member) => `${root}data/${folder}/${member}`,
  };
}
