/** @file Blocks with several results: modules that give more than one value, and what repetitions hand on, keep and are given. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { unfold } from "../../src/eval/unfold.ts";
import { bodyGraph } from "../../src/ir/body.ts";
import type { Graph, Node, NodeOf } from "../../src/ir/graph.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { textOf } from "../../src/notation/text.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { isCall } from "../../src/ops/traits.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { readSpec } from "../../src/spec/read.ts";
import { isOneGraph } from "../arbitrary/agreement.ts";
import { printedAgreement } from "../notation/read-back.ts";

type Layer = (place: number, x: Node, c: Node) => readonly [y: Node, state: Node];

interface Net {
  readonly input: (name: string) => Node;
  /** y = tanh(x W + c V) and the state c tanh(x U), in a module of its own where modules are told. */
  readonly layer: Layer;
  readonly add: (a: Node, b: Node) => Node;
}

function model(make: (net: Net) => Readonly<Record<string, Node>>, tellsModules = true): Graph {
  const build = newBuilder();
  const inputs: NodeOf<"Input">[] = [];
  const parameters: NodeOf<"Parameter">[] = [];
  const input = (name: string): Node => {
    inputs.push(build.node("Input", [], { name, shape: [2, 3], dtype: "float32" }));
    return inputs.at(-1) as unknown as Node;
  };
  const add = (a: Node, b: Node): Node => build.node("Add", [a, b], {}) as Node;
  const layer: Layer = (place, x, c) => {
    const module = `layers.${place}`;
    const product = (value: Node, name: string): Node => {
      const weight = build.node("Parameter", [], {
        name: `${module}.${name}`,
        shape: [3, 3],
        dtype: "float32",
      });
      if (!parameters.includes(weight)) parameters.push(weight);
      return build.node("Contract", [value, weight as unknown as Node], { equation: "ab,bc->ac" }) as Node;
    };
    const tanh = (value: Node): Node => build.node("Tanh", [value], {}) as Node;
    const origin = tellsModules ? { module, classes: new Map([[module, "Layer"]]) } : undefined;
    return build.at(origin, () => {
      const state = build.node("Mul", [c, tanh(product(x, "U"))], {}) as Node;
      return [tanh(add(product(x, "W"), product(state, "V"))), state] as const;
    });
  };
  const outputs = Object.entries(make({ input, layer, add })).map(([name, node]) => ({ name, node }));
  const records = parameters.map((node) => ({ node, names: [node.attrs.name], trainable: true }));
  return build.graph({ name: "Net", inputs, parameters: records, outputs });
}

/** The text of the folded model, which unfolds to the very graph and reads back as the same function. */
function text(graph: Graph): string {
  const folded = fold(graph);
  expect(isOneGraph(unfold(folded).graph, graph)).toBe(true);
  const equations = equationsOf(folded, { width: 100 });
  const printed = textOf(equations, { width: 100, color: false });
  expect(printedAgreement(folded, equations, readSpec(printed, "printed.txt")), printed).toBe("equal");
  return printed;
}

describe.each([
  ["of modules", true],
  ["of which no module tells", false],
])("in rounds %s", (_, tellsModules) => {
  test("both results are handed on", () => {
    const net = model(({ input, layer, add }) => {
      let [x, c] = [input("x"), input("c")] as readonly [Node, Node];
      for (const place of range(4)) [x, c] = layer(place, x, c);
      return { y: add(x, c) };
    }, tellsModules);
    expect(text(net)).toMatch(
      /for l = 1\.\.4: (\w+), (\w+) = Layer\(\1, \2\)|for l = 1\.\.4: (\w+), (\w+) = Layer\(\4, \3\)/,
    );
  });

  test("a result that others read has a name for each round, and so has what a round is given", () => {
    const net = model(({ input, layer }) => {
      let x = input("x");
      const states = range(3).map((place) => {
        const [y, state] = layer(place, x, input(`cache.${place}`));
        x = y;
        return [`state.${place}`, state] as const;
      });
      return { y: x, ...Object.fromEntries(states) };
    }, tellsModules);
    const printed = text(net);
    expect(printed).toMatch(/for l = 1\.\.3: x_1, \w+_\{?l(?:-1)?\}? = Layer\(x_1, cache_\{l-1\}\)/);
  });

  test("what is handed on and read besides is numbered from what the first round starts from", () => {
    const net = model(({ input, layer, add }) => {
      let [x, c] = [input("x"), input("c")] as readonly [Node, Node];
      const all = range(3).map((place) => {
        [x, c] = layer(place, x, c);
        return x;
      });
      return { y: all.reduce(add) };
    }, tellsModules);
    expect(text(net)).toMatch(/for l = 1\.\.3: x_l, \w+ = Layer\(.*x_\{l-1\}.*\)/);
  });
});

test("without modules, rounds end before one of which others read more", () => {
  const net = model(({ input, layer }) => {
    const c = input("c");
    let [x, state] = [input("x"), c] as readonly [Node, Node];
    for (const place of range(5)) [x, state] = layer(place, x, c);
    return { y: x, state };
  }, false);
  expect(text(net)).toMatch(/for l = 1\.\.4: x_1 = Layer\(x_1, c\)/);
});

test("without modules, rounds are given values of their own that nothing else reads", () => {
  const net = model(({ input, layer, add }) => {
    const caches = range(4).map((place) => input(`cache.${place}`));
    let x = input("x");
    for (const place of range(5)) [x] = layer(place, x, at(caches, place % 4));
    return { y: add(x, at(caches, 0)) };
  }, false);
  expect(text(net)).toMatch(/for l = 1\.\.3: (\w+) = Layer\(\1, cache_l\)/);
});

test("a result that one use alone is read of is an output of the block for all", () => {
  const net = model(({ input, layer, add }) => {
    const c = input("c");
    const results = ["a", "b", "d"].map((name, place) => layer(place, input(name), c));
    return { y: results.map(([y]) => y).reduce(add), state: at(results, 1)[1] };
  });
  const calls = fold(net).nodes.filter(isCall);
  expect(new Set(calls.map(({ attrs }) => attrs.body.key)).size).toBe(1);
  expect(calls.map(({ attrs }) => attrs.output).filter((output) => output > 0)).toEqual([1]);
  expect(bodyGraph(at(calls, 0).attrs.body).outputs).toHaveLength(2);
  text(net);
});

test("streams that read each other in each round are written use by use", () => {
  const net = model(({ input, layer, add }) => {
    let [x, y] = [input("x"), input("y")] as readonly [Node, Node];
    for (const place of range(3)) {
      const [a] = layer(2 * place, x, add(y, y));
      const [b] = layer(2 * place + 1, y, add(x, x));
      [x, y] = [a, b];
    }
    return { out: add(x, y) };
  });
  expect(text(net)).not.toContain("for l");
});

test("two rounds of which each gives something on are two equations", () => {
  const net = model(({ input, layer, add }) => {
    const [x, first] = layer(0, input("x"), input("c"));
    const [y, second] = layer(1, x, input("d"));
    return { y, s: add(first, second) };
  });
  expect(text(net)).not.toContain("for l");
});

test("what a module is given while it runs makes it no block", () => {
  const net = model(({ input, layer, add }) => {
    const results = ["a", "b", "d"].map((name, place) => {
      const x = input(name);
      const [, state] = layer(place, x, x);
      // The same module again, with what was computed of its first result outside.
      return layer(place, x, add(state, x));
    });
    return { y: results.map(([y]) => y).reduce(add), s: results.map(([, s]) => s).reduce(add) };
  });
  text(net);
});
