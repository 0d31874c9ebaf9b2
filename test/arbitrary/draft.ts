/** @file A random graph in the making: it draws numbers from a list and takes operands from what it has. */
import { at, range } from "../../src/base/assert.ts";
import { rational } from "../../src/base/rational.ts";
import { broadcastShapes, type Dim, type Shape, symbol } from "../../src/ir/dim.ts";
import type { Builder, Node, NodeOf, Parameter } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import { type Dtype, isReal } from "../../src/ir/type.ts";
import { newBuilder } from "../../src/ops/table.ts";

/** The value of size symbols in evaluation. */
export const batchSize = 2;
export const batch: Dim = symbol("B");
export const sizes: readonly Dim[] = [2, 3, batch, 1, 2, 4];

/** Names that a printer must keep apart from functions, sizes, indices and each other. */
const inputNames = ["x", "idx", "i", "B", "exp", "W_1", "W1", "n", "input.0"];
const parameterNames = ["fc1.weight", "fc1.bias", "W_1", "W1", "b", "k", "sum", "pi", "e", "h", "layer.0.w"];
const labels = ["h", "z", "W_1", "softmax", "hidden state", "j"];

/** One graph in the making. */
export class Draft {
  readonly build: Builder = newBuilder();
  readonly pool: Node[] = [];
  readonly inputs: NodeOf<"Input">[] = [];
  readonly parameters: Parameter[] = [];
  #choices: readonly number[] = [];
  #place = 0;

  step(choices: readonly number[], make: (draft: Draft) => Node): void {
    [this.#choices, this.#place] = [choices, 0];
    const node = make(this);
    if (!this.pool.includes(node)) this.pool.push(node);
    if (this.below(6) === 1) this.build.label(node, this.item(labels));
  }

  /** A number below `bound`. */
  below(bound: number): number {
    return (this.#choices[this.#place++] ?? 0) % bound;
  }
  item<T>(items: readonly T[]): T {
    return at(items, this.below(items.length));
  }
  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.below(2) === 1);
  }

  apply<N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]): Node {
    return this.build.node(op, inputs, attrs) as unknown as Node;
  }

  shape(rank: number): Shape {
    return range(rank).map(() => this.item(sizes));
  }

  input(shape: Shape, dtype: Dtype): Node {
    const known = this.inputs.map((input) => input.attrs.name);
    const name = unique(this.item(inputNames), known);
    const node = this.build.node("Input", [], { name, shape, dtype });
    this.inputs.push(node);
    return node;
  }

  parameter(shape: Shape, dtype: Dtype = "float32"): Node {
    const name = unique(
      this.item(parameterNames),
      this.parameters.map(({ node }) => node.attrs.name),
    );
    const node = this.build.node("Parameter", [], { name, shape, dtype });
    this.parameters.push({ node, names: [name], trainable: this.below(4) !== 1 });
    return node;
  }

  constant(dtype: Dtype = "float32"): Node {
    const value = rational(1 + this.below(5), isReal(dtype) ? at([1, 2, 3, 1000], this.below(4)) : 1);
    return this.apply("Constant", [], { value, dtype });
  }

  /** A value of the pool that fits, else a new parameter. */
  value(fits: (node: Node) => boolean, minimalRank = 0): Node {
    const found = this.pool.filter((node) => fits(node) && node.type.shape.length >= minimalRank);
    return found.length > 0
      ? at(found, found.length - 1 - this.below(found.length))
      : this.parameter(this.shape(2));
  }
  real(minimalRank = 0): Node {
    return this.value((node) => isReal(node.type.dtype), minimalRank);
  }

  /** Not e: of e^2, a power of e, and of exp(2) the prime field does not know that they are equal. */
  powerBase(): Node {
    return this.value((node) => isReal(node.type.dtype) && node.op !== "NamedConstant");
  }

  /** Something that broadcasts with x. */
  partner(x: Node): Node {
    const fitting = this.pool.filter(
      (node) =>
        isReal(node.type.dtype) &&
        broadcastShapes([x.type.shape, node.type.shape])?.length === x.type.shape.length,
    );
    if (this.below(2) === 0 && fitting.length > 0) return this.item(fitting);
    if (this.below(4) === 1) return this.constant();
    const suffix = x.type.shape.slice(this.below(x.type.shape.length + 1));
    return this.parameter(suffix.map((size) => (this.below(4) === 1 ? 1 : size)));
  }

  boolean(): Node {
    const known = this.pool.filter((node) => node.type.dtype === "bool");
    if (known.length > 0) return this.item(known);
    const x = this.real();
    return this.apply("Less", [x, this.partner(x)], {});
  }

  /** A condition on positions and another integer: as an index, the integers might be no row of a table. */
  positions(make: (positions: Node, other: Node) => Node): Node {
    const positions = this.apply("Iota", [], { size: this.item(sizes), dtype: "int64" });
    const number = (value: number): Node =>
      this.apply("Constant", [], { value: rational(value), dtype: "int64" });
    const integers = make(positions, number(1 + this.below(3)));
    const bound = number(this.below(4));
    return this.apply("Less", this.below(2) === 1 ? [integers, bound] : [bound, integers], {});
  }

  axis(x: Node): number {
    return this.below(x.type.shape.length);
  }
  axes(x: Node): number[] {
    const some = this.some(range(x.type.shape.length));
    return some.length > 0 ? some : [this.axis(x)];
  }
  concreteAxis(x: Node): number | undefined {
    const axes = range(x.type.shape.length).filter((axis) => typeof x.type.shape[axis] === "number");
    return axes.length === 0 ? undefined : this.item(axes);
  }
}

function unique(name: string, taken: readonly string[]): string {
  return taken.includes(name) ? unique(`${name}.${taken.length}`, taken) : name;
}
