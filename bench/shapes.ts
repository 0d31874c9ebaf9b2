/** @file Graphs of a given number of operations without modules: some repeat, most do not. */
import { at, range } from "../src/base/assert.ts";
import { random } from "../src/base/random.ts";
import type { Graph, Node } from "../src/ir/graph.ts";
import { Sketch } from "./draw.ts";

const unary = ["Tanh", "Sin", "Cos", "Exp", "Abs", "Erf", "Sqrt"] as const;
const binary = ["Add", "Sub", "Mul", "Div"] as const;

/** Makes operations that are drawn from a fixed seed. */
class Drawing extends Sketch {
  readonly #source = random(1);

  below(bound: number): number {
    return this.#source.below(bound);
  }
  one(x: Node): Node {
    return this.apply(at(unary, this.below(unary.length)), [x], {});
  }
  two(x: Node, y: Node): Node {
    return this.apply(at(binary, this.below(binary.length)), [x, y], {});
  }
  reals(...shape: readonly number[]): Node {
    return this.apply("Cast", [this.indices("x", shape)], { dtype: "float32" });
  }
  /** f(x W + b). */
  layer(x: Node, name: string, from: number, to: number, op: (typeof unary)[number]): Node {
    const product = this.einsum("bi,io->bo", x, this.parameter(`${name}.w`, from, to));
    return this.apply(op, [this.add(product, this.parameter(`${name}.b`, to))], {});
  }
}

export const shapes: Readonly<Record<string, (operations: number) => Graph>> = {
  "stacks of 50 sizes": (operations) => {
    const s = new Drawing();
    const [stacks, layers] = [range(50), range(operations / 50 / 3)];
    let x = s.reals(2, 8);
    for (const stack of stacks)
      for (const layer of layers)
        x = s.layer(
          x,
          `${stack}.${layer}`,
          layer === 0 ? 8 + Math.max(0, stack - 1) : 8 + stack,
          8 + stack,
          "Tanh",
        );
    return s.graph("Stacks", x);
  },
  "layers of any size": (operations) => {
    const s = new Drawing();
    let [x, width] = [s.reals(2, 8), 8];
    for (const layer of range(operations / 3)) {
      const to = 8 + s.below(1000);
      x = s.layer(x, `layers.${layer}`, width, to, at(unary, s.below(unary.length)));
      width = to;
    }
    return s.graph("Layers", x);
  },
  "one operator": (operations) => {
    const s = new Drawing();
    return s.graph(
      "Tanh",
      range(operations).reduce((x) => s.apply("Tanh", [x], {}), s.reals(4)),
    );
  },
  "a random chain": (operations) => {
    const s = new Drawing();
    const next = (x: Node): Node => (s.below(2) === 0 ? s.one(x) : s.two(x, s.number(2 + s.below(7))));
    return s.graph("Chain", range(operations).reduce(next, s.reals(4)));
  },
  "two equal towers": (operations) => {
    const s = new Drawing();
    const names = range(operations / 2).map((): (typeof unary)[number] => at(unary, s.below(unary.length)));
    const tower = (x: Node): Node => names.reduce((value, op) => s.apply(op, [value], {}), x);
    const x = s.reals(4);
    return s.graph(
      "Towers",
      s.add(tower(s.mul(x, s.parameter("a", 4))), tower(s.mul(x, s.parameter("b", 4)))),
    );
  },
  "a random graph": (operations) => {
    const s = new Drawing();
    const nodes = [s.reals(4, 4)];
    const used = new Set<Node>();
    const pick = (): Node => {
      const node = at(nodes, s.below(nodes.length));
      used.add(node);
      return node;
    };
    while (nodes.length < operations) nodes.push(s.below(4) === 0 ? s.one(pick()) : s.two(pick(), pick()));
    return s.graph(
      "Random",
      nodes.filter((node) => !used.has(node)).reduce((a, b) => s.add(a, b)),
    );
  },
  "an unrolled RNN": (operations) => {
    const s = new Drawing();
    const steps = operations / 8;
    const x = s.reals(2, steps, 8);
    const [w, u, b] = [s.parameter("w", 8, 16), s.parameter("u", 16, 16), s.parameter("b", 16)];
    let state: Node = s.apply("Broadcast", [s.number(0)], { shape: [2, 16] });
    const states = range(steps).map((step) => {
      const own = s.einsum("bi,io->bo", s.view(s.cut(x, 1, step, step + 1), 2, 8), w);
      state = s.apply("Tanh", [s.add(s.add(own, s.einsum("bi,io->bo", state, u)), b)], {});
      return s.view(state, 2, 1, 16);
    });
    return s.graph("RNN", s.join(states, 1));
  },
  "growing concats": (operations) => {
    const s = new Drawing();
    let x = s.reals(2, 8);
    for (const layer of range(operations / 4))
      x = s.join([x, s.layer(x, `${layer}`, 8 + 4 * layer, 4, "Tanh")], 1);
    return s.graph("Dense", x);
  },
};
