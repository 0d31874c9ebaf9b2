/** @file An edit in the body of a loop is made at every step, and speaks of the values beside each step. */
import { expect, test } from "vitest";
import { unroll } from "../../src/eval/unroll.ts";
import { type Graph, type Node, rebuild } from "../../src/ir/graph.ts";
import { copiesIn } from "../../src/prove/copies.ts";
import { applyEdit, type Edit } from "../../src/prove/edit.ts";
import { readSpec } from "../../src/spec/read.ts";

/** Three steps of h = tanh(x + h_before) * (c + c), of which c + c is the same at every step. */
const spec: Graph = unroll(
  readSpec(
    [
      "F(x : [3, 2]) -> h : [3, 2]",
      "  g_t = tanh(x_t + h_{t-1})",
      "  h_t = g_t * (c + c)",
      "where",
      "  t = 1..3",
      "  h_0 : [2]",
      "  c : [2]",
      "",
    ].join("\n"),
    "spec.txt",
  ),
).graph;

const called = (name: string): Node => {
  const found = spec.nodes.find((node) => spec.labels.get(node) === name);
  if (found === undefined) throw new Error(`${name} is in the spec`);
  return found;
};
const doubled = spec.nodes.filter((node) => node.op === "Add" && node.inputs[0] === node.inputs[1]);
const [twice] = doubled;

test("what does not depend on the step is one node", () => {
  expect(doubled.length).toBe(1);
});

test("a node has a copy at each step, and neighbours stand as far away", () => {
  const copies = copiesIn(spec)(called("g_2"));
  expect([...copies.keys()].map((node) => spec.labels.get(node))).toEqual(["g_1", "g_2", "g_3"]);
  const [first, , third] = [...copies.values()];
  expect(third?.(called("h_1"))).toBe(called("h_2"));
  expect(third?.(called("g_2"))).toBe(called("g_3"));
  expect(first?.(called("h_1"))).toBeUndefined();
  expect(twice && third?.(twice)).toBe(twice);
  expect(twice && first?.(twice)).toBe(twice);
});

/** The operands of the nodes that stand for h_1, h_2 and h_3, by their names in the edited spec. */
function edited(other: Node): (string | undefined)[] {
  const edit: Edit = {
    kind: "wrong-operand",
    node: called("h_2"),
    words: "",
    make: (builder, inputs, imageOf) => rebuild(builder, called("h_2"), inputs.with(0, imageOf(other))),
  };
  const { graph, image } = applyEdit(spec, edit);
  return ["h_1", "h_2", "h_3"].map((name) => {
    const [operand] = image.get(called(name))?.inputs ?? [];
    return operand && (graph.labels.get(operand) ?? operand.op);
  });
}

test("an edit is made at each step that has what it speaks of", () => {
  expect(edited(called("x_2"))).toEqual(["x_1", "x_2", "x_3"]);
  // Before the first step there is no step.
  expect(edited(called("h_1"))).toEqual(["g_1", "h_1", "h_2"]);
});

test("an edit may speak of what is the same at every step", () => {
  if (twice === undefined) throw new Error("c + c is in the spec");
  expect(edited(twice)).toEqual(["Add", "Add", "Add"]);
});

/** Two rounds of a block that uses another one twice. */
const stacked: Graph = readSpec(
  [
    "F(x : [B, 3]) -> y : [B, 3]",
    "  for l = 1..2:",
    "    x = x + Block_l(x)",
    "  y = x",
    "",
    "Block(x : [3]) -> y : [3]",
    "  y = tanh(Scaled(x)) * Scaled(x + 1)",
    "",
    "Scaled(x : [3]) -> y : [3]",
    "  y = 2 * x * g",
    "where",
    "  g : [3]",
    "",
  ].join("\n"),
  "spec.txt",
);
const gains = stacked.parameters.map((parameter): Node => parameter.node);

test("a block's node has a copy in every use and round, in every round of one use, and itself", () => {
  const scaled = stacked.nodes.filter(
    (node) => node.op === "Mul" && node.inputs.some((input) => gains.includes(input)),
  );
  expect(scaled.length).toBe(4);
  const [first] = scaled;
  if (first === undefined) throw new Error("the block is in the spec");
  const copies = copiesIn(stacked);
  const places = (extent: "everywhere" | "in this use" | "here"): number[] =>
    [...copies(first, extent).keys()].map((node) => scaled.indexOf(node));
  expect(places("everywhere")).toEqual([0, 1, 2, 3]);
  expect(places("in this use")).toEqual([0, 2]);
  expect(places("here")).toEqual([0]);
});

test("what stands beside a node stands beside its copies: inside, around, and in the same use", () => {
  const tanhs = stacked.nodes.filter(({ op }) => op === "Tanh");
  const [tanh, next] = tanhs;
  if (tanh === undefined || next === undefined) throw new Error("two rounds have two");
  const toNext = copiesIn(stacked)(tanh).get(next);
  expect(tanhs.length).toBe(2);
  // The parameters of the uses inside one round are those of the uses inside the next.
  expect(gains.slice(0, 2).map((gain) => toNext?.(gain))).toEqual(gains.slice(2));
  const sums = stacked.nodes.filter(
    ({ op, inputs }) => op === "Add" && inputs.some((input) => input.op === "Mul"),
  );
  expect(sums.length).toBe(2);
  expect(sums[0] && toNext?.(sums[0])).toBe(sums[1]);
});

test("two recurrences of one spec are no copies of each other", () => {
  const text = [
    "F(x : [3, 2]) -> y : [3, 2]",
    "  h_t = tanh(x_t + h_{t-1})",
    "  k_t = tanh(x_t + k_{t+1})",
    "  y_t = h_t * k_t",
    "where",
    "  t = 1..3",
    "  h_0 : [2]",
    "  k_4 : [2]",
    "",
  ].join("\n");
  const { graph } = unroll(readSpec(text, "spec.txt"));
  const labelled = (name: string): Node | undefined =>
    graph.nodes.find((node) => graph.labels.get(node) === name);
  const h = labelled("h_1");
  const names = h && [...copiesIn(graph)(h).keys()].map((node) => graph.labels.get(node));
  expect(names).toEqual(["h_1", "h_2", "h_3"]);
});
