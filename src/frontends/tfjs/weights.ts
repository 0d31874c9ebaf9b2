/** @file The tensors of a TensorFlow.js model: a manifest of groups, each a list of tensors laid end to end over files. */
import { z } from "zod";
import { type Dtype, isReal } from "../../ir/type.ts";
import { Malformed } from "../common/keras/problem.ts";
import type { ModelFolder } from "../common/source.ts";
import { bytesOf, numbersOf } from "../common/stored.ts";

/** All stored tensors of a model together, in bytes. */
export const valuesLimit: number = 16 * 2 ** 20;
/** Shapes, axes and permutations. */
const integersLimit = 1024;
const fileLimit = 4096;

export interface WeightSpec {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: string;
  readonly quantization?:
    | { readonly dtype: string; readonly scale?: number | undefined; readonly min?: number | undefined }
    | undefined;
}
const spec: z.ZodType<WeightSpec> = z.object({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  dtype: z.string(),
  quantization: z
    .object({ dtype: z.string(), scale: z.number().optional(), min: z.number().optional() })
    .optional(),
});
export const weightSpecs: z.ZodType<WeightSpec[]> = z.array(spec);

const groups = z.array(z.object({ paths: z.array(z.string()), weights: z.array(spec) }));

/** A stored tensor, with a reader of its values where these are read. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly values?: () => Float64Array;
}

const dtypes: Readonly<Record<string, Dtype>> = {
  float32: "float32",
  float16: "float16",
  int32: "int32",
  uint16: "uint16",
  uint8: "uint8",
  bool: "bool",
};

/** How the elements are stored, and the dtype that they have. */
function storageOf({ name, dtype, quantization }: WeightSpec): {
  readonly stored: Dtype;
  readonly shown: Dtype;
} {
  const [stored, shown] = [dtypes[quantization?.dtype ?? dtype], dtypes[dtype]];
  if (shown !== undefined && stored !== undefined) return { stored, shown };
  throw new Malformed(name, `values of ${quantization?.dtype ?? dtype}`, "numbers or truth values");
}
const bytesIn = (weight: WeightSpec): number =>
  weight.shape.reduce((product, size) => product * size, bytesOf(storageOf(weight).stored));

/** Values as they are stored, or as the affine map of small integers says. */
function decoded(weight: WeightSpec, bytes: Uint8Array): Float64Array {
  const numbers = numbersOf(bytes, storageOf(weight).stored);
  const { scale, min } = weight.quantization ?? {};
  return scale === undefined ? numbers : numbers.map((value) => Math.fround(value * scale + (min ?? 0)));
}

/** Every tensor that specs describe, laid end to end in `bytes`. */
export function tensorsIn(specs: readonly WeightSpec[], bytes: Uint8Array): StoredTensor[] {
  return placed(specs).map(({ weight, start, stop }) => {
    if (stop > bytes.length) throw new Malformed(weight.name, `${bytes.length} bytes`, `${stop} bytes`);
    return tensorOf(weight, bytes.subarray(start, stop));
  });
}
function tensorOf(weight: WeightSpec, bytes: Uint8Array | undefined): StoredTensor {
  const { shown: dtype } = storageOf(weight);
  const { name, shape } = weight;
  return { name, shape, dtype, ...(bytes === undefined ? {} : { values: () => decoded(weight, bytes) }) };
}

interface Placed {
  readonly weight: WeightSpec;
  readonly start: number;
  readonly stop: number;
}
function placed(specs: readonly WeightSpec[]): Placed[] {
  let start = 0;
  return specs.map((weight) => {
    const stop = start + bytesIn(weight);
    const place = { weight, start, stop };
    start = stop;
    return place;
  });
}

/**
 * The tensors of a manifest. Values are read where all tensors together are small; few integers always are, since graphs
 * compute shapes with them.
 */
export async function tensorsOf(manifest: unknown, folder: ModelFolder): Promise<StoredTensor[]> {
  const parsed = groups.safeParse(manifest ?? []);
  if (!parsed.success)
    throw new Malformed("weightsManifest", z.prettifyError(parsed.error), "groups of paths and weights");
  const total = parsed.data
    .flatMap(({ weights }) => weights)
    .reduce((sum, weight) => sum + bytesIn(weight), 0);
  const isWanted = (weight: WeightSpec): boolean =>
    total <= valuesLimit || (!isReal(storageOf(weight).shown) && bytesIn(weight) <= integersLimit);
  const tensors: StoredTensor[] = [];
  for (const { paths, weights } of parsed.data) {
    if (paths.length > fileLimit)
      throw new Malformed("weightsManifest", `${paths.length} files`, `at most ${fileLimit}`);
    const places = placed(weights);
    const contents = await contentsOf(
      paths,
      places.filter(({ weight }) => isWanted(weight)),
      folder,
    );
    tensors.push(...places.map(({ weight }) => tensorOf(weight, contents.get(weight))));
  }
  return tensors;
}

/** The bytes of tensors out of files that are read as if they were one. */
async function contentsOf(
  paths: readonly string[],
  wanted: readonly Placed[],
  folder: ModelFolder,
): Promise<ReadonlyMap<WeightSpec, Uint8Array>> {
  const contents = new Map(wanted.map(({ weight, start, stop }) => [weight, new Uint8Array(stop - start)]));
  let offset = 0;
  for (const path of wanted.length === 0 ? [] : paths) {
    offset = await folder.withFile(path, async (source) => {
      const end = offset + source.size;
      for (const { weight, start, stop } of wanted) {
        const [from, to] = [Math.max(start, offset), Math.min(stop, end)];
        if (from < to) contents.get(weight)?.set(await source.read(from - offset, to - from), from - start);
      }
      return end;
    });
  }
  const missing = wanted.find(({ stop }) => stop > offset);
  if (missing !== undefined)
    throw new Malformed(missing.weight.name, `${offset} bytes`, `${missing.stop} bytes`);
  return contents;
}
