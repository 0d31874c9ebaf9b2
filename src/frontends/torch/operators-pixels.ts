/** @file Pixels moved between channels and space, and windows laid back where they were taken. */
import { at, range, zip } from "../../base/assert.ts";
import type { Node } from "../../ir/graph.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { all, perAxis } from "./operators-convolution.ts";

function known(size: unknown): number {
  if (typeof size !== "number") throw new NotCovered("a symbolic size");
  return size;
}

const shuffled: Lower = (c) => {
  const [x, r] = [c.tensor("self"), c.int("upscale_factor")];
  const rank = x.type.shape.length;
  const batch = x.type.shape.slice(0, -3);
  const [h, w] = [at(x.type.shape, rank - 2), at(x.type.shape, rank - 1)];
  const parted = c.reshape(x, [...batch, at(c.result.shape, rank - 3), r, r, h, w]);
  const order = [0, 3, 1, 4, 2].map((axis) => axis + rank - 3);
  return c.reshape(c.transpose(parted, [...range(rank - 3), ...order]), c.result.shape);
};
const unshuffled: Lower = (c) => {
  const [x, r] = [c.tensor("self"), c.int("downscale_factor")];
  const rank = x.type.shape.length;
  const [channels, h, w] = [
    at(x.type.shape, rank - 3),
    at(c.result.shape, rank - 2),
    at(c.result.shape, rank - 1),
  ];
  const parted = c.reshape(x, [...x.type.shape.slice(0, -3), channels, h, r, w, r]);
  const order = [0, 2, 4, 1, 3].map((axis) => axis + rank - 3);
  return c.reshape(c.transpose(parted, [...range(rank - 3), ...order]), c.result.shape);
};
const channelShuffled: Lower = (c) => {
  const [x, groups] = [c.tensor("self"), c.int("groups")];
  const [batch = 1, channels, ...rest] = x.type.shape;
  const parted = c.reshape(x, [batch, groups, known(channels) / groups, ...rest]);
  return c.reshape(c.transpose(parted, [0, 2, 1, ...range(rest.length).map((i) => i + 3)]), x.type.shape);
};

/** torch.nn.functional.fold: windows as columns laid back, those that overlap added. */
const folded: Lower = (c) => {
  const x = c.tensor("self");
  const of = (name: string, usual: number): number[] => perAxis(c, name, 2, all(2, usual));
  const [sizes, dilation, padding, steps] = [
    of("kernel_size", 1),
    of("dilation", 1),
    of("padding", 0),
    of("stride", 1),
  ];
  const wanted = c.result.shape.slice(-2).map(known);
  const batch = c.result.shape.slice(0, -3);
  const counts = range(2).map((i) => {
    const room = at(wanted, i) + 2 * at(padding, i) - at(dilation, i) * (at(sizes, i) - 1) - 1;
    return Math.floor(room / at(steps, i)) + 1;
  });
  const channels = at(c.result.shape, c.result.shape.length - 3);
  const parted = c.reshape(x, [...batch, channels, ...sizes, ...counts]);
  return laid(c, parted, { sizes, dilation, padding, steps, counts, wanted });
};

const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1);

interface Laying {
  readonly sizes: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly number[];
  readonly steps: readonly number[];
  readonly counts: readonly number[];
  readonly wanted: readonly number[];
}
/** The sum of windows [.., elements.., places..] at their places; one term for each element of a window. */
export function laid(c: Call, x: Node, { sizes, dilation, padding, steps, counts, wanted }: Laying): Node {
  const axes = sizes.length;
  const first = x.type.shape.length - 2 * axes;
  const outer = x.type.shape.slice(0, first);
  const zero = c.constant(0, x.type.dtype);
  const elements = range(product(sizes));
  const terms = elements.map((element) => {
    const index = range(axes).map((i) => Math.floor(element / product(sizes.slice(i + 1))) % at(sizes, i));
    const part = index.reduce((node, place, i) => c.slice(node, first + i, place, place + 1), x);
    const own = c.reshape(part, [...outer, ...counts]);
    return zip(range(axes), index).reduce((node, [i, place]) => {
      const [before, step, size] = [
        place * at(dilation, i),
        at(steps, i),
        at(wanted, i) + 2 * at(padding, i),
      ];
      const after = size - before - ((at(counts, i) - 1) * step + 1);
      return c.apply("Pad", [node, zero], { axis: first + i, before, after, interior: step - 1 });
    }, own);
  });
  const total = terms.reduce((sum, term) => c.add(sum, term));
  return range(axes).reduce(
    (node, i) =>
      at(padding, i) === 0 ? node : c.slice(node, first + i, at(padding, i), at(padding, i) + at(wanted, i)),
    total,
  );
}

const each = (lower: Lower, ...names: readonly string[]): Rows =>
  Object.fromEntries(names.map((name) => [`aten.${name}`, lower]));

export const pixels: Rows = {
  "aten.pixel_shuffle.default": shuffled,
  "aten.pixel_unshuffle.default": unshuffled,
  ...each(channelShuffled, "channel_shuffle.default", "native_channel_shuffle.default"),
  "aten.col2im.default": folded,
};
