/** @file Blocks: modules with the same parameters, of other sizes, and layers of which no module tells. */
import { expect, test } from "vitest";
import { rational } from "../../src/base/rational.ts";
import { unfold } from "../../src/eval/unfold.ts";
import { bodyGraph, nest } from "../../src/ir/body.ts";
import type { Graph, Node, NodeOf } from "../../src/ir/graph.ts";
import type { Body } from "../../src/ir/operators.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { textOf } from "../../src/notation/text.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { isCall } from "../../src/ops/traits.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { blockNames, tidied } from "../../src/rewrite/tidy.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, isOneGraph } from "../arbitrary/agreement.ts";
import { printedPairs } from "../notation/read-back.ts";

interface Parts {
  /** A layer of a module of this class, or of none. */
  layer(x: Node, module: string | undefined, kind: string): Node;
  /** What a module joins of several values. */
  join(values: readonly Node[], module: string): Node;
  add(a: Node, b: Node): Node;
  /** The sum of all numbers of all values. */
  total(values: readonly Node[]): Node;
}

/** A model of layers x + tanh(x W + b) V, whose parameters have the path of their module. */
function model(
  inputs: Readonly<Record<string, number>>,
  make: (parts: Parts, inputs: readonly [Node, Node, Node]) => Node,
): Graph {
  const build = newBuilder();
  const given = Object.entries(inputs).map(([name, width]) =>
    build.node("Input", [], { name, shape: [2, width], dtype: "float32" }),
  );
  const parameters = new Map<string, NodeOf<"Parameter">>();
  const layer: Parts["layer"] = (x, module, kind) => {
    const width = Number(x.type.shape[1]);
    const path = module ?? `p${parameters.size}`;
    const parameter = (name: string, shape: readonly number[]): Node => {
      const node = build.node("Parameter", [], { name: `${path}.${name}`, shape, dtype: "float32" });
      parameters.set(`${path}.${name}`, node);
      return node;
    };
    const origin = module === undefined ? undefined : { module, classes: new Map([[module, kind]]) };
    return build.at(origin, () => {
      const product = (a: Node, w: Node): Node =>
        build.node("Contract", [a, w], { equation: "ab,bc->ac" }) as Node;
      const h = build.node("Add", [product(x, parameter("W", [width, 4])), parameter("b", [4])], {}) as Node;
      const a = build.node("Tanh", [h], {}) as Node;
      const y = build.node(
        "Mul",
        [product(a, parameter("V", [4, width])), parameter("g", [width])],
        {},
      ) as Node;
      return build.node("Add", [x, y], {}) as Node;
    });
  };
  const join: Parts["join"] = (values, module) =>
    build.at({ module, classes: new Map() }, () => build.node("Concat", values, { axis: 1 })) as Node;
  const add = (a: Node, b: Node): Node => build.node("Add", [a, b], {}) as Node;
  const total = (values: readonly Node[]): Node =>
    values.map((value) => build.node("Sum", [value], { axes: [0, 1] }) as Node).reduce(add);
  const y = make({ layer, join, add, total }, given as unknown as readonly [Node, Node, Node]);
  const records = [...parameters].map(([name, node]) => ({ node, names: [name], trainable: true }));
  return build.graph({ name: "Net", inputs: given, parameters: records, outputs: [{ name: "y", node: y }] });
}

/** The text of the folded model, which unfolds to the very graph and reads back as the same function. */
function text(graph: Graph): string {
  const folded = fold(graph);
  expect(isOneGraph(unfold(folded).graph, graph)).toBe(true);
  const equations = equationsOf(folded, { width: 100 });
  const printed = textOf(equations, { width: 100, color: false });
  const spec = readSpec(printed, "printed.txt");
  expect(agreement(folded, spec, printedPairs(folded, equations, spec), 1), printed).toBe("equal");
  return printed;
}

