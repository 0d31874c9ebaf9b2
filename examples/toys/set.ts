/** @file A network for sets: the same layers on every item, the largest of each number over the items, and layers on these (Zaheer et al. 2017, Deep sets). */
import { nn, numpy as np } from "@jax-js/jax";
import {
  type Array,
  affine,
  answer,
  type Field,
  features,
  itemOf,
  keys,
  type Layer,
  layer,
  type Model,
  type Problem,
  product,
  widthOf,
} from "./layers.ts";

interface Params {
  readonly ofItems: readonly Layer[];
  readonly ofAll: readonly Layer[];
  readonly heads: Readonly<Record<string, Layer>>;
}

const [width, depth] = [32, 2];

export function model({ inputs, outputs }: Problem, key: Array): Model {
  const next = keys(key);
  const count = inputs[0]?.shape[0];
  if (inputs.some(({ shape }) => shape[0] === undefined || shape[0] !== count))
    throw new RangeError("an input is no set of as many items as the first");
  const ofItem = inputs.map(itemOf);
  const size = ofItem.reduce((sum, field) => sum + widthOf(field), 0);
  const layers = (from: number): Layer[] =>
    Array.from({ length: depth }, (_, i) => layer(next(), i === 0 ? from : width, width));
  const params: Params = {
    ofItems: layers(size),
    ofAll: layers(width),
    heads: Object.fromEntries(
      outputs.map(({ name, items, width: numbers }) => [
        name,
        layer(next(), width, product(items) * numbers),
      ]),
    ),
  };
  const apply = (own: Params, ...all: Array[]): Record<string, Array> => {
    const rows = all[0]?.shape[0] ?? 0;
    const items = all.map((x, i) => features(x, ofItem[i] as Field));
    const pooled = np.max(through(own.ofItems, np.concatenate(items, -1)), 1);
    const h = through(own.ofAll, pooled);
    const said = outputs.map(
      (output) => [output.name, answer(h.ref, own.heads[output.name] as Layer, rows, output)] as const,
    );
    h.dispose();
    return Object.fromEntries(said);
  };
  return { params, apply };
}

const through = (layers: readonly Layer[], x: Array): Array =>
  layers.reduce((h, one) => nn.relu(affine(h, one)), x);
