/** @file Outputs of two models as numbers of one kind: 3 is 3, whether a program counts it or computes it. */
import { zip } from "../base/assert.ts";
import { type Graph, type Output, rebuild, transform } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { newBuilder } from "../ops/table.ts";
import { isClash, pair } from "./pairing.ts";

/** Both models, with those outputs that are integers in one and real in the other as real numbers. */
export function ofOneKind(code: Graph, spec: Graph): { readonly code: Graph; readonly spec: Graph } {
  const pairing = pair(spec, code);
  if (isClash(pairing)) return { code, spec };
  const isMixed = ([a, b]: readonly [Output, Output]): boolean =>
    isReal(a.node.type.dtype) !== isReal(b.node.type.dtype);
  const mixed = new Set<Output>(pairing.outputs.filter(isMixed).flat());
  return { code: withReal(code, mixed), spec: withReal(spec, mixed) };
}

/** A graph whose outputs of these are real where they are integers. */
function withReal(graph: Graph, mixed: ReadonlySet<Output>): Graph {
  const integers = graph.outputs.filter(
    (output) => mixed.has(output) && ["int32", "int64"].includes(output.node.type.dtype),
  );
  if (integers.length === 0) return graph;
  const builder = newBuilder();
  const copy = transform(graph, builder, (node, inputs) => rebuild(builder, node, inputs)).graph;
  const outputs = zip(graph.outputs, copy.outputs).map(([before, output]) => ({
    ...output,
    node: integers.includes(before)
      ? builder.like(output.node, () => builder.node("Cast", [output.node], { dtype: "float64" }))
      : output.node,
  }));
  const { name, inputs, parameters, notes } = copy;
  return builder.graph({ name, inputs, parameters, outputs, notes });
}
