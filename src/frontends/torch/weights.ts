/**
 * @file Parameters, buffers and constants: which names share one storage, and their values. Weight bytes are read only
 * when all of a model's tensors together are small; a larger model is read as equations without values.
 */
import { get } from "../../base/assert.ts";
import { quoted, Unsupported } from "../../diag/diagnostic.ts";
import { Contradiction } from "../common/contradiction.ts";
import type { Container } from "./container.ts";
import { parseDim } from "./dims.ts";
import type { StoredTensor, TensorMeta } from "./schema.ts";
import { elementBytes, neededElements, type Placement, readStored } from "./tensors.ts";

/** All stored tensors of a model together, in bytes, up to which their values are read. */
export const valuesLimit: number = 16 * 2 ** 20;

export interface Stored {
  /** Equal for tensors that are one storage seen in one way: tied weights. */
  readonly identity: string;
  readonly member: string;
  readonly placement: Placement;
}

function integer(size: TensorMeta["sizes"][number], part: string): number {
  const value = parseDim(size);
  if (typeof value !== "number" || value < 0)
    throw new Contradiction(part, "a stored tensor of no size", "sizes");
  return value;
}

function placementOf(name: string, meta: TensorMeta): Placement {
  const placement = {
    scalarType: meta.dtype,
    sizes: meta.sizes.map((size) => integer(size, name)),
    strides: meta.strides.map((size) => integer(size, name)),
    offset: integer(meta.storage_offset, name),
  };
  if (placement.sizes.length !== placement.strides.length) {
    const got = `${placement.sizes.length} sizes and ${placement.strides.length} strides`;
    throw new Contradiction(name, got, "one stride for each size");
  }
  return placement;
}

/** Every stored tensor by its fully qualified name. */
export function storedTensors(container: Container): ReadonlyMap<string, Stored> {
  const all = new Map<string, Stored>();
  const collect = (folder: "weights" | "constants", table: ReadonlyMap<string, StoredTensor>): void => {
    for (const [name, { path_name, tensor_meta, use_pickle }] of table) {
      if (use_pickle === true) throw pickled(container, name);
      // Custom objects have no tensor.
      if (tensor_meta === null || tensor_meta === undefined) continue;
      const member = container.memberPath(folder, path_name);
      const placement = placementOf(name, tensor_meta);
      all.set(name, { member, placement, identity: JSON.stringify([member, placement]) });
    }
  };
  collect("weights", container.weights);
  collect("constants", container.constants);
  return all;
}

const pickled = (container: Container, name: string): Unsupported =>
  new Unsupported({
    code: "A5104",
    place: { file: container.archive.source.name, part: quoted(name) },
    got: "a tensor subclass, stored as a pickle",
    want: "plain tensors; pickles are never opened",
  });

const logicalBytes = ({ placement }: Stored): number =>
  placement.sizes.reduce((product, size) => product * size, elementBytes(placement.scalarType));

/** Readers of the values by identity; `undefined` when the model is too large for its values to be read. */
export async function loadValues(
  container: Container,
  tensors: readonly Stored[],
  limit: number,
): Promise<ReadonlyMap<string, () => Float64Array> | undefined> {
  const different = new Map(tensors.map((tensor) => [tensor.identity, tensor]));
  const total = [...different.values()].reduce((sum, tensor) => sum + logicalBytes(tensor), 0);
  if (container.isPickled || !(total <= limit)) return undefined;
  const storages = new Map<string, Uint8Array>();
  for (const { member, placement } of different.values()) {
    if (!storages.has(member)) storages.set(member, await container.archive.read(member, limit));
    checkStorage(member, placement, get(storages, member));
  }
  return new Map(
    [...different].map(([identity, { member, placement }]) => [
      identity,
      () => readStored(get(storages, member), placement, container.littleEndian),
    ]),
  );
}

function checkStorage(member: string, placement: Placement, storage: Uint8Array): void {
  const needed = neededElements(placement) * elementBytes(placement.scalarType);
  if (!(needed <= storage.length)) {
    throw new Contradiction(member, `${storage.length} bytes`, `at least ${needed} bytes`);
  }
}
