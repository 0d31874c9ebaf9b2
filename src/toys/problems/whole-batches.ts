/** @file Models whose outputs depend on more than their own row: what they may see, and a probe that tells them. */
import { at, range } from "../../base/assert.ts";
import { type Change, changing } from "../probes.ts";
import type { Predictor, Probe } from "../problem.ts";
import { named, row, type Tensor } from "../tensor.ts";
import { predictsFrom } from "./parts.ts";

/** What a model sees that mixes the rows of a batch: all of them, in order, and which is to be answered. */
export interface Seen {
  readonly batch: readonly (readonly number[])[];
  readonly place: number;
}

/** A logit for every row of batches of this size. */
export const fromWholeBatches =
  (size: number, input: string, output: string, logit: (seen: Seen) => number): Predictor =>
  (all) => {
    const values = named(all.inputs, input);
    const batchOf = (index: number): number[][] =>
      range(size).map((place) => Array.from(row(values, index - (index % size) + place)));
    const ofRow = (_: unknown, index: number): number[] => [
      logit({ batch: batchOf(index), place: index % size }),
    ];
    return predictsFrom(input, output, [], ofRow)(all);
  };

/** Logits closer than this may be rounding: models for one logit are often near 0, so that no share of it would do. */
export const visible = 1e-3;

/** Whether logits differ from row to row. */
export const rowsDiffer = ({ data }: Tensor): boolean => Math.max(...data) - Math.min(...data) >= visible;

/** All rows of a batch but the last change their signs. */
export const othersNegated =
  (input: string): Change =>
  (batch, random) =>
    changing(input, (value, _, index) => (index < batch.rows - 1 ? -value : value))(batch, random);

/** Whether the last row's logit is another. */
export function lastRowDiffers(left: Tensor, right: Tensor): boolean {
  const last = left.data.length - 1;
  return Math.abs(at(left.data, last) - at(right.data, last)) >= visible;
}

/** Models whose logits for one row depend on others. */
export const seesOtherRows = (input: string, output: string): Probe => ({
  says: "all rows of a batch but the last change their signs: the last row's output changes",
  inputs: (batch, random) => [othersNegated(input)(batch, random)],
  confirms: (plain, [changed]) =>
    changed !== undefined && lastRowDiffers(named(plain, output), named(changed, output)),
});
