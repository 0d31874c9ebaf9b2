/** @file Edits of a function or an order as a whole: the inverse, the beginning of its series, the smallest elements for the largest. */
import { at } from "../base/assert.ts";
import { rational, toText } from "../base/rational.ts";
import { applied, type Node, rebuild } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { rankedAxis, startOfSeries } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import { opWords } from "./edit-variants.ts";
import type { Namer } from "./names.ts";

/** 1 / f(x) for f(x): what multiplies should divide, or the other way round; of an exponential the sign is lost. */
export function inverseEdits(node: Node, names: Namer): Edit[] {
  if (definitionOf(node.op).family !== "function") return [];
  const name = names.value(node);
  return [
    {
      kind: "wrong-operation",
      node,
      words: `1 / ${name} stands in the place of ${name}`,
      make: (builder, inputs) => {
        const one = builder.node("Constant", [], { value: rational(1), dtype: node.type.dtype });
        return applied(builder, "Div", [one, rebuild(builder, node, inputs)], {});
      },
    },
  ];
}

/** What Euler's method makes of an exponential: the beginning of its power series. */
export function seriesEdits(node: Node): Edit[] {
  const start = startOfSeries(node);
  if (start === undefined) return [];
  return [
    {
      kind: "wrong-operation",
      node,
      words: `${toText(start)} + … stands in the place of ${opWords(node)}(…)`,
      make: (builder, inputs) => {
        const constant = builder.node("Constant", [], { value: start, dtype: node.type.dtype });
        return builder.node("Add", [constant, at(inputs, 0)], {});
      },
    },
  ];
}

/** Elements counted from the smallest on. */
export function rankEdits(node: Node, names: Namer): Edit[] {
  if (rankedAxis(node) === undefined) return [];
  return [
    {
      kind: "wrong-operation",
      node,
      words: `the smallest of ${names.value(at(node.inputs, 0))} come first instead of the largest`,
      make: (builder, inputs) => rebuild(builder, node, [applied(builder, "Neg", inputs, {})]),
    },
  ];
}
