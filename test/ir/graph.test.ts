/** @file The builder's promises, and what a transformation keeps. */
import { describe, expect, test } from "vitest";
import { at, get, only } from "../../src/base/assert.ts";
import { rational } from "../../src/base/rational.ts";
import { Diagnostic } from "../../src/diag/diagnostic.ts";
import {
  attributeText,
  type Builder,
  type Graph,
  type Node,
  type NodeOf,
  nodeText,
  rebuild,
  transform,
  usersOf,
} from "../../src/ir/graph.ts";
import { newBuilder } from "../../src/ops/table.ts";

const node = (made: NodeOf<never> | object): Node => made as unknown as Node;
const input = (b: Builder, name: string): NodeOf<"Input"> =>
  b.node("Input", [], { name, shape: [2], dtype: "float32" });
const add = (b: Builder, x: Node, y: Node): Node => node(b.node("Add", [x, y], {}));

/** y = (x + w) + (x + w), with names and places. */
function example(): { builder: Builder; graph: Graph; x: Node; w: Node; sum: Node; y: Node; unused: Node } {
  const builder = newBuilder();
  const x = input(builder, "x");
  const w = builder.node("Parameter", [], { name: "w", shape: [2], dtype: "float32" });
  const sum = builder.at({ file: "net.py", line: 3 }, () => add(builder, node(x), node(w)));
  const unused = builder.at({ line: 9 }, () => node(builder.node("Neg", [sum], {})));
  const y = add(builder, sum, sum);
  builder.label(sum, "h");
  builder.label(unused, "unused");
  const graph = builder.graph({
    name: "example",
    inputs: [x],
    parameters: [{ node: w, names: ["w", "tied.w"], trainable: true, values: () => Float64Array.of(1, 2) }],
    outputs: [{ name: "y", node: y }],
    notes: ["a note"],
  });
  return { builder, graph, x: node(x), w: node(w), sum, y, unused };
}

describe("the builder", () => {
  test("gives equal applications one node, under the origin and label of the first", () => {
    const { builder, graph, x, w, sum } = example();
    const again = builder.at({ line: 7 }, () => add(builder, x, w));
    builder.label(again, "later");
    expect(again).toBe(sum);
    expect(graph.origins.get(sum)).toEqual({ file: "net.py", line: 3 });
    expect(graph.labels.get(sum)).toBe("h");
    expect(add(builder, w, x)).not.toBe(sum);
  });

  test("restores the origin after a failure inside", () => {
    const builder = newBuilder();
    const fail = (): never => {
      throw new Error("inside");
    };
    expect(() => builder.at({ line: 1 }, fail)).toThrow("inside");
    const x = node(input(builder, "x"));
    const graph = builder.graph({ name: "", inputs: [], parameters: [], outputs: [{ name: "x", node: x }] });
    expect(graph.origins.size).toBe(0);
  });

  test("a graph holds what its outputs, inputs and parameters need, operands first, and nothing else", () => {
    const { graph, x, w, sum, y, unused } = example();
    expect(graph.nodes).toEqual([x, w, sum, y]);
    expect([...graph.origins.keys()]).toEqual([sum]);
    expect([...graph.labels.entries()]).toEqual([[sum, "h"]]);
    expect(graph.nodes).not.toContain(unused);
  });

  test("a finished graph doesn't change with its builder", () => {
    const { builder, graph, y } = example();
    builder.label(y, "late");
    expect(graph.labels.has(y)).toBe(false);
    expect(Object.isFrozen(graph) && graph.nodes.every((part) => Object.isFrozen(part))).toBe(true);
  });

  test("nodes don't change with the arrays they were made from", () => {
    const { builder, x, w } = example();
    const inputs = [x, w];
    const made = node(builder.node("Mul", inputs, {}));
    inputs.pop();
    expect(made.inputs).toEqual([x, w]);
  });

  test("refuses operands of another builder and operands that do not fit", () => {
    const { x } = example();
    expect(() => newBuilder().node("Neg", [x], {})).toThrow("nodes of this builder");
    const builder = newBuilder();
    const two = node(input(builder, "x"));
    const three = node(builder.node("Input", [], { name: "z", shape: [3], dtype: "float32" }));
    expect(() => builder.node("Add", [two, three], {})).toThrow(Diagnostic);
    expect(() => builder.node("Add", [two], {})).toThrow(Diagnostic);
  });

  test("equal attributes have one text, whatever their order", () => {
    expect(attributeText({ a: 1, b: { d: [2, 3n], c: "x" } })).toBe(
      attributeText({ b: { c: "x", d: [2, 3n] }, a: 1 }),
    );
    expect(attributeText({ value: rational(1, 3) })).toBe('{"value":{"denominator":"3n","numerator":"1n"}}');
    expect(attributeText({ axes: [1, 2] })).not.toBe(attributeText({ axes: [2, 1] }));
  });

  test("users and texts", () => {
    const { graph, sum, x, y } = example();
    expect(get(usersOf(graph), sum)).toEqual([y]);
    expect(get(usersOf(graph), x)).toEqual([sum]);
    expect(nodeText(sum)).toBe("%2 = Add(%0, %1) : float32[2]");
  });
});

describe("transform", () => {
  test("keeps names, places, parameters and notes", () => {
    const { graph, sum } = example();
    const target = newBuilder();
    const { graph: copy, image } = transform(graph, target, (part, inputs) => rebuild(target, part, inputs));
    // Ids are those of the new builder, which never saw the unused node.
    expect(nodeText(at(copy.nodes, 3))).toBe("%3 = Add(%2, %2) : float32[2]");
    expect(copy.nodes.map((part) => part.op)).toEqual(["Input", "Parameter", "Add", "Add"]);
    expect(copy.origins.get(get(image, sum))).toEqual({ file: "net.py", line: 3 });
    expect(copy.labels.get(get(image, sum))).toBe("h");
    expect(only(copy.parameters).names).toEqual(["w", "tied.w"]);
    expect(only(copy.parameters).values?.()).toEqual(Float64Array.of(1, 2));
    expect(copy.notes).toEqual(["a note"]);
    expect(copy.nodes.some((part) => graph.nodes.includes(part))).toBe(false);
  });

  test("gives what replaces a node its name and place", () => {
    const { graph, sum } = example();
    const target = newBuilder();
    const { graph: copy } = transform(graph, target, (part, inputs) =>
      part === sum ? node(target.node("Mul", inputs, {})) : rebuild(target, part, inputs),
    );
    const replaced = at(at(copy.outputs, 0).node.inputs, 0);
    expect(replaced.op).toBe("Mul");
    expect([copy.labels.get(replaced), copy.origins.get(replaced)?.line]).toEqual(["h", 3]);
  });

  test("refuses to turn an input or parameter into something else", () => {
    const { graph, w } = example();
    const target = newBuilder();
    const replace = (part: Node, inputs: readonly Node[]): Node =>
      part === w ? node(input(target, "w")) : rebuild(target, part, inputs);
    expect(() => transform(graph, target, replace)).toThrow("Parameter is copied to");
  });
});
