/** @file What the front end keeps of a model: batch size, names, ties, lines, contractions, library functions. */
import * as jax from "@jax-js/jax";
import { jit, nn, numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { only } from "../../src/base/assert.ts";
import { toText } from "../../src/base/rational.ts";
import { traceJaxjs } from "../../src/frontends/jaxjs/trace.ts";
import { shapeText } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import type { OpName } from "../../src/ir/operators.ts";
import { evaluateGraph, graphOf, numbers, ownValues } from "./helpers.ts";

const x = numbers([5, 4]);
const w = numbers([4, 6], 1);
const ops = (graph: Graph): OpName[] => graph.nodes.map((node) => node.op);
const shapes = (graph: Graph): string[] => graph.outputs.map(({ node }) => shapeText(node.type.shape));
const equations = (graph: Graph): string[] =>
  graph.nodes.flatMap((node: Node) => (node.op === "Contract" ? [node.attrs.equation] : []));

describe("the batch size", () => {
  test("is the symbol B where the model follows it", async () => {
    const graph = await graphOf((a: np.Array) => np.matmul(np.tanh(a), w.ref), { x });
    expect(shapes(graph)).toEqual(["[B, 6]"]);
    expect(graph.notes).toEqual([]);
  });

  test("is shared by all inputs or stays", async () => {
    const add = (a: np.Array, b: np.Array) => np.add(a, b);
    expect(shapes(await graphOf(add, { a: x, b: numbers([5, 1]) }))).toEqual(["[B, 4]"]);
    expect(shapes(await graphOf(add, { a: x, b: numbers([4]) }))).toEqual(["[5, 4]"]);
  });

  test("is counted in means, and kept exact", async () => {
    const loss = (a: np.Array) => np.mean(np.square(np.matmul(a, w.ref)));
    const graph = await graphOf(loss, { x });
    expect(ops(graph)).toContain("Mean");
    for (const size of [2, 9]) {
      const other = { x: numbers([size, 4]) };
      const [mine, own] = [evaluateGraph(graph, other), ownValues(loss, other)];
      // One mean of at most 54 squares in float32.
      expect(Math.abs(Number(mine[0]) - Number(own[0]))).toBeLessThan(1e-5 * Number(own[0]));
    }
  });

  test("may appear as a number, its inverse, and a linear function of it", async () => {
    const f = (a: np.Array) => {
      const size = a.shape[0] ?? 0;
      const both = np.concatenate([a.ref, a], 0);
      return [np.sum(both.ref).mul(1 / (2 * size - 1)), both.mul(size), np.zeros([size, 3])];
    };
    const graph = await graphOf(f, { x });
    expect(shapes(graph)).toEqual(["[]", "[2*B, 4]", "[B, 3]"]);
    const other = { x: numbers([3, 4]) };
    const [mine, own] = [evaluateGraph(graph, other), ownValues(f, other)];
    for (const [i, values] of own.entries()) {
      for (const [j, value] of values.entries()) expect(mine[i]?.[j]).toBeCloseTo(value, 4);
    }
  });

  test.each([
    ["a reshape to fixed sizes", (a: np.Array) => a.reshape([5, 2, 2])],
    ["a loop over examples", (a: np.Array) => np.stack(np.split(a, a.shape[0] ?? 0, 0), 0)],
    ["a quadratic size", (a: np.Array) => np.einsum("ni,mi->nm", a.ref, a).reshape([-1])],
    [
      "zeros of a quadratic size",
      (a: np.Array) => [a.ref.mul(2), np.zeros([(a.shape[0] ?? 0) ** 2]).add(a.slice(0, 0))],
    ],
    ["all but the last example", (a: np.Array) => a.slice([0, -1])],
    [
      "an array of its length",
      (a: np.Array) =>
        a.ref.add(
          np
            .arange(a.shape[0] ?? 0)
            .reshape([-1, 1])
            .add(a),
        ),
    ],
  ])("stays concrete, with a note, for %s", async (_, f) => {
    const graph = await graphOf(f, { x });
    expect(graph.inputs.map((input) => shapeText(input.type.shape))).toEqual(["[5, 4]"]);
    expect(graph.notes[0]).toBe("specialised to batch size 5: the code follows no other size");
    expect(evaluateGraph(graph, { x })[0]?.length).toBe(ownValues(f, { x })[0]?.length);
  });
});

describe("names", () => {
  test("of parameters are paths, of outputs keys or numbers", async () => {
    const params = { layers: [{ w: w.ref }, { w: numbers([6, 2]) }] };
    const f = (a: np.Array, p: typeof params) => {
      const h = np.matmul(a, p.layers[0]?.w as np.Array);
      return { hidden: h.ref, out: { y: np.matmul(h, p.layers[1]?.w as np.Array) } };
    };
    const graph = await graphOf(f, { x }, params);
    expect(graph.parameters.map(({ names }) => names)).toEqual([["layers.0.w"], ["layers.1.w"]]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["hidden", "out.y"]);
    const pair = await graphOf((a: np.Array) => [a.ref, a.mul(2)], { x });
    expect(pair.outputs.map(({ name }) => name)).toEqual(["y_1", "y_2"]);
    expect(pair.inputs.map(({ attrs }) => attrs.name)).toEqual(["x"]);
  });

  test("show that one tensor is stored under two", async () => {
    const tied = numbers([4, 4]);
    const f = (a: np.Array, p: { e: np.Array; d: np.Array }) => np.matmul(np.matmul(a, p.e), p.d);
    const graph = await graphOf(f, { x }, { e: tied, d: tied });
    const { names, values, trainable } = only(graph.parameters);
    expect(names).toEqual(["e", "d"]);
    expect(trainable).toBe(true);
    expect([...(values?.() ?? [])]).toEqual([...tied.ref.dataSync()]);
  });

  test("of stored tensors that are no arguments are const_k; unused parameters are noted", async () => {
    const zeros = np.zeros([4]);
    const graph = await graphOf((a: np.Array) => np.add(a, zeros.ref), { x }, { forgotten: w });
    expect(graph.parameters.map(({ names, trainable }) => [names[0], trainable])).toEqual([
      ["forgotten", true],
      ["const_1", false],
    ]);
    expect(graph.notes).toEqual(["the parameter forgotten is not used"]);
  });
});

describe("lines", () => {
  test("of the user's file, also inside of functions that were compiled", async () => {
    const inner = jit(function block(a: np.Array) {
      return np.einsum("bi,ij->bj", a, w.ref);
    });
    const read: string[] = [];
    const graph = await traceJaxjs(
      jax,
      { params: {}, inputs: { x }, apply: (_: never, a: np.Array) => nn.softmax(inner(a)) } as never,
      { readSourceLine: (file, line) => `${read.push(file)} ${line}` },
    );
    const origin = (op: OpName) => graph.origins.get(graph.nodes.find((node) => node.op === op) as Node);
    expect(origin("Contract")).toMatchObject({ file: "trace.test.ts", module: "block", operator: "jax.dot" });
    expect(origin("Exp")).toMatchObject({ file: "trace.test.ts", operator: "jax.exp" });
    expect(origin("Exp")?.line).toBeGreaterThan(origin("Contract")?.line ?? Number.POSITIVE_INFINITY);
    expect(read.every((file) => file.endsWith("test/jaxjs/trace.test.ts"))).toBe(true);
    expect(origin("Exp")?.code).toBe(`${origin("Exp")?.code?.split(" ")[0]} ${origin("Exp")?.line}`);
  });

  test("cost nothing afterwards: the library is as before", async () => {
    let prototype: { processPrimitive: unknown } | undefined;
    const seen: unknown[] = [];
    const f = (a: np.Array) => {
      prototype = Object.getPrototypeOf(Reflect.get(a, "_trace")) as typeof prototype;
      seen.push(prototype?.processPrimitive);
      return a;
    };
    await graphOf(f, { x });
    expect(seen).not.toContain(prototype?.processPrimitive);
    await expect(
      graphOf(
        () => {
          throw new Error("stop");
        },
        { x },
      ),
    ).rejects.toThrow();
    const after = prototype?.processPrimitive;
    expect(String(after)).toContain("abstractEvalRules");
  });
});

describe("contractions", () => {
  const cube = numbers([3, 5, 4]);
  test.each([
    ["matmul", (a: np.Array) => np.matmul(a, w.ref), "ab,bc->ac"],
    ["einsum with a transposed result", (a: np.Array) => np.einsum("bi,ij->jb", a, w.ref), "ab,bc->ca"],
    ["einsum over the first axis", (a: np.Array) => np.einsum("bi,bj->ij", a.ref, a), "ab,ac->bc"],
    ["inner", (a: np.Array) => np.inner(a, numbers([6, 4])), "ab,cb->ac"],
    ["a vector", (a: np.Array) => np.matmul(a, numbers([4])), "ab,b->a"],
    ["a single column", (a: np.Array) => np.matmul(a, numbers([4, 1])), "ab,bc->ac"],
    [
      "tensordot over two axes",
      (a: np.Array) => np.tensordot(a.reshape([-1, 2, 2]), numbers([2, 2, 3])),
      "abc,bcd->ad",
    ],
    ["a stack on a matrix", () => np.matmul(cube.ref, w.ref), "abc,cd->abd"],
    ["stacks", () => np.matmul(cube.ref, numbers([3, 4, 2])), "abc,acd->abd"],
    ["attention scores", () => np.einsum("bik,bjk->bij", cube.ref, cube.ref), "abc,adc->abd"],
  ])("%s is one", async (_, f, equation) => {
    const graph = await graphOf(f, { x });
    expect(equations(graph)).toEqual([equation]);
    expect(ops(graph)).not.toContain("Transpose");
  });
});

describe("functions of the library", () => {
  test("are operators of the graph", async () => {
    const f = (a: np.Array) => [
      np.tanh(a.ref),
      nn.silu(a.ref),
      nn.gelu(a.ref),
      nn.gelu(a.ref, { approximate: false }),
      np.power(a, 3),
    ];
    const graph = await graphOf(f, { x });
    expect(ops(graph)).toEqual(["Input", "Tanh", "Silu", "Gelu", "Gelu", "Power"]);
    const kinds = graph.nodes.flatMap((node) => (node.op === "Gelu" ? [node.attrs.approximate] : []));
    expect(kinds).toEqual(["tanh", "none"]);
  });

  test("are not trusted by name: a function of the user's that is called tanh is read", async () => {
    const fake = jit(function tanh(a: np.Array) {
      return np.exp(a).mul(2);
    });
    const graph = await graphOf((a: np.Array) => fake(a), { x });
    expect(ops(graph)).not.toContain("Tanh");
    expect(ops(graph)).toContain("Exp");
    expect(graph.origins.get(graph.nodes.find((node) => node.op === "Exp") as Node)?.module).toBe("tanh");
    const almost = jit(function tanh(a: np.Array) {
      const sign = np.where(np.less(a.ref, 0), 1, -1);
      const e = np.exp(a.mul(sign.ref).mul(3));
      return e.ref.sub(1).div(e.add(1)).mul(sign);
    });
    expect(ops(await graphOf((a: np.Array) => almost(a), { x }))).not.toContain("Tanh");
  });

  test("without a meaning are unknown functions, with a note", async () => {
    const graph = await graphOf((a: np.Array) => np.sort(np.floor(a)), { x });
    expect(ops(graph)).toEqual(["Input", "Opaque", "Opaque"]);
    expect(graph.notes).toEqual([
      "jax-js's floor is kept as an unknown function",
      "jax-js's sort is kept as an unknown function",
    ]);
  });

  test("without a meaning that give integers are refused", async () => {
    await expect(graphOf((a: np.Array) => np.argsort(a), { x })).rejects.toThrow("argsort");
  });
});

describe("constants", () => {
  const texts = (graph: Graph): string[] =>
    graph.nodes.flatMap((node) => (node.op === "Constant" ? [toText(node.attrs.value)] : []));

  test("are the numbers that were written", async () => {
    const f = (a: np.Array) => np.tanh(a.mul(0.1).add(0.044715)).mul(1 / 3);
    expect(texts(await graphOf(f, { x }))).toEqual(["0.1", "0.044715", "1/3"]);
  });

  test("may be folded by the library in double precision", async () => {
    const folded = await graphOf((a: np.Array) => a.mul(np.multiply(0.1, 0.3)), { x });
    // The product of the two float32 is not the float32 nearest to 0.03.
    expect(texts(folded)).toEqual(["0.030000001"]);
  });

  test.each([
    [Math.sqrt(2 / Math.PI), "sqrt(2 / pi)", ["Constant", "NamedConstant", "Div", "Sqrt"]],
    [-Math.SQRT1_2, "-sqrt(0.5)", ["Constant", "Sqrt", "Neg"]],
    [Math.sqrt(768), "sqrt(768)", ["Constant", "Sqrt"]],
    [Math.PI / 2, "0.5 pi", ["Constant", "NamedConstant", "Mul"]],
    [1 / Math.PI, "1 / pi", ["Constant", "NamedConstant", "Div"]],
    [Math.sqrt(2 * Math.PI), "sqrt(2 pi)", ["Constant", "NamedConstant", "Mul", "Sqrt"]],
  ])("%d is read as %s, with a note", async (value, text, made) => {
    const graph = await graphOf((a: np.Array) => a.mul(value), { x });
    expect(ops(graph).slice(1, -1)).toEqual(made);
    expect(graph.notes).toEqual([`the constant ${Math.fround(value)} is read as ${text}`]);
  });

  test("of many digits that are nothing special stay decimals", async () => {
    const values = [1.0507009873554805, 1.6732632423543772, 0.2316419, 0.31938153, 1.2345678];
    for (const value of values) {
      const graph = await graphOf((a: np.Array) => a.mul(value), { x });
      expect([graph.notes, ops(graph)]).toEqual([[], ["Input", "Constant", "Mul"]]);
    }
  });

  test("in small arrays are numbers of the graph, where the array is made by the model itself", async () => {
    const grey = [0.299, 0.587, 0.114, 0];
    const written = await graphOf((a: np.Array) => np.matmul(a, np.array(grey)), { x });
    expect(texts(written)).toEqual(["0.299", "0.587", "0.114", "0"]);
    const stored = np.array(grey);
    const captured = await graphOf((a: np.Array) => np.matmul(a, stored.ref), { x });
    expect(captured.parameters.map(({ names }) => names[0])).toEqual(["const_1"]);
  });
});
