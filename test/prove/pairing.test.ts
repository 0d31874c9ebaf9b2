/** @file Which input and output is which, and the sizes that follow. */
import { describe, expect, test } from "vitest";
import { addDims, multiplyDims, type Shape, symbol } from "../../src/ir/dim.ts";
import type { Graph } from "../../src/ir/graph.ts";
import type { Dtype } from "../../src/ir/type.ts";
import { inputSizes, isClash, pair, unifyLoosely, unifyRegrouped } from "../../src/prove/pairing.ts";
import { Sketch } from "../arbitrary/sketch.ts";

type Inputs = Readonly<Record<string, Shape | Dtype>>;

/** A graph with these inputs, each of which is an output under each of the names. */
function graph(inputs: Inputs, outputs: readonly string[] = ["y"]): Graph {
  const sketch = new Sketch();
  const nodes = Object.entries(inputs).map(([name, one]) =>
    typeof one === "string" ? sketch.input(name, [2], one) : sketch.input(name, one),
  );
  const last = nodes.at(-1) ?? sketch.number(1);
  return sketch.graph("F", Object.fromEntries(outputs.map((name) => [name, last])));
}

/** `spec=code` for each pair, or the clash. */
function paired(spec: Graph, code: Graph): unknown {
  const found = pair(spec, code);
  if (isClash(found)) return found;
  return {
    inputs: found.inputs.map(([s, c]) => `${s.attrs.name}=${c.attrs.name}`),
    outputs: found.outputs.map(([s, c]) => `${s.name}=${c.name}`),
  };
}

describe("inputs and outputs are paired", () => {
  test("by name where all names agree", () => {
    expect(paired(graph({ x: [2], z: [2] }, ["a", "b"]), graph({ z: [2], x: [2] }, ["b", "a"]))).toEqual({
      inputs: ["x=x", "z=z"],
      outputs: ["a=a", "b=b"],
    });
  });
  test("else by order", () => {
    expect(paired(graph({ x: [2], z: [2] }, ["a", "b"]), graph({ z: [2], u: [2] }, ["b", "c"]))).toEqual({
      inputs: ["x=z", "z=u"],
      outputs: ["a=b", "b=c"],
    });
  });
  test("whatever their dtypes, as long as numbers meet numbers and integers integers", () => {
    expect(paired(graph({ x: "float32" }), graph({ x: "float64" }))).toMatchObject({ inputs: ["x=x"] });
    expect(paired(graph({ x: "int32" }), graph({ x: "int64" }))).toMatchObject({ inputs: ["x=x"] });
  });
});

describe("a clash is told", () => {
  test.for([
    ["numbers of inputs", graph({ x: [2] }), graph({ a: [2], b: [2] }), "x", "a, b"],
    ["numbers of inputs", graph({}), graph({ a: [2] }), "none", "a"],
    ["numbers of outputs", graph({ x: [2] }, ["p", "q"]), graph({ x: [2] }, ["p"]), "p, q", "p"],
    ["the kind of input x", graph({ x: "float32" }), graph({ x: "int64" }), "float32", "int64"],
  ] as const)("%s", ([what, spec, code, s, c]) => {
    expect(paired(spec, code)).toEqual({ what, spec: s, code: c });
  });
});

const [B, T, n] = [symbol("B"), symbol("T"), symbol("n")];

