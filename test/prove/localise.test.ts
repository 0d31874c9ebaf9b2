/** @file Where spec and code part, what lies near, what things are called, and what a comparison is made of. */
import { describe, expect, test } from "vitest";
import { at, get, only, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { lower } from "../../src/eval/lower.ts";
import { dimText, symbol } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { codeNode, frontier, neighbourhood, wrongOutputs } from "../../src/prove/localise.ts";
import { nameIn } from "../../src/prove/names.ts";
import { errorBound, type Run, verify } from "../../src/prove/verify.ts";
import { chooseSizes, drawIntegers } from "../../src/prove/world.ts";
import { readSpec } from "../../src/spec/read.ts";
import { Sketch } from "../arbitrary/sketch.ts";
import { laidOver, worldOf } from "./parts.ts";

const model = (lines: string): string => `F(x : [B, 4]) -> y : [B, 4], z : [B, 4]
  ${lines.split("; ").join("\n  ")}
`;
const names = (graph: Graph, nodes: readonly Node[]): string[] => nodes.map(nameIn(graph).value);

describe("the frontier", () => {
  const spec = model("a = tanh(x); b = exp(a) + a; y = sin(b); z = cos(a)");
  const frontierOf = (code: string): string[] => {
    const { lowered, overlay } = laidOver(model(code), spec);
    return names(lowered.spec, frontier(lowered, overlay));
  };

  test.for([
    ["a = tanh(x); b = exp(a) + a; y = sin(b); z = cos(a)", []],
    ["a = tanh(x); b = exp(a) + a; y = sin(2 * b); z = cos(a)", ["y"]],
    ["a = tanh(x); b = exp(2 * a) + a; y = sin(b); z = cos(a)", ["exp(a)"]],
    ["a = tanh(x); b = exp(a) - a; y = sin(b); z = cos(a)", ["b"]],
    ["a = tanh(2 * x); b = exp(a) + a; y = sin(b); z = cos(a)", ["a"]],
    ["a = tanh(x); b = exp(2 * a) + a; y = sin(b); z = cos(2 * a)", ["exp(a)", "z"]],
  ] as const)("of the code %s is %o", ([code, expected]) => {
    expect(frontierOf(code)).toEqual(expected);
  });

  test("is empty where every value is in the code but at another output", () => {
    const { lowered, overlay } = laidOver(model("y = tanh(x); z = exp(x)"), model("y = exp(x); z = tanh(x)"));
    expect(frontier(lowered, overlay)).toEqual([]);
    expect(names(lowered.spec, wrongOutputs(lowered.spec, overlay))).toEqual(["y", "z"]);
  });

  test("leads to the values of the code that were found", () => {
    const { lowered, overlay, claim } = laidOver(
      model("y = tanh(x); z = x * 3"),
      model("y = tanh(x); z = x * 4"),
    );
    const [y, z] = lowered.spec.outputs.map(({ node }) => get(lowered.image, node));
    expect(codeNode(overlay, y)).toBe(at(claim.code.outputs, 0).node);
    expect(codeNode(overlay, z)).toBeUndefined();
    expect(codeNode(overlay, undefined)).toBeUndefined();
  });
});

test("the neighbourhood grows by a step to operands and users, nearest first", () => {
  const graph = readSpec(model("a = tanh(x); b = exp(a); c = sin(b); y = cos(c); z = erf(b)"), "spec.txt");
  const b = [...graph.labels].find(([, label]) => label === "b")?.[0];
  if (b === undefined) throw new Error("b is a value");
  const near = (steps: number): string[] => names(graph, neighbourhood(graph, [b], steps));
  expect(near(0)).toEqual(["b"]);
  expect(near(1)).toEqual(["b", "a", "c", "z"]);
  expect(near(2)).toEqual(["b", "a", "c", "z", "x", "y"]);
  expect(near(5)).toEqual(near(2));
});

describe("a name", () => {
  const graph = readSpec(
    `F(x : [B, n]) -> y : [B, n]
  h = x W + b
  y = tanh(h / 2) * h
where
  W : [n, n]
  b : [n]
  n = 4
`,
    "spec.txt",
  );
  const { value, axis } = nameIn(graph);

  test("of a value is the spec's, or a short expression of others", () => {
    const expected = ["x", "W", "b", "x W", "h", "2", "h / 2", "tanh(h / 2)", "y"];
    expect(graph.nodes.map(value).toSorted()).toEqual(expected.toSorted());
  });
  test("of a long expression is its operator", () => {
    const sketch = new Sketch();
    const [x, y] = [sketch.input("a_rather_long_name", [4]), sketch.input("another_long_name", [4])];
    const long = sketch.graph("F", { r: sketch.neg(sketch.mul(x, y)) });
    expect(nameIn({ ...long, labels: new Map() }).value(only(long.outputs).node)).toBe("neg");
  });
  test("of an axis is that of its size, where it has one", () => {
    const [x] = graph.inputs;
    if (x === undefined) throw new Error("there is an input");
    expect([0, 1].map((i) => axis(x, i))).toEqual(["axis B", "axis 1"]);
    const written = new Sketch().input("x", [symbol("B"), symbol("n")]);
    expect(nameIn(graph, () => written).axis(x, 1)).toBe("axis n");
  });
});

describe("a world", () => {
  test("has small sizes that are different from each other and from every number", () => {
    const sketch = new Sketch();
    const x = sketch.input("x", [symbol("B"), symbol("T"), 3, 5, symbol("n")]);
    const sizes = chooseSizes(sketch.graph("F", { y: sketch.neg(x) }));
    expect([...sizes]).toEqual([
      ["B", 4],
      ["T", 6],
      ["n", 7],
    ]);
  });

  test("has sizes at which no slice ends behind its axis, in whatever order they are met", () => {
    const [B, N] = [symbol("B"), symbol("N")];
    for (const [size, end] of [
      [B, N],
      [N, B],
    ] as const) {
      const sketch = new Sketch();
      const [long, short] = [sketch.input("x", [B, N]), sketch.input("y", [N, B])];
      const axis = size === B ? 0 : 1;
      const rows = sketch.apply("Slice", [long], { axis, start: 0, stop: end, step: 1 });
      const sizes = chooseSizes(sketch.graph("F", { y: sketch.neg(rows), z: sketch.neg(short) }));
      expect(get(sizes, dimText(end))).toBeLessThan(get(sizes, dimText(size)));
    }
  });

  test("has integers that are places which they are compared with", () => {
    const sketch = new Sketch();
    const classes = sketch.input("classes", [9], "int64");
    const column = sketch.apply("Reshape", [classes], { shape: [9, 1] });
    const places = sketch.apply("Iota", [], { size: 4, dtype: "int64" });
    const graph = sketch.graph("F", { y: sketch.apply("Equal", [places, column], {}) });
    const drawn = drawIntegers(graph, classes, new Map(), random(1), 200);
    expect([...new Set(drawn)].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  test("has integers that are rows of every table that they are looked up in, and bits elsewhere", () => {
    const sketch = new Sketch();
    const [i, bits, flag] = [
      sketch.input("i", [9], "int64"),
      sketch.input("bits", [9], "int64"),
      sketch.input("flag", [9], "bool"),
    ];
    const [large, small] = [sketch.parameter("E", [symbol("V"), 3]), sketch.parameter("e", [5, 3])];
    const graph = sketch.graph("F", {
      y: sketch.add(sketch.apply("Take", [large, i], {}), sketch.apply("Take", [small, i], {})),
      z: sketch.apply("Where", [flag, bits, i], {}),
    });
    const drawn = (node: Node): number[] => {
      const sizes = new Map([["V", 7]]);
      return [...new Set(drawIntegers(graph, node, sizes, random(1), 200))].toSorted((a, b) => a - b);
    };
    expect(drawn(i)).toEqual([0, 1, 2, 3, 4]);
    expect(drawn(bits)).toEqual([0, 1]);
    expect(drawn(flag)).toEqual([0, 1]);
  });

  test("is never one in which something is divided by zero", () => {
    const graph = lower(readSpec("F(x : [B, 4]) -> y : [B, 4]\n  y = 1 / x\n", "code.txt")).graph;
    for (const seed of range(5)) expect(worldOf(graph, seed).field.undefinedDivision).toBe(false);
    const never = lower(readSpec("F(x : [B, 4]) -> y : [B, 4]\n  y = x / (x - x)\n", "code.txt")).graph;
    expect(() => worldOf(never)).toThrow("divided by zero");
  });
});

describe("a claim", () => {
  const text = (right: string): string =>
    `F(x : [4, 4]) -> y : [4, 4]\n  y = ${right}\nwhere\n  W : [4, 4]\n`;

  test("that is right agrees in every element of every run", () => {
    const { claim } = laidOver(text("tanh(x W)"), text("tanh(x W)"));
    expect(verify(claim, random(1), 3)).toMatchObject({ agreed: true, runs: 3, elements: 48, hashed: [] });
    expect(new Set(verify(claim, random(1), 3).fields.map(({ p }) => p)).size).toBe(3);
  });

  test("names the functions that were replaced", () => {
    const { claim } = laidOver(text("log(x) * W"), text("log(x) * W"));
    expect(verify(claim, random(1), 1).hashed).toEqual(["log"]);
  });

  test("under a wrong binding is refuted in the first run", () => {
    const { claim } = laidOver(text("tanh(x W)"), text("tanh(x W)"));
    const [[node, binding] = []] = [...claim.bindings];
    if (node === undefined || binding === undefined) throw new Error("W is bound");
    const turned = binding.parts.map((part) => ({ ...part, index: part.index.toReversed() }));
    const bindings = new Map([[node, { ...binding, parts: turned }]]);
    expect(verify({ ...claim, bindings }, random(1), 3)).toMatchObject({
      agreed: false,
      runs: 1,
      elements: 16,
    });
  });

  test("about what is divided by zero everywhere says nothing", () => {
    const { claim } = laidOver(text("x W"), text("x W"));
    const zero = laidOver(text("x W"), text("x W + 0 / (x - x)"));
    expect(verify(claim, random(1), 2).agreed).toBe(true);
    expect(zero.claim.layouts.size).toBe(1);
    expect(verify(zero.claim, random(1), 2)).toMatchObject({ agreed: undefined, runs: 0, elements: 0 });
  });

  test("may be agreed upon because arguments of a function met", () => {
    const run: Run = { p: 2003, q: 1001, meetings: { lookups: 7, doubts: 0 } };
    expect(errorBound(2, [run])).toBeCloseTo(2 / 2003 + (49 * 4) / (2003 * 1001), 15);
  });

  test("may be agreed upon by accident in a run that has met more in one residue alone than another", () => {
    const run = (doubts: number): Run => ({ p: 2003, q: 1001, meetings: { lookups: 7, doubts } });
    const [both, one] = [2 / 2003 + (49 * 4) / (2003 * 1001), (2 + 49 * 2) / 2003];
    expect(errorBound(2, [run(3), run(3)])).toBeCloseTo(both ** 2, 15);
    expect(errorBound(2, [run(3), run(4)])).toBeCloseTo(both * one, 15);
    expect(errorBound(2, [run(0), run(1)])).toBeCloseTo(both * one, 15);
  });

  test("is wrongly agreed upon at most with the degree over the prime, in each run", () => {
    const run = (p: number): Run => ({
      p,
      q: (p - 1) / 2,
      meetings: { lookups: 0, doubts: 0 },
    });
    expect(errorBound(3, [run(1000), run(100)])).toBeCloseTo(9e-5, 15);
    expect(errorBound(3, [run(2)])).toBe(1);
    expect(errorBound(3, [])).toBe(1);
  });
});
