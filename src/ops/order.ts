/** @file The order of elements along an axis. */
import { at } from "../base/assert.ts";
import { call, type Layout } from "../base/layout.ts";
import { float64 } from "../domain/float64.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { checkAxes, type Notation, type Primitive } from "./define.ts";
import { namesOf } from "./reduction.ts";
import { count, discrete, integers, permute } from "./tensor.ts";

const renderRank = (args: readonly Layout[], { axis }: OpAttrs["Rank"], notation: Notation): Layout =>
  call("rank", args, namesOf([axis], notation));

export const rank: Primitive<"Rank"> = {
  name: "Rank",
  kind: "primitive",
  doc: "How many elements along one axis come before each one in the order of size, the largest first; of equals the first comes first.",
  family: "comparison",
  arity: 1,
  field: "structured",
  infer: (inputs, { axis }) => {
    const { shape } = at(inputs, 0);
    checkAxes("Rank", shape, [axis]);
    return { shape, dtype: "int64" };
  },
  evaluate: (system, inputs, { axis }, { shape }) => {
    const source = at(inputs, 0);
    const last = shape.length - 1;
    // The axis and the last one change places, there and back.
    const swap = shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
    const rows = permute(system, source, swap);
    const columns = at(shape, axis);
    const size: readonly [number, number] = [columns === 0 ? 0 : count(shape) / columns, columns];
    const ranks =
      rows.kind === "real"
        ? system.rankRows(rows.values, ...size)
        : float64.rankRows(integers(rows), ...size);
    return permute(system, discrete(rows.shape, ranks), swap);
  },
  axes: (inputs) => {
    const labels = at(inputs, 0).shape.map((_, axis) => String(axis));
    return { operands: [labels], result: labels };
  },
  render: renderRank,
  renderElement: renderRank,
};
