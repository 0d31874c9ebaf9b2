/** @file Two steps in the other order: what is said, and what becomes of the equations. */
import { expect, test } from "vitest";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { besidesOperand } from "../../src/prove/beside.ts";
import { orderOfStepsEdits } from "../../src/prove/edits-order.ts";
import { nameIn } from "../../src/prove/names.ts";
import { readSpec } from "../../src/spec/read.ts";
import { editedText } from "./parts.ts";

const spec = (equations: string, rest = ""): Graph =>
  readSpec(`F(x : [B, n]) -> y : [B, n]\n  ${equations}\nwhere\n  n = 4\n  ${rest}\n`, "spec.txt");

const norm = "\n\nNorm(x : [n]) -> y : [n]\n  y = normalize_n(x, 1e-5) * gamma\nwhere\n  gamma : [n]";
const blocks =
  "\n\nGate(x : [n]) -> y : [n]\n  y = x + tanh(x W)\nwhere\n  W : [n, n]" +
  "\n\nMix(x : [n]) -> y : [n]\n  y = x + sigmoid(x V)\nwhere\n  V : [n, n]";

/** Each edit of what begins at the input, or at every round's start: its words, and the equations that it makes. */
function edits(graph: Graph, starts: readonly Node[] = graph.inputs): string[] {
  return orderOfStepsEdits(graph, starts, nameIn(graph)).flatMap((edit) => {
    const text = editedText(graph, edit);
    return text === undefined ? [] : [`${edit.words} | ${text}`];
  });
}

test("an activation behind the matrix that it stands in front of", () => {
  expect(edits(spec("y = tanh(x) W", "W : [n, n]"))).toEqual([
    "tanh stands behind W, not in front of it | h = x W; y = tanh(h)",
  ]);
});

test("an activation in front of the matrix that it stands behind", () => {
  expect(edits(spec("y = tanh(x W)", "W : [n, n]"))).toEqual([
    "tanh stands in front of W, not behind it | h = tanh(x); y = h W",
  ]);
});

test("an activation next to a bias is left to the edits of neighbours", () => {
  expect(edits(spec("y = tanh(x + b)", "b : [n]"))).toEqual([]);
});

test("a normalisation moves with its gain, behind the branch or behind the sum, and no further", () => {
  const texts = edits(spec("h = x + tanh(Norm(x))\n  y = h + sigmoid(h)", norm));
  expect(texts.filter((text) => text.startsWith("Norm stands"))).toEqual([
    "Norm stands behind tanh, not in front of it | " +
      "h_1 = normalize_d(tanh(x), 1e-5) * gamma; h = x + h_1; y = h + sigmoid(h)",
    "Norm stands behind tanh and the sum, not in front of them | " +
      "h = x + tanh(x); h_1 = normalize_d(h, 1e-5) * gamma; y = h_1 + sigmoid(h_1)",
  ]);
});

test("a normalisation behind a sum comes in front of the branch, or of the branch and the skip connection", () => {
  const texts = edits(spec("y = Norm(x + tanh(x))", norm));
  expect(texts.filter((text) => text.startsWith("Norm stands"))).toEqual([
    "Norm stands in front of tanh, not behind the sum | " +
      "h = normalize_d(x, 1e-5) * gamma; y = x + tanh(h)",
    "Norm stands in front of tanh and the sum, not behind them | " +
      "x_1 = normalize_d(x, 1e-5) * gamma; y = x_1 + tanh(x_1)",
  ]);
});

test("two blocks come in the other order", () => {
  expect(edits(spec("h = Gate(x)\n  y = Mix(h)", blocks))).toContain(
    "Gate stands behind Mix, not in front of it | x_1 = x + sigmoid(x W_2); y = x_1 + tanh(x_1 W_1)",
  );
});

test("in every round of a loop, with what that round is given", () => {
  const graph = spec("h = x\n  for l = 1..2:\n    h = h + tanh(Norm_l(h))\n  y = h", norm);
  expect(edits(graph)).toContain(
    "Norm_1 stands behind tanh and the sum, not in front of them | " +
      "h = x + tanh(x); x_1 = normalize_d(h, 1e-5) * gamma_1; " +
      "x_2 = x_1 + tanh(x_1); y = normalize_d(x_2, 1e-5) * gamma_2",
  );
});

test("a value given to a block is told where the block is used, unless the block reads the right one, too", () => {
  const graph = spec(
    "h = tanh(x)\n  y = Two(h) + One(h)",
    "\n\nTwo(x : [n]) -> y : [n]\n  y = (x U) * (x V)\nwhere\n  U, V : [n, n]" +
      "\n\nOne(x : [n]) -> y : [n]\n  y = x W\nwhere\n  W : [n, n]",
  );
  const h = [...graph.labels].find(([, label]) => label === "h")?.[0];
  const readers = graph.nodes.filter((node) => h !== undefined && node.inputs.includes(h));
  expect(
    readers.map((node) => (h === undefined ? {} : besidesOperand(graph, node, h)).widest ?? "in the block"),
  ).toEqual(["in the block", "in the block", "in this use"]);
});
