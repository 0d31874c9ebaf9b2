/** @file Shorthand for making the nodes of a graph, and the formulas that all front ends need. */
import { at, only } from "../../base/assert.ts";
import { isInteger, type Rational, rational } from "../../base/rational.ts";
import { type Dim, equalShapes, type Shape } from "../../ir/dim.ts";
import { type Builder, type Node, rebuild } from "../../ir/graph.ts";
import type { OpAttrs, OpName } from "../../ir/operators.ts";
import { type Dtype, isReal } from "../../ir/type.ts";

/** Operators without attributes. */
export type Plain = { [N in OpName]: keyof OpAttrs[N] extends never ? N : never }[OpName];

export class Maker {
  readonly build: Builder;
  /** Hears what is worth saying about the nodes that were made. */
  readonly note: (text: string) => void;

  constructor(build: Builder, note: (text: string) => void) {
    this.build = build;
    this.note = note;
  }

  apply<N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]): Node {
    return this.build.node(op, inputs, attrs) as unknown as Node;
  }
  constant(value: Rational | number, dtype: Dtype): Node {
    return this.apply("Constant", [], { value: typeof value === "number" ? rational(value) : value, dtype });
  }
  /** Numbers that the program holds, in row-major order. */
  list(values: readonly number[], shape: Shape, dtype: Dtype): Node {
    if (values.length === 0) return this.stretch(this.constant(0, dtype), shape);
    const singles = values.map((value) => this.reshape(this.constant(value, dtype), [1]));
    return this.reshape(this.concat(singles, 0), shape);
  }
  /** A size as a number: one that is not known yet is counted when the program runs, as the sum of as many ones. */
  size(size: Dim, dtype: Dtype): Node {
    if (typeof size === "number") return this.constant(size, dtype);
    const ones = this.apply("Broadcast", [this.constant(1, dtype)], { shape: [size] });
    return this.apply("Sum", [ones], { axes: [0] });
  }

  add(x: Node, y: Node): Node {
    return this.apply("Add", [x, y], {});
  }
  sub(x: Node, y: Node): Node {
    return this.apply("Sub", [x, y], {});
  }
  mul(x: Node, y: Node): Node {
    return this.apply("Mul", [x, y], {});
  }
  div(x: Node, y: Node): Node {
    return this.apply("Div", [x, y], {});
  }

  not(x: Node): Node {
    return this.apply("Not", [x], {});
  }
  and(x: Node, y: Node): Node {
    return this.apply("And", [x, y], {});
  }
  or(x: Node, y: Node): Node {
    return this.not(this.and(this.not(x), this.not(y)));
  }
  less(x: Node, y: Node): Node {
    return this.apply("Less", [x, y], {});
  }
  equal(x: Node, y: Node): Node {
    return this.apply("Equal", [x, y], {});
  }
  where(condition: Node, x: Node, y: Node): Node {
    return this.apply("Where", [condition, x, y], {});
  }
  /** Truth of any number: x ≠ 0. */
  truth(x: Node): Node {
    return x.type.dtype === "bool" ? x : this.not(this.equal(x, this.constant(0, x.type.dtype)));
  }

  reshape(x: Node, shape: Shape): Node {
    return this.apply("Reshape", [x], { shape });
  }
  /** x repeated to a shape, which may be its own. */
  stretch(x: Node, shape: Shape): Node {
    return equalShapes(x.type.shape, shape) ? x : this.apply("Broadcast", [x], { shape });
  }
  slice(x: Node, axis: number, start: Dim, stop: Dim): Node {
    return this.apply("Slice", [x], { axis, start, stop, step: 1 });
  }
  concat(parts: readonly Node[], axis: number): Node {
    return parts.length === 1 ? only(parts) : this.apply("Concat", parts, { axis });
  }
  transpose(x: Node, permutation: readonly number[]): Node {
    const isInOrder = permutation.every((axis, i) => axis === i);
    return isInOrder ? x : this.apply("Transpose", [x], { permutation });
  }

  cast(x: Node, dtype: Dtype): Node {
    return x.type.dtype === dtype ? x : this.apply("Cast", [x], { dtype });
  }
  /** A cast that may go from reals to integers where x is a bare number, reshaped or repeated. */
  weakCast(x: Node, dtype: Dtype): Node | undefined {
    if (isReal(dtype) || !isReal(x.type.dtype)) return this.cast(x, dtype);
    if (x.op === "Constant" && isInteger(x.attrs.value)) return this.constant(x.attrs.value, dtype);
    const source =
      x.op === "Reshape" || x.op === "Broadcast" ? this.weakCast(at(x.inputs, 0), dtype) : undefined;
    return source && rebuild(this.build, x, [source]);
  }
}
