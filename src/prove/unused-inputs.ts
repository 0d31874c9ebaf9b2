/**
 * @file Inputs that code takes and never reads, such as a mask that was forgotten: their axes mean nothing in it, and get the
 * sizes that the spec gives them.
 */
import { zip } from "../base/assert.ts";
import { type Dim, dimText, symbolsOf } from "../ir/dim.ts";
import { type Graph, type Node, rebuild, transform } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import { isClash, pair } from "./pairing.ts";

/** The code, in which axes of unread inputs that nothing else determines have the sizes of the axes that the spec gives the same name. */
export function withSizesOfUnread(code: Graph, spec: Graph): Graph {
  const pairing = pair(spec, code);
  if (isClash(pairing)) return code;
  const outputs = code.outputs.map((output) => output.node);
  const read = new Set([...code.nodes.flatMap((node) => node.inputs), ...outputs]);
  const isRead = (node: Node): boolean => read.has(node);
  const known = new Map<string, Dim>();
  for (const [own, other] of pairing.inputs)
    if (isRead(other) && own.type.shape.length === other.type.shape.length)
      for (const [name, dim] of zip(own.type.shape, other.type.shape)) known.set(dimText(name), dim);
  const bound = symbolsOf(code.nodes.filter((node) => read.has(node)).flatMap((node) => node.type.shape));
  const shapes = new Map<Node, readonly Dim[]>();
  for (const [own, other] of pairing.inputs) {
    if (isRead(other) || own.type.shape.length !== other.type.shape.length) continue;
    const isFree = (dim: Dim): boolean => [...symbolsOf([dim])].some((name) => !bound.has(name));
    const shape = zip(own.type.shape, other.type.shape).map(([name, dim]) =>
      isFree(dim) ? (known.get(dimText(name)) ?? dim) : dim,
    );
    shapes.set(other, shape);
  }
  if (shapes.size === 0) return code;
  const builder = newBuilder();
  return transform(code, builder, (node, inputs) => {
    const shape = shapes.get(node);
    if (node.op !== "Input" || shape === undefined) return rebuild(builder, node, inputs);
    return builder.node("Input", [], { ...node.attrs, shape });
  }).graph;
}
