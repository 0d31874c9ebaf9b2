/** @file What is said of a loop that is no recurrence, since one of its steps is made in another way than the others. */
import { get, range } from "../base/assert.ts";
import { toText } from "../base/rational.ts";
import { quoted } from "../diag/diagnostic.ts";
import { attributeText, type Graph, type Node } from "../ir/graph.ts";
import { elementOf } from "./correspond.ts";
import type { Interruption } from "./recurrence.ts";

/** Names the step and what it has in the place of what the others have. */
export function noteOf(graph: Graph, { steps, place, parting, expected }: Interruption): string {
  const { earlier: got, later: want } = parting;
  const isSameOperator = got.op === want.op && elementOf(got) === undefined;
  const [own, usual] = [textOf(graph, got, isSameOperator), textOf(graph, want, isSameOperator, expected)];
  const { file, line } = lineOf(graph, steps[place] ?? new Map(), got) ?? {};
  const where = file === undefined ? "" : ` (${file}${line === undefined ? "" : `:${line}`})`;
  return `step ${place + 1} of ${steps.length} of a loop differs${where}: ${own} instead of ${usual}; so the steps are written out`;
}

function textOf(graph: Graph, node: Node, withAttributes: boolean, expected?: number): string {
  if (node.op === "Constant") return toText(node.attrs.value);
  if (node.op === "Parameter" || node.op === "Input") return quoted(node.attrs.name);
  const element = elementOf(node);
  if (element !== undefined) {
    const { source, axis, place } = element;
    const name = source.op === "Input" ? source.attrs.name : (graph.labels.get(source) ?? "the sequence");
    return `${quoted(name)}[${range(axis)
      .map(() => ":, ")
      .join("")}${expected ?? place}]`;
  }
  return withAttributes ? `${node.op} ${attributeText(node.attrs)}` : node.op;
}

/** The line of the value, or of the first of its step that has one. */
function lineOf(graph: Graph, step: ReadonlyMap<Node, Node>, node: Node) {
  const nodes = node.inputs.length > 0 ? [node, ...step.values()] : [...step.values()];
  const from = nodes.find((other) => graph.origins.get(other)?.file !== undefined);
  return from && get(graph.origins, from);
}
