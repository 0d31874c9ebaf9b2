/** @file Shorthand for the graphs of the benchmarks, which are written node by node. */
import { at } from "../src/base/assert.ts";
import { rational } from "../src/base/rational.ts";
import { Maker } from "../src/frontends/common/maker.ts";
import type { Dim } from "../src/ir/dim.ts";
import type { Graph, Node, NodeOf, Parameter } from "../src/ir/graph.ts";
import { newBuilder } from "../src/ops/table.ts";

export class Sketch extends Maker {
  readonly #parameters: Parameter[] = [];
  readonly #inputs: NodeOf<"Input">[] = [];

  constructor() {
    super(newBuilder(), () => undefined);
  }

  indices(name: string, shape: readonly Dim[]): Node {
    const node = this.build.node("Input", [], { name, shape, dtype: "int64" });
    this.#inputs.push(node);
    return node;
  }

  parameter(name: string, ...shape: readonly Dim[]): Node {
    const node = this.build.node("Parameter", [], { name, shape, dtype: "float32" });
    this.#parameters.push({ node, names: [name], trainable: true });
    return node;
  }

  number(numerator: number, denominator = 1): Node {
    return this.apply("Constant", [], { value: rational(numerator, denominator), dtype: "float32" });
  }
  positions(size: Dim): Node {
    return this.apply("Iota", [], { size, dtype: "int64" });
  }

  einsum(equation: string, x: Node, y: Node): Node {
    return this.apply("Contract", [x, y], { equation });
  }
  view(x: Node, ...shape: readonly Dim[]): Node {
    return this.apply("Reshape", [x], { shape });
  }
  permute(x: Node, ...permutation: readonly number[]): Node {
    return this.apply("Transpose", [x], { permutation });
  }
  cut(x: Node, axis: number, start: Dim, stop: Dim): Node {
    return this.apply("Slice", [x], { axis, start, stop, step: 1 });
  }
  join(parts: readonly Node[], axis: number): Node {
    return this.apply("Concat", parts, { axis });
  }
  /** The mean over the last axis, which stays. */
  mean(x: Node): Node {
    const { shape } = x.type;
    const last = shape.length - 1;
    return this.view(this.apply("Mean", [x], { axes: [last] }), ...shape.slice(0, last), 1);
  }
  /** Scores of keys after the query are −∞. */
  causal(scores: Node, length: Dim): Node {
    const [query, key] = [this.view(this.positions(length), length, 1), this.positions(length)];
    const infinity = this.apply("NamedConstant", [], { name: "negative infinity", dtype: "float32" });
    return this.apply("Where", [this.apply("Less", [query, key], {}), infinity, scores], {});
  }

  graph(name: string, output: Node): Graph {
    return this.build.graph({
      name,
      inputs: this.#inputs,
      parameters: this.#parameters,
      outputs: [{ name: "logits", node: output }],
    });
  }
}

/** The size of an axis. */
export const sizeAt = (x: Node, axis: number): Dim => at(x.type.shape, axis);
