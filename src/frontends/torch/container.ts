/** @file Finds the exported program in a .pt2 archive, and says what the file is when it holds none. */

import type { z } from "zod";
import { at } from "../../base/assert.ts";
import { Diagnostic, quoted, Unsupported } from "../../diag/diagnostic.ts";
import { type Archive, jsonLimit, openArchive } from "../common/archive.ts";
import type { ByteSource } from "../common/source.ts";
import { malformed, parseJson } from "./json.ts";
import { type Program, program, type StoredTensor, storedTensors, version } from "./schema.ts";

/** PyTorch 2.5 writes 7, and 2.7 and 2.13 write 8. */
const supportedMajors = [7, 8];
/** The program of a file in the first layout, which PyTorch 2.7 still wrote. */
const olderProgram = "serialized_exported_program.json";

export interface Container {
  readonly archive: Archive;
  readonly program: Program;
  /** Stored tensors by fully qualified name, each with the member that holds its storage. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
  readonly constants: ReadonlyMap<string, StoredTensor>;
  /** Whether the weights are a pickle, which is never opened: names and types are those of the program. */
  readonly isPickled: boolean;
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
function locate(archive: Archive): { readonly root: string; readonly name: string; readonly path: string } {
  const { names, source } = archive;
  if (names.includes(olderProgram)) return { root: "", name: "model", path: olderProgram };
  const models = names.flatMap((path) => {
    const match = /^(.*\/)?models\/([^/]+)\.json$/.exec(path);
    return match === null ? [] : [{ root: match[1] ?? "", name: match[2] ?? "", path }];
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

/** Python's JSON has words for numbers that are not finite, which older versions of PyTorch used. */
function withoutBareInfinities(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  // A quotation mark within a text has a backslash before it, so that this is found between texts only.
  const quotedNumbers = text.replaceAll(/(?<=[\w]": )(-?Infinity|NaN)\b/g, '"$1"');
  return new TextEncoder().encode(quotedNumbers);
}

/** Stored tensors as the program declares them, each as if it had a storage of its own. */
function declaredTensors({ graph_module: { graph, signature } }: Program): ReadonlyMap<string, StoredTensor> {
  const named = signature.input_specs.flatMap(({ parameter, buffer, tensor_constant }) => [
    ...(parameter === undefined ? [] : [[parameter.parameter_name, parameter.arg.name] as const]),
    ...(buffer === undefined ? [] : [[buffer.buffer_name, buffer.arg.name] as const]),
    ...(tensor_constant === undefined
      ? []
      : [[tensor_constant.tensor_constant_name, tensor_constant.arg.name] as const]),
  ]);
  return new Map(
    named.map(([name, value]) => [name, { path_name: name, tensor_meta: graph.tensor_values[value] }]),
  );
}

/** Opens a .pt2 file and reads its program, but no weights. Throws a Diagnostic or Unsupported. */
export async function openContainer(source: ByteSource): Promise<Container> {
  await requireZip(source);
  const archive = await openArchive(source, "torch.export.save");
  const { root, name, path } = locate(archive);
  const bytes = await archive.read(path, jsonLimit);
  const json = parseJson(source.name, path, path === olderProgram ? withoutBareInfinities(bytes) : bytes);
  const { schema_version: schema, torch_version: torch } = validate(source.name, path, json, version);
  if (!supportedMajors.includes(schema.major)) {
    const got = `schema version ${schema.major}.${schema.minor}, written by PyTorch ${torch ?? "unknown"}`;
    throw oldGeneration(source, got, `schema version ${supportedMajors.join(" or ")}`);
  }
  const config = (folder: "weights" | "constants"): string =>
    `${root}data/${folder}/${name}_${folder}_config.json`;
  const read = { archive, program: validate(source.name, path, json, program) };
  const memberPath = (folder: "weights" | "constants", member: string): string =>
    `${root}data/${folder}/${member}`;
  const isPickled =
    path === olderProgram ||
    (!archive.names.includes(config("weights")) && archive.names.includes(`${root}data/weights/${name}.pt`));
  if (isPickled) {
    const declared = declaredTensors(read.program);
    return { ...read, weights: declared, constants: new Map(), isPickled, littleEndian: true, memberPath };
  }
  const byteorder = new TextDecoder().decode(await archive.read(`${root}byteorder`, 16));
  return {
    ...read,
    weights: await readTable(archive, config("weights")),
    constants: await readTable(archive, config("constants")),
    isPickled,
    littleEndian: byteorder.trim() !== "big",
    memberPath,
  };
}
