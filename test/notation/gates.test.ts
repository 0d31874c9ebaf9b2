/** @file Gated cells are known by how they are made, whatever a program calls their values. */
import { describe, expect, test } from "vitest";
import { nest } from "../../src/ir/body.ts";
import type { Node } from "../../src/ir/graph.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { textOf } from "../../src/notation/text.ts";
import { Sketch } from "../arbitrary/sketch.ts";

/** One step, from two values of the step before. */
class Step extends Sketch {
  readonly a: Node = this.input("carry_1", [3]);
  readonly b: Node = this.input("carry_2", [3]);
  readonly x: Node = this.input("x_0", [3]);

  gate(shift: number): Node {
    return this.apply("Sigmoid", [this.inner(shift)], {});
  }
  tanh(value: Node): Node {
    return this.apply("Tanh", [value], {});
  }
  inner(shift: number): Node {
    return this.add(this.mul(this.x, this.b), this.number(shift));
  }
  left(gate: Node, of = 1): Node {
    return this.apply("Sub", [this.number(of), gate], {});
  }
}

/** The equations of steps. */
function printed(make: (s: Step) => readonly [Node, Node]): string {
  const step = new Step();
  const [a, b] = make(step);
  const body = nest(step.graph("", { carry_1: a, carry_2: b }));
  const sketch = new Sketch();
  const operands = [sketch.input("a", [3]), sketch.input("b", [3]), sketch.input("x", [5, 3])];
  const attrs = { body, carries: 2, sequences: 1, output: 1, reverse: false };
  const graph = sketch.graph("M", {
    output: sketch.apply("Exp", [sketch.apply("Scan", operands, attrs)], {}),
  });
  return textOf(equationsOf(graph, { width: 100 }), { width: 100, color: false });
}

const memory = (s: Step): Node => s.add(s.mul(s.gate(1), s.a), s.mul(s.gate(2), s.tanh(s.inner(3))));

describe("an LSTM", () => {
  test("has gates, a candidate, a memory and a state", () => {
    const text = printed((s) => [memory(s), s.mul(s.gate(4), s.tanh(memory(s)))]);
    expect(text).toMatch(/f_t = sigmoid\(\w+ \+ 1\)/);
    expect(text).toMatch(/i_t = sigmoid\(\w+ \+ 2\)/);
    expect(text).toMatch(/g_t = tanh\(\w+ \+ 3\)/);
    expect(text).toMatch(/o_t = sigmoid\(\w+ \+ 4\)/);
    expect(text).toContain("c_t = f_t * c_{t-1} + i_t * g_t");
    expect(text).toContain("h_t = o_t * tanh(c_t)");
  });

  test("may have its factors and its sum in other orders", () => {
    const text = printed((s) => {
      const sum = s.add(s.mul(s.tanh(s.inner(3)), s.gate(2)), s.mul(s.a, s.gate(1)));
      return [sum, s.mul(s.tanh(sum), s.gate(4))];
    });
    expect(text).toContain("c_t = g_t * i_t + c_{t-1} * f_t");
    expect(text).toContain("h_t = tanh(c_t) * o_t");
  });

  test("has no letters where nothing is made of tanh of the memory", () => {
    expect(printed((s) => [memory(s), s.mul(s.gate(4), memory(s))])).not.toContain("o_t");
  });

  test("has no letters where nothing keeps the memory", () => {
    const kept = (s: Step): Node => s.add(s.mul(s.gate(1), s.b), s.mul(s.gate(2), s.tanh(s.inner(3))));
    expect(printed((s) => [s.a, s.mul(s.gate(4), s.tanh(kept(s)))])).not.toContain("f_t");
  });
});

describe("a GRU", () => {
  const state = (s: Step, kept: Node, taken: Node): Node => {
    const reset = s.mul(s.gate(1), s.inner(2));
    return s.add(s.mul(taken, s.tanh(reset)), s.mul(kept, s.b));
  };

  test("has a reset, an update and a candidate", () => {
    const text = printed((s) => [s.a, state(s, s.gate(3), s.left(s.gate(3)))]);
    expect(text).toMatch(/r_t = sigmoid\(\w+ \+ 1\)/);
    expect(text).toMatch(/z_t = sigmoid\(\w+ \+ 3\)/);
    expect(text).toMatch(/n_t = tanh\(r_t \* \(\w+ \+ 2\)\)/);
    expect(text).toContain("h_t = (1 - z_t) * n_t + z_t * h_{t-1}");
  });

  test("may take the candidate by the gate", () => {
    const text = printed((s) => [s.a, state(s, s.left(s.gate(3)), s.gate(3))]);
    expect(text).toContain("h_t = z_t * n_t + (1 - z_t) * h_{t-1}");
  });

  test("has no letters where both parts are not one", () => {
    expect(printed((s) => [s.a, state(s, s.gate(3), s.left(s.gate(3), 2))])).not.toContain("n_t");
  });
});
