/** @file Graphs that are deep, or that repeat seldom or late: they fold as small ones do, in time that grows as they do. */
import { expect, test, vi } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { unfold } from "../../src/eval/unfold.ts";
import { Maker } from "../../src/frontends/common/maker.ts";
import type { Graph, Node, NodeOf, Parameter } from "../../src/ir/graph.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { textOf } from "../../src/notation/text.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { apart } from "../../src/rewrite/cuts.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { reroll } from "../../src/rewrite/reroll.ts";
import { isOneGraph } from "../arbitrary/agreement.ts";

/** Deeper than the stack of calls. */
const deep = 15_000;

vi.setConfig({ testTimeout: 120_000 });

class Model extends Maker {
  readonly #inputs: NodeOf<"Input">[] = [];
  readonly #parameters: Parameter[] = [];

  constructor() {
    super(newBuilder(), () => undefined);
  }

  input(name: string, ...shape: readonly number[]): Node {
    const node = this.build.node("Input", [], { name, shape, dtype: "float32" });
    this.#inputs.push(node);
    return node;
  }
  parameter(name: string, ...shape: readonly number[]): Node {
    const node = this.build.node("Parameter", [], { name, shape, dtype: "float32" });
    this.#parameters.push({ node, names: [name], trainable: true });
    return node;
  }
  tanh(x: Node): Node {
    return this.apply("Tanh", [x], {});
  }
  product(a: Node, b: Node, equation = "ab,bc->ac"): Node {
    return this.apply("Contract", [a, b], { equation });
  }
  /** tanh(x W + b). */
  layer(x: Node, name: string, to = Number(x.type.shape[1])): Node {
    const w = this.parameter(`${name}.w`, Number(x.type.shape[1]), to);
    return this.tanh(this.apply("Add", [this.product(x, w), this.parameter(`${name}.b`, to)], {}));
  }
  /** Operations drawn from a seed: on the value before and a number, or on that and one a few places before. */
  drawn(x: Node, length: number, seed: number, other: "number" | "value" = "number"): Node {
    const source = random(seed);
    const values = [x];
    for (const _ of range(length)) {
      const last = at(values, values.length - 1);
      const before = at(values, Math.max(0, values.length - 1 - source.below(3)));
      const operand = other === "value" ? before : this.constant(2 + source.below(7), "float32");
      const op = at(["Add", "Sub", "Mul", "Div"] as const, source.below(4));
      values.push(this.apply(op, [last, operand], {}));
    }
    return at(values, length);
  }

  graph(...outputs: readonly Node[]): Graph {
    return this.build.graph({
      name: "Net",
      inputs: this.#inputs,
      parameters: this.#parameters,
      outputs: outputs.map((node, place) => ({ name: `y${place}`, node })),
    });
  }
}

/** The text of the folded model, which unfolds to the very graph. */
function text(graph: Graph): string {
  const rolled = reroll(raise(graph));
  const folded = fold(rolled);
  expect(isOneGraph(unfold(folded).graph, rolled)).toBe(true);
  return textOf(equationsOf(folded, { width: 100 }), { width: 100, color: false });
}

test("stacks of layers of several sizes are a repetition each, whose rounds end where the last one does", () => {
  const m = new Model();
  let x = m.input("x", 2, 3);
  for (const stack of range(4)) for (const i of range(8)) x = m.layer(x, `${stack}.${i}`, 3 + stack);
  const printed = text(m.graph(x));
  expect(printed.match(/for l = 1\.\.\d+/g)).toEqual([
    "for l = 1..8",
    "for l = 1..7",
    "for l = 1..7",
    "for l = 1..7",
  ]);
  expect(printed.match(/^Block\d?\(.*\) = tanh\(x w \+ b\)/gm)).toHaveLength(4);
});

test("rounds whose inside is read elsewhere are written out, those behind them are a repetition", () => {
  const m = new Model();
  const x = m.input("x", 2, 3);
  const second = m.layer(m.layer(x, "0"), "1");
  const inside = at(second.inputs, 0);
  const last = range(8).reduce((value, i) => m.layer(value, `${i + 2}`), second);
  expect(text(m.graph(last, inside))).toMatch(/for l = 1\.\.8: x_1 = Block\(x_1\)/);
});

test("what is alike in two places, but not repeated there, is searched through once", () => {
  const m = new Model();
  const towers = ["a", "b"].map((name) => m.drawn(m.tanh(m.input(name, 4)), 8000, 1));
  const printed = text(m.graph(m.apply("Mul", towers, {})));
  expect(printed.includes("y0 = ")).toBe(true);
  expect(printed.includes("for l")).toBe(false);
});

test("rounds that are long and could begin anywhere are searched for once", () => {
  const m = new Model();
  const long = 500;
  const x = range(deep / long).reduce((value) => m.drawn(m.tanh(value), long, 2), m.input("x", 4));
  expect(text(m.graph(x))).toContain(`for l = 1..${deep / long}: `);
});

test.each([
  ["a chain", deep, "number"],
  ["values that are used again", 300, "value"],
] as const)("%s is followed down by every question about what it ends in", (_, length, other) => {
  const m = new Model();
  const x = m.drawn(m.tanh(m.input("x", 6, 4)), length, 3, other);
  const weights = m.apply("Softmax", [x], { axis: 1 });
  const heard = m.product(weights, x, "ij,ik->jk");
  const rows = m.drawn(m.reshape(m.input("z", 2, 3, 4), [6, 4]), length, 3, other);
  const printed = text(
    m.graph(heard, m.reshape(rows, [2, 3, 4]), m.apply("Transpose", [x], { permutation: [1, 0] })),
  );
  expect(["y0", "y1 = ", "y2 = "].filter((line) => !printed.includes(line))).toEqual([]);
});

test("one place of a long chain is computed place by place", () => {
  const m = new Model();
  const x = m.drawn(m.tanh(m.input("x", 6)), deep, 4);
  const place = m.apply("Slice", [x], { axis: 0, start: 2, stop: 3, step: 1 });
  const cut = apart(m.graph(place));
  expect(at(cut?.outputs ?? [], 0).node.op).not.toBe("Slice");
});
