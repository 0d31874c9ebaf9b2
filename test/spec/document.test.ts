/** @file How a document is cut into statements, and what the graph remembers of it. */
import { describe, expect, test } from "vitest";
import { shapeText } from "../../src/ir/dim.ts";
import type { Graph, Origin } from "../../src/ir/graph.ts";
import { isReal } from "../../src/ir/type.ts";
import { complaint, graphText, read } from "./support.ts";

/** Where each named value comes from, by name. */
const originsOf = (graph: Graph): Record<string, Origin | undefined> =>
  Object.fromEntries([...graph.labels].map(([node, label]) => [label, graph.origins.get(node)]));

describe("lines", () => {
  const plain = "M(x : [n, n]) -> y : [n, n]\n  h = x x + x\n  y = tanh(h) x\n";
  test.each([
    ["a deeper line goes on", "M(x : [n, n]) -> y : [n, n]\n  h = x x\n    + x\n  y = tanh(h)\n      x\n"],
    [
      "an open bracket goes on",
      "M(x : [n,\n n])\n   -> y : [n, n]\n  h = x x + x\n  y = tanh(\n  h\n  ) x\n",
    ],
    [
      "an operator at the end goes on deeper",
      "M(x : [n, n]) -> y : [n, n]\n  h = x x +\n   x\n  y =\n    tanh(h) x\n",
    ],
    [
      "comments mean nothing",
      "# M\nM(x : [n, n]) -> y : [n, n] # (7)\n\n  h = x x + x# y = 1\n  % y = 2\n  y = tanh(h) x\n",
    ],
    [
      "margins mean nothing",
      'M(x : [n, n]) -> y : [n, n]     124.4 M parameters\n  h = x x + x      (1) of [3\n  y = tanh(h) x    it\'s "odd" ≈ )\n',
    ],
    ["punctuation means nothing", "M(x : [n, n]) -> y : [n, n]\n  h = x x + x,    (1)\n  y = tanh(h) x.\n"],
    ["punctuation before a deeper line", "M(x : [n, n]) -> y : [n, n]\nh = x x + x;\n  y = tanh(h) x.\n"],
    [
      "wide spaces inside mean nothing",
      "M(x : [n, n])   ->   y : [n, n]\n  h   =   x x   +   x\n  y   = tanh(   h   ) x\n",
    ],
    ["several in one line", "M(x : [n, n]) -> y : [n, n]\n  h = x x + x; y = tanh(h) x;   (2); y = x\n"],
    [
      "several in one line, of which the second goes on",
      "M(x : [n, n]) -> y : [n, n]\n  h = x x + x; y =\n    tanh(h) x\n",
    ],
    ["no indentation", "M(x : [n, n]) -> y : [n, n]\nh = x x + x\ny = tanh(h) x"],
    ["windows line ends", plain.replaceAll("\n", "\r\n")],
    [
      "several blocks are one document",
      `\`\`\`math\nM(x : [n, n]) -> y : [n, n]\n  h = x x + x\n\`\`\`\nthen (\n~~~math\ny = tanh(h) x\n~~~\n`,
    ],
    [
      "a fence in a list",
      `- text\n  \`\`\`math\n  M(x : [n, n]) -> y : [n, n]\n    h = x x + x\n    y = tanh(h) x\n  \`\`\`\n`,
    ],
    [
      "a longer fence holds a shorter one",
      `\`\`\`\`text\n\`\`\`math\nnot this\n\`\`\`\n\`\`\`\`\n\`\`\`math\n${plain}\`\`\`\n`,
    ],
  ])("%s", (_, text) => {
    expect(graphText(read(text))).toBe(graphText(read(plain)));
  });

  test.each([
    ["equation", String.raw`\begin{equation} h = x x + x \label{eq:h} \tag{3} \end{equation}`],
    ["align", "\\begin{align}\nh &= x x \\\\\n\\end{align}".replace("x x", "x x + x")],
    ["punctuation", String.raw`\begin{align} h &= x x + x, \tag{1} \\ \end{align}`],
    ["several in one line", String.raw`\begin{align} h &= x x + x;\; \\ \end{align}`],
    ["display", String.raw`$$ h = x x + x $$`],
    [
      "an operator behind a break goes on",
      String.raw`\begin{align} h &= x x \tag{1} \\ &\qquad{} + x \\ \end{align}`,
    ],
    ["an operator before a break goes on", String.raw`\begin{align} h &= x x + \\ & \quad x \end{align}`],
    ["an open bracket behind a break goes on", String.raw`\begin{align} h &= (x \\ & x) + x \\ \end{align}`],
    ["left and right", String.raw`h = \bigl(x \, x\bigr) + \left(x\right) \quad \text{so h}`],
  ])("LaTeX: %s", (_, equation) => {
    const text = plain.replace("  h = x x + x", equation);
    expect(graphText(read(text))).toBe(graphText(read(plain)));
  });
});

