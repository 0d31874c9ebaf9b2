/** @file Graphs by hand in few words. */
import { rational } from "../../src/base/rational.ts";
import type { Dim, Shape } from "../../src/ir/dim.ts";
import type { Graph, Node, NodeOf, Parameter } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import type { Dtype } from "../../src/ir/type.ts";
import { newBuilder } from "../../src/ops/table.ts";

/** A builder with short names that collects inputs and parameters. */
export class Sketch {
  readonly #build = newBuilder();
  readonly #inputs: NodeOf<"Input">[] = [];
  readonly #parameters: Parameter[] = [];

  input(name: string, shape: Shape, dtype: Dtype = "float32"): Node {
    const node = this.#build.node("Input", [], { name, shape, dtype });
    this.#inputs.push(node);
    return node;
  }
  parameter(
    names: string | readonly string[],
    shape: Shape,
    trainable = true,
    dtype: Dtype = "float32",
  ): Node {
    const all = [names].flat();
    const node = this.#build.node("Parameter", [], { name: all.join(), shape, dtype });
    this.#parameters.push({ node, names: all, trainable });
    return node;
  }
  apply<N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]): Node {
    return this.#build.node(op, inputs, attrs) as unknown as Node;
  }
  number(numerator: number, denominator = 1): Node {
    return this.apply("Constant", [], { value: rational(numerator, denominator), dtype: "float32" });
  }
  add(x: Node, y: Node): Node {
    return this.apply("Add", [x, y], {});
  }
  mul(x: Node, y: Node): Node {
    return this.apply("Mul", [x, y], {});
  }
  neg(x: Node): Node {
    return this.apply("Neg", [x], {});
  }
  contract(equation: string, x: Node, y: Node): Node {
    return this.apply("Contract", [x, y], { equation });
  }
  /** x Wᵀ + b, with the weight as PyTorch stores it. */
  linear(name: string, x: Node, from: Dim, to: Dim): Node {
    const rank = x.type.shape.length;
    const equation = rank === 2 ? "ab,cb->ac" : "abc,dc->abd";
    const weight = this.parameter(`${name}.weight`, [to, from]);
    return this.add(this.contract(equation, x, weight), this.parameter(`${name}.bias`, [to]));
  }
  reshape(x: Node, shape: Shape): Node {
    return this.apply("Reshape", [x], { shape });
  }
  at<T>(line: number, make: () => T): T {
    return this.#build.at({ file: "src/model.py", line }, make);
  }
  graph(name: string, outputs: Readonly<Record<string, Node>>, notes: readonly string[] = []): Graph {
    return this.#build.graph({
      name,
      inputs: this.#inputs,
      parameters: this.#parameters,
      outputs: Object.entries(outputs).map(([key, node]) => ({ name: key, node })),
      notes,
    });
  }
}