describe("sizes follow from the inputs", () => {
  const sizesOf = (spec: Inputs, shapes: Readonly<Record<string, readonly number[]>>): unknown => {
    const code = graph(Object.fromEntries(Object.keys(spec).map((name) => [name, [7]])));
    const found = pair(graph(spec), code);
    if (isClash(found)) throw new Error("the names agree");
    const sizes = inputSizes(found, (node) => shapes["name" in node.attrs ? node.attrs.name : ""] ?? []);
    return isClash(sizes) ? sizes : Object.fromEntries(sizes);
  };

  test("each symbol from where it stands alone", () => {
    expect(sizesOf({ x: [B, n], z: [n, 4] }, { x: [3, 5], z: [5, 4] })).toEqual({ B: 3, n: 5 });
  });
  test("products and sums of known symbols are checked", () => {
    const spec = { x: [B, T], z: [multiplyDims(B, T)], u: [addDims(T, 1)] };
    expect(sizesOf(spec, { x: [3, 5], z: [15], u: [6] })).toEqual({ B: 3, T: 5 });
    expect(sizesOf(spec, { x: [3, 5], z: [15], u: [5] })).toMatchObject({ what: "the shape of input u" });
  });
  test("a product of unknown symbols says nothing", () => {
    for (const size of [multiplyDims(B, T), multiplyDims(B, B), addDims(B, T)]) {
      expect(sizesOf({ x: [size] }, { x: [6] })).toMatchObject({ what: "the shape of input x" });
    }
  });
  test("a multiple of a symbol and a number more say what it is", () => {
    expect(sizesOf({ x: [multiplyDims(2, B)] }, { x: [6] })).toEqual({ B: 3 });
    expect(sizesOf({ x: [addDims(multiplyDims(2, B), 1)] }, { x: [7] })).toEqual({ B: 3 });
    expect(sizesOf({ x: [multiplyDims(2, B)] }, { x: [7] })).toMatchObject({ what: "the shape of input x" });
    expect(sizesOf({ x: [addDims(B, 4)] }, { x: [4] })).toMatchObject({ what: "the shape of input x" });
  });
  test("a clash shows both shapes", () => {
    const clash = { what: "the shape of input x", spec: "[B, 4]", code: "[7]" };
    expect(sizesOf({ x: [B, 4] }, { x: [3, 5] })).toEqual(clash);
    expect(sizesOf({ x: [B, 4] }, { x: [3] })).toEqual(clash);
    expect(sizesOf({ x: [B, B] }, { x: [3, 4] })).toEqual({ ...clash, spec: "[B, B]" });
  });
});

describe("a shape is another with axes joined", () => {
  const known = new Map([["B", 3]]);
  test("one unknown size follows from the number of elements", () => {
    const found = unifyRegrouped([B, 2, T, 5], [3, 8, 5], known);
    expect(found).toEqual({ shape: [3, 2, 4, 5], sizes: new Map([...known, ["T", 4]]) });
  });
  test("axes must end where axes of the other end", () => {
    expect(unifyRegrouped([B, 2, 5], [3, 5, 2], known)).toBeUndefined();
    expect(unifyRegrouped([B, 10], [3, 5, 2], known)).toMatchObject({ shape: [3, 10] });
  });
  test("an unknown size follows from the axes that it is joined with", () => {
    const found = unifyRegrouped([B, n, 4, T], [6, 4, 5], known);
    expect(Object.fromEntries(found?.sizes ?? [])).toEqual({ B: 3, n: 2, T: 5 });
  });
  test("axes may be joined in each of the shapes", () => {
    expect(unifyRegrouped([B, 2, 10], [6, 5, 2], known)).toMatchObject({ shape: [3, 2, 10] });
  });
  test("an unknown size is not 1 beside others", () => {
    expect(unifyRegrouped([B, n, T], [3, 5], known)).toBeUndefined();
  });
});

describe("a shape is loosely another", () => {
  const known = new Map([["B", 3]]);
  test.for([
    [[B, n], [3, 5], [3, 5], { B: 3, n: 5 }],
    [[n], [1, 5, 1], [5], { B: 3, n: 5 }],
    [[1, n, 1], [5], [1, 5, 1], { B: 3, n: 5 }],
    [[n], [1], [1], { B: 3, n: 1 }],
  ] as const)("%o of %o", ([shape, concrete, found, sizes]) => {
    const unified = unifyLoosely(shape, concrete, known);
    expect(unified?.shape).toEqual(found);
    expect(Object.fromEntries(unified?.sizes ?? [])).toEqual(sizes);
  });
  test.for([
    [
      [B, n],
      [5, 3],
    ],
    [[n], [5, 6]],
    [[n, 4], [5]],
  ] as const)("but not %o of %o", ([shape, concrete]) => {
    expect(unifyLoosely(shape, concrete, known)).toBeUndefined();
  });
});