test("a model that is used with the same parameters again is one definition, and the model that feeds it keeps its own", () => {
  const net = model({ noise: 3, real: 3 }, ({ layer, add }, [noise, real]) => {
    const fake = layer(noise, "generator", "Generator");
    return add(
      add(layer(real, "critic", "Critic"), layer(fake, "critic", "Critic")),
      layer(noise, "critic", "Critic"),
    );
  });
  const printed = text(net);
  expect(printed.match(/Critic_1\(/g)).toHaveLength(3);
  expect(printed).toContain("Generator(noise)");
  expect(printed.match(/^(?:Critic|Generator)\(/gm)).toEqual(["Generator(", "Critic("]);
});

test("modules with parameters of their own are uses without a number", () => {
  const net = model({ a: 3, b: 3, c: 3 }, ({ layer, add }, [a, b, c]) =>
    add(add(layer(a, "one", "Layer"), layer(b, "two", "Layer")), layer(c, "three", "Layer")),
  );
  const printed = text(net);
  expect(printed.match(/Layer\([abc]\)/g)).toHaveLength(3);
  expect(printed).not.toContain("Layer_1");
});

test("modules that differ in sizes only are one block with letters for these", () => {
  const net = model({ a: 3, b: 5, c: 7 }, ({ layer, total }, inputs) =>
    total(inputs.map((x, place) => layer(x, `layers.${place}`, "Layer"))),
  );
  const blocks = new Set(
    fold(net)
      .nodes.filter(isCall)
      .map(({ attrs }) => bodyGraph(attrs.body).name),
  );
  expect([...blocks]).toEqual(["Layer"]);
  expect(text(net)).toMatch(/^Layer\(x : \[2, C\]\) = /m);
});

test("modules that join ever more of what was before are one block of what is joined", () => {
  const net = model({ a: 3, b: 5 }, ({ layer, join, total }, [a, b]) => {
    const values = [a, b];
    for (const path of ["dense.0", "dense.1", "dense.2"])
      values.push(layer(join(values, path), path, "DenseLayer"));
    return total(values);
  });
  const printed = text(net);
  expect(printed.match(/DenseLayer\(concat_\d+\(a, b/g)).toHaveLength(3);
  expect(printed.match(/^DenseLayer\d*\(/gm)).toHaveLength(1);
});

test("modules that join the same number of values do so themselves", () => {
  const net = model({ a: 3, b: 3, c: 3 }, ({ layer, join, total }, [a, b, c]) => {
    const pairs = [
      [a, b],
      [b, c],
      [c, a],
    ] as const;
    return total(pairs.map((pair, i) => layer(join(pair, `up.${i}`), `up.${i}`, "Up")));
  });
  expect(text(net).match(/Block\([abc], [abc]\)/g)).toHaveLength(3);
});

test("layers of which no module tells are a repetition", () => {
  const net = model({ x: 3 }, ({ layer }, [x]) =>
    [1, 2, 3, 4, 5].reduce((before) => layer(before, undefined, ""), x),
  );
  expect(text(net)).toMatch(/for l = 1\.\.5: x_1 = Block\(x_1\)/);
});

test("two layers of which no module tells are a repetition, whatever they start from", () => {
  const net = model({ x: 3 }, ({ layer, add }, [x]) => {
    const long = (before: Node): Node =>
      add(
        before,
        [1, 2].reduce((y) => layer(y, undefined, ""), before),
      );
    return long(long(x));
  });
  expect(text(net)).toMatch(/for l = 1\.\.2: x_1 = Block\(x_1\)/);
});

test("a layer around modules that repeat is the block, and these are written out in it", () => {
  const net = model({ x: 3 }, ({ layer, add }, [x]) => {
    const long = (before: Node, place: number): Node => {
      const own = layer(layer(before, `attention_${place}`, "Attention"), undefined, "");
      return add(before, layer(own, undefined, ""));
    };
    return [0, 1, 2].reduce(long, x);
  });
  const printed = text(net);
  expect(printed).toMatch(/for l = 1\.\.3: x_1 = Block\(x_1\)/);
  expect(printed).not.toContain("Attention");
});

test.each([
  ["is the block that deeper ones are", 5, 4],
  ["is written out where it would make another block of them", 3, 3],
])("a module that stands less deep %s", (_, width, uses) => {
  const net = model({ a: 3, b: width, c: 7 }, ({ layer, total }, [a, b, c]) =>
    total([
      layer(a, "one.norm", "Layer"),
      layer(b, "two.norm", "Layer"),
      layer(a, "three.norm", "Layer"),
      layer(c, "norm", "Layer"),
    ]),
  );
  expect(text(net).match(/Layer(?:_\d)?\((?:a|b|c)\)/g)).toHaveLength(uses);
});

test.each([
  ["a short block that is used at one place", 24, 100, false],
  ["a longer one that makes half a page with what is around it", 30, 34, false],
  ["a longer one that makes more", 30, 35, true],
])("%s: %i operations, %i around it", (_, own, around, isKept) => {
  const build = newBuilder();
  const block = (name: string, count: number, used?: Body): Body => {
    const inside = newBuilder();
    const x = inside.node("Input", [], { name: "x", shape: [2], dtype: "float32" });
    let y = x as Node;
    if (used !== undefined)
      y = inside.node("Call", [y], { body: used, instance: 0, given: [], output: 0 }) as Node;
    for (let i = 0; i < count; i++) y = inside.node("Tanh", [y], {}) as Node;
    return nest(inside.graph({ name, inputs: [x], parameters: [], outputs: [{ name: "y", node: y }] }));
  };
  const inner = block("Inner", own);
  const outer = block("Outer", around, inner);
  const x = build.node("Input", [], { name: "x", shape: [2], dtype: "float32" });
  const use = (value: Node): Node =>
    build.node("Call", [value], { body: outer, instance: 0, given: [], output: 0 }) as Node;
  const outputs = [{ name: "y", node: use(use(x)) }];
  const names = blockNames(tidied(build.graph({ name: "Net", inputs: [x], parameters: [], outputs })));
  expect(names).toEqual(isKept ? ["Outer", "Inner"] : ["Outer"]);
});

test("uses on the same value with parameters of their own have numbers, a repetition has none", () => {
  const experts = model({ x: 3 }, ({ layer, total }, [x]) =>
    total([0, 1, 2].map((place) => layer(x, String(place), "Expert"))),
  );
  expect(text(experts)).toMatch(/Expert_1\(x\).*Expert_2\(x\)[^]*Expert_3\(x\)/);
  const chain = model({ x: 3 }, ({ layer, total }, [x]) =>
    total([[0, 1, 2].reduce((value, place) => layer(value, String(place), "Layer"), x)]),
  );
  expect(text(chain)).toContain("x_1 = Layer(x_1)");
});

test("a block of several sizes may use one whose windows are several elements wide", () => {
  const build = newBuilder();
  const parameters = new Map<string, NodeOf<"Parameter">>();
  const input = (name: string, width: number) =>
    build.node("Input", [], { name, shape: [2, width], dtype: "float32" });
  const inside = (classes: readonly (readonly [string, string])[], make: () => Node): Node =>
    build.at({ module: classes.at(-1)?.[0] ?? "", classes: new Map(classes) }, make);
  const gain = (path: string): Node => {
    const node = build.node("Parameter", [], { name: `${path}.g`, shape: [3], dtype: "float32" });
    parameters.set(`${path}.g`, node);
    return node;
  };
  const unary = (op: "Tanh" | "Sin", x: Node): Node => build.node(op, [x], {}) as Node;
  const windows = (path: string, x: Node, width: number): Node => {
    const parts = build.node("Reshape", [x], { shape: [2, width / 3, 3] });
    const scaled = build.node("Mul", [unary("Tanh", unary("Sin", parts as Node)), gain(path)], {}) as Node;
    return build.node("Reshape", [unary("Sin", unary("Tanh", scaled))], { shape: [2, width] }) as Node;
  };
  const stage = (path: string, x: Node, width: number): Node => {
    const own = [path, "Stage"] as const;
    const one = inside([own, [`${path}.0`, "Windows"]], () => windows(`${path}.0`, x, width));
    const two = inside([own, [`${path}.1`, "Windows"]], () => windows(`${path}.1`, unary("Sin", one), width));
    return inside([own], () => unary("Tanh", build.node("Add", [one, two], {}) as Node));
  };
  const inputs = [input("a", 6), input("b", 12), input("c", 24)];
  const outputs = inputs.map((x, place) => ({
    name: `y${place}`,
    node: stage(`stages.${place}`, x as Node, Number(x.type.shape[1])),
  }));
  const records = [...parameters].map(([name, node]) => ({ node, names: [name], trainable: true }));
  const printed = text(build.graph({ name: "Net", inputs, parameters: records, outputs }));
  expect(printed.match(/Stage\((?:a|b|c)\)/g)).toHaveLength(3);
  expect(printed).toContain("Stage(x : [2, 3 C]) ->");
});

/** Modules of a convolution with a window of 3, given by stride, padding and channels, and two of 1, one after the other. */
function convolutions(
  size: number,
  layers: readonly (readonly [stride: number, padding: number, channels: number])[],
): Graph {
  const build = newBuilder();
  const input = build.node("Input", [], { name: "x", shape: [1, 2, size], dtype: "float32" });
  const parameters: NodeOf<"Parameter">[] = [];
  const convolution = (x: Node, name: string, channels: number, sides: number, stride: number): Node => {
    const shape = [channels, x.type.shape[1] ?? 1, sides === 0 ? 1 : 3];
    const w = build.node("Parameter", [], { name, shape, dtype: "float32" });
    parameters.push(w);
    const padding = [[sides === 0 ? 0 : sides - 1, sides === 0 ? 0 : sides - 1]] as const;
    const attrs = { strides: [stride], padding, dilation: [1], groups: 1 };
    return build.node("Convolution", [x, w], attrs) as Node;
  };
  const y = layers.reduce<Node>((x, [stride, padding, channels], place) => {
    const path = `layers.${place}`;
    return build.at({ module: path, classes: new Map([[path, "Layer"]]) }, () => {
      const wide = build.node("Tanh", [convolution(x, `${path}.a`, channels, 0, 1)], {}) as Node;
      const moved = convolution(wide, `${path}.b`, channels, padding + 1, stride);
      const bent = build.node("Sin", [build.node("Tanh", [moved], {}) as Node], {}) as Node;
      return build.node("Tanh", [convolution(bent, `${path}.c`, channels, 0, 1)], {}) as Node;
    });
  }, input);
  const records = parameters.map((node) => ({ node, names: [node.attrs.name], trainable: true }));
  return build.graph({
    name: "Net",
    inputs: [input],
    parameters: records,
    outputs: [{ name: "y", node: y }],
  });
}

test("modules that differ in a stride and in channels are one block whose uses give these", () => {
  const printed = text(
    convolutions(32, [
      [2, 1, 3],
      [1, 1, 5],
      [2, 1, 3],
      [2, 1, 7],
    ]),
  );
  expect(printed).toMatch(/^Layer\(x : \[1, C, s S\]; s, K\) -> y : \[1, K, S\]$/m);
  const uses = [...printed.matchAll(/, s = (\d), K = (\d)\)/g)].map(([, s, k]) => [s, k]);
  expect(uses).toEqual([
    ["2", "3"],
    ["1", "5"],
    ["2", "3"],
    ["2", "7"],
  ]);
  expect(printed).toContain("stride = s, padding = 1");
});

test("where the channels of arguments decide those inside, uses give the stride only", () => {
  const printed = text(
    convolutions(32, [
      [2, 1, 2],
      [1, 1, 2],
      [2, 1, 2],
      [1, 1, 2],
    ]),
  );
  expect(printed).toMatch(/^Layer\(x : \[1, 2, s C\]; s\) -> y : \[1, 2, C\]/m);
});

test("a use gives the size of windows by what stands around them", () => {
  const graph = convolutions(12, [
    [1, 1, 2],
    [1, 2, 2],
    [1, 3, 2],
    [1, 2, 2],
  ]);
  // Without padding of the same width the size of the result is not that of the argument.
  expect(text(graph)).toMatch(/^Layer\(x : \[1, 2, C\]; p\) -> y : \[1, 2, C \+ 2 p - 2\]/m);
});

test("where no formula says how many windows there are for each stride, uses give none", () => {
  const layers = [1, 2, 1, 2, 1, 2].map((stride) => [stride, 0, 2] as const);
  const printed = text(convolutions(60, layers));
  expect(printed).not.toMatch(/; s/);
  expect(printed.match(/^Layer\(.*/gm)).toEqual([expect.stringMatching(/^Layer\(x : \[1, 2, C\]\) ->/)]);
});

test("a block whose uses give as much as it says is written out", () => {
  const printed = text(
    convolutions(32, [
      [2, 1, 3],
      [1, 1, 5],
    ]),
  );
  expect(printed).not.toContain("Layer");
});

test("a layer of another stride is told, though it is the same block", () => {
  const { notes } = fold(
    convolutions(64, [
      [1, 1, 2],
      [1, 1, 2],
      [2, 1, 2],
      [1, 1, 2],
    ]),
  );
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(
    /^layers\.2 differs from 3 others of Layer.*strides \[2\].*instead of.*strides \[1\]/,
  );
});

/** Causal convolutions x + tanh(sin(conv)) of windows of 2, each with a dilation. */
function causal(dilations: readonly number[]): Graph {
  const build = newBuilder();
  const input = build.node("Input", [], { name: "x", shape: [1, 2, 20], dtype: "float32" });
  const zero = build.node("Constant", [], { value: rational(0), dtype: "float32" });
  const parameters: NodeOf<"Parameter">[] = [];
  const y = dilations.reduce<Node>((x, dilation, place) => {
    const path = `layers.${place}`;
    return build.at({ module: path, classes: new Map([[path, "Layer"]]) }, () => {
      const filled = build.node("Pad", [x, zero], { axis: 2, before: dilation, after: 0, interior: 0 });
      const gates = ["f", "g"].map((name) => {
        const w = build.node("Parameter", [], {
          name: `${path}.${name}`,
          shape: [2, 2, 2],
          dtype: "float32",
        });
        parameters.push(w);
        const attrs = { strides: [1], padding: [[0, 0]] as const, dilation: [dilation], groups: 1 };
        return build.node("Tanh", [build.node("Convolution", [filled, w], attrs)], {});
      });
      return build.node("Add", [x, build.node("Mul", gates, {})], {}) as Node;
    });
  }, input);
  const records = parameters.map((node) => ({ node, names: [node.attrs.name], trainable: true }));
  return build.graph({
    name: "Net",
    inputs: [input],
    parameters: records,
    outputs: [{ name: "y", node: y }],
  });
}

test.each([
  ["grows by a factor", [1, 2, 4, 8], "for l = 1..4: x_1 = Layer(x_1, d = 2^(l - 1))"],
  ["begins with another number", [3, 6, 12, 24], "for l = 1..4: x_1 = Layer(x_1, d = 3 * 2^(l - 1))"],
  ["grows by steps", [3, 4, 5, 6], "for l = 1..4: x_1 = Layer(x_1, d = l + 2)"],
  ["falls by steps", [7, 5, 3, 1], "for l = 1..4: x_1 = Layer(x_1, d = 9 - 2 * l)"],
  ["begins again", [1, 2, 4, 1, 2, 4], "for l = 1..3: x_2 = Layer(x_2, d = 2^(l - 1))"],
  ["is the same in rounds behind others", [5, 2, 2, 2], "for l = 1..3: x_1 = Layer(x_1, d = 2)"],
  ["has no rule", [1, 2, 5, 3], "Layer(Layer(Layer(Layer(x, d = 1), d = 2), d = 5), d = 3)"],
])("a repetition in which what is given %s", (_, dilations, line) => {
  expect(text(causal(dilations))).toContain(line);
});
