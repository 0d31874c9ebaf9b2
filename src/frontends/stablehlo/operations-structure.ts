/** @file Operations that move numbers: shapes, slices, joins, padding; also with sizes that are computed. */
import { range } from "../../base/assert.ts";
import type { Atom } from "../common/xla/program.ts";
import type { Rule, Use } from "./use.ts";

/** A number that is repeated or laid out in another shape is that number. */
const ofNumber = (use: Use): readonly Atom[] | undefined =>
  use.x.kind === "number" ? [{ ...use.x, type: use.result }] : undefined;

const reshape: Rule = (use) => ofNumber(use) ?? use.become("reshape");

/** Axis i of x becomes axis `axes[i]` of the result, in any order; JAX has them in ascending order. */
function ascending(
  use: Use,
  axes: readonly number[],
): { readonly x: Atom; readonly axes: readonly number[] } {
  const order = range(axes.length).toSorted((i, j) => (axes[i] ?? 0) - (axes[j] ?? 0));
  if (order.every((axis, i) => axis === i)) return { x: use.x, axes };
  const type = use.typeOf(use.x);
  if (type.shape.length !== axes.length) return use.fault(`${axes.length} axes`, `${type.shape.length} axes`);
  const shape = order.map((axis) => type.shape[axis] ?? 1);
  const x = use.step("transpose", [use.x], { ...type, shape }, { permutation: order });
  return { x, axes: order.map((axis) => axes[axis] ?? 0) };
}

const axesOfBroadcast = (use: Use): readonly number[] =>
  use.ints(use.attribute("dims") === undefined ? "broadcast_dimensions" : "dims");

const broadcast: Rule = (use) => {
  const number = ofNumber(use);
  if (number !== undefined) return number;
  const { x, axes } = ascending(use, axesOfBroadcast(use));
  return use.become("broadcast_in_dim", { broadcast_dimensions: axes }, [x]);
};
const dynamicBroadcast: Rule = (use) => {
  const { x, axes } = ascending(use, axesOfBroadcast(use));
  return use.becomeSized("broadcast_in_dim", ["shape"], { broadcast_dimensions: axes }, [x, use.y]);
};

const axesOf = (use: Use, ...names: readonly string[]): readonly number[] =>
  use.ints(names.find((name) => use.attribute(name) !== undefined) ?? names[0] ?? "");
const axisOf = (use: Use, ...names: readonly string[]): number =>
  use.int(names.find((name) => use.attribute(name) !== undefined) ?? names[0] ?? "");

const iota: Rule = (use) => use.become("iota", { dimension: axisOf(use, "dim", "iota_dimension") });

const slice: Rule = (use) =>
  use.become("slice", {
    start_indices: use.ints("start_indices"),
    limit_indices: use.ints("limit_indices"),
    strides: use.ints("strides"),
  });

const pad: Rule = (use) => {
  const part = (short: string, long: string): readonly number[] => axesOf(use, short, long);
  const [low, high] = [part("low", "edge_padding_low"), part("high", "edge_padding_high")];
  const between = part("interior", "interior_padding");
  const widths = low.map((before, i) => [before, high[i] ?? 0, between[i] ?? 0]);
  return use.become("pad", { padding_config: widths });
};

export const structure: Readonly<Record<string, Rule>> = {
  reshape,
  broadcast_in_dim: broadcast,
  transpose: (use) => use.become("transpose", { permutation: axesOf(use, "dims", "permutation") }),
  concatenate: (use) => use.become("concatenate", { dimension: axisOf(use, "dim", "dimension") }),
  reverse: (use) => use.become("rev", { dimensions: axesOf(use, "dims", "dimensions") }),
  slice,
  pad,
  iota,
  get_dimension_size: (use) => use.become("dimension_size", { dimension: axisOf(use, "dim", "dimension") }),
  dynamic_reshape: (use) => use.becomeSized("reshape", ["shape"]),
  dynamic_broadcast_in_dim: dynamicBroadcast,
  dynamic_iota: (use) =>
    use.becomeSized("iota", ["shape"], { dimension: axisOf(use, "dim", "iota_dimension") }),
  real_dynamic_slice: (use) => use.becomeSized("slice", ["start_indices", "limit_indices", "strides"]),
};
