/** @file What problems share whose target y is a function of normal inputs x with normal noise. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { mean } from "../betting.ts";
import { type Head, head, squared } from "../heads.ts";
import { staysTheSame } from "../probes.ts";
import type { Batch, Predictor, Probe, Problem } from "../problem.ts";
import { named, reals, row, type Tensors } from "../tensor.ts";
import { normals, predictsFrom, realField } from "./parts.ts";

/** y = mean(x) + deviation(x) n, with `size` normal inputs x. */
interface Target {
  readonly size: number;
  readonly mean: (x: readonly number[]) => number;
  readonly deviation: number;
}

/** Draws x and y. The mean is that of x as models read it, after rounding. */
export function functionOfNormals({ size, mean: meanOf, deviation }: Target): Problem["draw"] {
  return (rows, random) => {
    const x = reals([rows, size], normals(rows * size, random));
    const y = range(rows).map((index) => meanOf(Array.from(row(x, index))) + deviation * random.normal());
    return { rows, inputs: { x }, targets: { y: reals([rows], y) }, hidden: {} };
  };
}

/** The field of these inputs. */
export const xField = (size: number): Problem["inputs"] => [
  realField("x", [size], `${size} standard normal numbers`),
];

/** The numbers less their mean. */
export const centred = (x: ArrayLike<number>): number[] => {
  const middle = mean(x);
  return Array.from(x, (value) => value - middle);
};

/** The head of one target with squared error. */
export const yHead = (deviation: number, most: number): readonly Head[] => [
  head("y", [], squared({ variance: deviation ** 2, most })),
];

/** Says of y what `f` says of x: one number, or all that the items of the shape hold. */
export const predicts = (
  f: (x: readonly number[]) => number | readonly number[],
  shape: readonly number[] = [],
): Predictor => predictsFrom("x", "y", shape, (x) => [f(x)].flat());

/** The batch's inputs with other x: `f` tells each number from the old one, its place in its row, and its index in all. */
export function changed(
  { inputs }: Batch,
  f: (value: number, place: number, index: number) => number,
): Tensors {
  const x = named(inputs, "x");
  const size = at(x.shape, x.shape.length - 1);
  return {
    ...inputs,
    x: reals(
      x.shape,
      Float32Array.from(x.data, (value, index) => f(value, index % size, index)),
    ),
  };
}

const redrawn = (batch: Batch, random: Random, isHit: (place: number) => boolean): Tensors =>
  changed(batch, (value, place) => (isHit(place) ? random.normal() : value));

/** Models that don't read x at all. */
export const constantProbe: Probe = staysTheSame("other inputs", (batch, random) =>
  redrawn(batch, random, () => true),
);

/** Models that don't read this one of the numbers x. */
export const lostProbe = (place: number): Probe =>
  staysTheSame(`another x${subscript(place)}`, (batch, random) =>
    redrawn(batch, random, (other) => other === place),
  );

/** Models that see only the sizes of x. */
export const evenProbe: Probe = staysTheSame("−x in place of x", (batch) =>
  changed(batch, (value) => -value),
);

/** Numbers count from 1 in texts. */
const subscript = (place: number): string => at("₁₂₃₄₅₆₇₈₉", place);