describe("where lists", () => {
  const shapes = (list: string): string[] => {
    const graph = read(`M(x : [n]) -> y : [n]\n  y = x\n${list}\n`);
    return graph.parameters.map(
      ({ node }) => `${node.attrs.name} ${node.attrs.dtype} ${shapeText(node.type.shape)}`,
    );
  };
  test.each([
    ["where W : [n, 3 d] prose, of sorts: with (marks", ["W float32 [n, 3*d]"]],
    ["where W : [n], b : [d] and c : []", ["W float32 [n]", "b float32 [d]", "c float32 []"]],
    [
      "where\n  W, U : [n]   first\n    and more prose = 3\n  b : [d]",
      ["W float32 [n]", "U float32 [n]", "b float32 [d]"],
    ],
    [
      "where W_1 ∈ ℝ^{3×d}; b₁ ∈ R^d, c ∈ R, k ∈ ℤ^{2}",
      ["W_1 float32 [3, d]", "b_1 float32 [d]", "c float32 []", "k int64 [2]"],
    ],
    ["where i : [n] integers below V\n m : [n] booleans", ["i int64 [n]", "m bool [n]"]],
    ["where\n  W : [d, 2 d + 1]\n  d = 64  width", ["W float32 [64, 129]"]],
    ["where\n  W : [d, k]\n  d = H k\n  H = 12, k = 64", ["W float32 [768, 64]"]],
    ["where W : [d]\n  k = 2 H - H\n  d = 2 k", ["W float32 [2*H]"]],
  ])("%s", (list, want) => {
    expect(shapes(list)).toEqual(want);
  });

  test("parameters of real numbers are trainable", () => {
    const graph = read("M(x : [n]) -> y : [n]\n  y = x\nwhere W : [n], i : [n] integers\n");
    expect(graph.parameters.map(({ trainable }) => trainable)).toEqual([true, false]);
    expect(graph.parameters.map(({ node }) => isReal(node.attrs.dtype))).toEqual([true, false]);
  });

  test("may declare what the signature leaves open, and check what equations define", () => {
    const text = "M(x) -> y\n  h = x x\n  y = tanh(h)\nwhere\n  x : [n, n]\n  h : [n, n]\n  y : [n, n]\n";
    expect(graphText(read(text))).toBe(graphText(read("M(x : [n, n]) -> y\n  h = x x\n  y = tanh(h)\n")));
    expect(complaint(text.replace("h : [n, n]", "h : [n, m]")).code).toBe("A3019");
  });
});

describe("the graph remembers", () => {
  const document =
    "Prose.\n\n```math\nM(x : [n, n]) -> y : [n, n]\n  h = x\n      + x x     (7)   note   (8)\n  g = h^T\n  y = tanh(g) \\tag{A.1}\n```\n";
  test("lines, texts and numbers of equations", () => {
    expect(originsOf(read(document))).toEqual({
      h: { file: "paper.md", line: 5, code: "h = x + x x", equation: "7" },
      g: { file: "paper.md", line: 7, code: "g = h^T", equation: "2" },
      y: {
        file: "paper.md",
        line: 8,
        code: "y = tanh(g) \\tag{A.1}".replace(" \\tag{A.1}", ""),
        equation: "A.1",
      },
    });
  });
  test("which equation of a line has its number: the last", () => {
    const text = "M(x : [n, n]) -> y : [n, n]\n  g = x x; y = g^T   (A.1)\n";
    expect(Object.values(originsOf(read(text)))).toMatchObject([
      { line: 2, code: "g = x x", equation: "1" },
      { line: 2, code: "y = g^T", equation: "A.1" },
    ]);
  });
  test("what is never used, as notes", () => {
    const graph = read("M(x : [n], u : [n]) -> y : [n]\n  h = x\n  y = x\nwhere\n  W : [n]\n");
    expect(graph.notes).toEqual([
      "W is declared in line 5 but never used",
      "u is declared in line 1 but never used",
      "h of equation (1) is never used",
    ]);
    expect(read(document).notes).toEqual([]);
  });
  test("names", () => {
    const graph = read("Net(x : [n]) -> out : [n], same : [n]\n  out = x + α\n  same = x\nwhere α : [n]\n");
    expect(graph.name).toBe("Net");
    expect(graph.inputs.map(({ attrs }) => attrs.name)).toEqual(["x"]);
    expect(graph.parameters.map(({ names }) => names)).toEqual([["alpha"]]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["out", "same"]);
    expect([...graph.labels.values()]).toEqual(["out"]);
  });
});
