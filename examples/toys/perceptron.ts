/** @file A network with hidden layers on all inputs at once, and a head for every output. */
import { nn, numpy as np } from "@jax-js/jax";
import {
  type Array,
  affine,
  answer,
  features,
  keys,
  type Layer,
  layer,
  type Model,
  type Problem,
  product,
} from "./layers.ts";

interface Params {
  readonly hidden: readonly Layer[];
  readonly heads: Readonly<Record<string, Layer>>;
}

const [width, depth] = [64, 2];

export function model({ inputs, outputs }: Problem, key: Array): Model {
  const next = keys(key);
  const total = inputs.reduce((sum, { shape, count }) => sum + product(shape) * (count ?? 1), 0);
  const hidden = Array.from({ length: depth }, (_, i) => layer(next(), i === 0 ? total : width, width));
  const heads = outputs.map(
    (output) => [output.name, layer(next(), width, product(output.items) * output.width)] as const,
  );
  const apply = ({ hidden: layers, heads: own }: Params, ...all: Array[]): Record<string, Array> => {
    const rows = all[0]?.shape[0] ?? 0;
    const flat = all.map((x, i) => features(x, inputs[i] as Problem["inputs"][number]).reshape([rows, -1]));
    const h = layers.reduce(
      (x, one) => nn.relu(affine(x, one)),
      flat.length === 1 ? (flat[0] as Array) : np.concatenate(flat, 1),
    );
    const said = outputs.map(
      (output) => [output.name, answer(h.ref, own[output.name] as Layer, rows, output)] as const,
    );
    h.dispose();
    return Object.fromEntries(said);
  };
  return { params: { hidden, heads: Object.fromEntries(heads) } satisfies Params, apply };
}
