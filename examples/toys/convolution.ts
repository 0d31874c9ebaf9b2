/** @file Convolutions of 3 × 3 that reach around the edges of an image, with an answer for every pixel or for the mean of all. */
import { nn, numpy as np } from "@jax-js/jax";
import {
  type Array,
  affine,
  answer,
  keys,
  type Layer,
  layer,
  type Model,
  type Problem,
  product,
} from "./layers.ts";

interface Params {
  readonly kernels: readonly Layer[];
  readonly heads: Readonly<Record<string, Layer>>;
}

const [width, depth] = [8, 2];

export function model({ inputs, outputs }: Problem, key: Array): Model {
  const next = keys(key);
  const [channels, ...size] = inputs[0]?.shape ?? [];
  if (channels === undefined || size.length !== 2) throw new RangeError("the first input is no image");
  const isPerPixel = (items: readonly number[]): boolean => items.join() === size.join();
  const params: Params = {
    kernels: Array.from({ length: depth }, (_, i) => layer(next(), 9 * (i === 0 ? channels : width), width)),
    heads: Object.fromEntries(
      outputs.map(({ name, items, width: numbers }) => {
        const answers = isPerPixel(items) ? numbers : product(items) * numbers;
        return [name, layer(next(), width, answers)] as const;
      }),
    ),
  };
  const apply = (own: Params, image: Array): Record<string, Array> => {
    const rows = image.shape[0] ?? 0;
    const pixels = np.transpose(image, [0, 2, 3, 1]);
    const h = own.kernels.reduce((x, kernel) => nn.relu(affine(around(x), kernel)), pixels);
    const said = outputs.map((output) => {
      const read = isPerPixel(output.items) ? h.ref : np.mean(h.ref, [1, 2]);
      return [output.name, answer(read, own.heads[output.name] as Layer, rows, output)] as const;
    });
    h.dispose();
    return Object.fromEntries(said);
  };
  return { params, apply };
}

/** The nine pixels at and around each, as one vector. */
const around = (x: Array): Array => threeAlong(threeAlong(x, 1), 2);

/** What stands before, at and behind every place of an axis; the ends meet. */
function threeAlong(x: Array, axis: number): Array {
  const moved = [1, 0, -1].map((shift) => np.roll(x.ref, shift, axis));
  x.dispose();
  return np.concatenate(moved, -1);
}
