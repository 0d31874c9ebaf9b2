/** @file The batches of a job's data, and their parts. */
import { at, range } from "../../base/assert.ts";
import type { Description } from "../../toys/description.ts";
import { ignored } from "../../toys/problem.ts";
import { named, rows, type Tensor, type Tensors } from "../../toys/tensor.ts";

export const batchAt = (data: Tensors, step: number, { batch }: Description): Tensors =>
  Object.fromEntries(
    Object.entries(data).map(([name, tensor]) => [name, rows(tensor, step * batch, (step + 1) * batch)]),
  );

/** The inputs of a batch, by name. */
export const inputsOf = (batch: Tensors): Tensors => under("inputs", batch);

/** Its targets, by output. */
export const targetsOf = (batch: Tensors): Tensors => under("targets", batch);

const under = (set: string, tensors: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([path, tensor]) =>
      path.startsWith(`${set}/`) ? [[path.slice(set.length + 1), tensor] as const] : [],
    ),
  );

/** Inputs in chunks of the size that the model knows from training, each in the problem's order. */
export function chunksOf(inputs: Tensors, { inputs: fields, batch }: Description): Tensor[][] {
  const own = fields.map(({ name }) => named(inputs, name));
  return range(at(at(own, 0).shape, 0) / batch).map((index) =>
    own.map((tensor) => rows(tensor, index * batch, (index + 1) * batch)),
  );
}

/** A head's targets with numbers in the place of those that don't count, and every item's share in the mean. */
export interface Weighed {
  readonly target: Tensor;
  readonly share: Tensor;
}

export function weighed({ shape, data }: Tensor): Weighed {
  const counts = Array.from(data, (value) => value !== ignored && !Number.isNaN(value));
  const total = counts.filter(Boolean).length;
  const known = data.map((value, i) => (counts[i] === true ? value : 0));
  return {
    target: { shape, data: known },
    share: { shape, data: Float32Array.from(counts, (yes) => (yes ? 1 / total : 0)) },
  };
}
