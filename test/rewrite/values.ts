/** @file What a case of a rewrite rule consists of, and the values that its graphs are made of. */
import { rational } from "../../src/base/rational.ts";
import { nest } from "../../src/ir/body.ts";
import { symbol } from "../../src/ir/dim.ts";
import type { Node, NodeOf } from "../../src/ir/graph.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { Sketch } from "../arbitrary/sketch.ts";

/** Values for the cases; every graph has all of them. */
export class Values extends Sketch {
  readonly x: Node = this.input("x", [symbol("B"), 3]);
  readonly z: Node = this.input("z", [symbol("B"), 3]);
  readonly square: Node = this.input("square", [3, 3]);
  readonly row: Node = this.input("row", [3]);
  readonly index: Node = this.input("index", [symbol("B"), 3], "int64");

  /** [B, T, H k] and [B, H, T, k]. */
  readonly wide: Node = this.input("wide", [symbol("B"), 4, 6]);
  readonly matrix: Node = this.input("matrix", [6, 6]);
  readonly stack: Node = this.input("stack", [symbol("B"), 2, 4, 3]);

  exp(a: Node): Node {
    return this.apply("Exp", [a], {});
  }
  sub(a: Node, b: Node): Node {
    return this.apply("Sub", [a, b], {});
  }
  div(a: Node, b: Node): Node {
    return this.apply("Div", [a, b], {});
  }
  reciprocal(a: Node): Node {
    return this.apply("Reciprocal", [a], {});
  }
  sigmoid(a: Node): Node {
    return this.apply("Sigmoid", [a], {});
  }
  squared(a: Node): Node {
    return this.apply("Square", [a], {});
  }
  sqrt(a: Node): Node {
    return this.apply("Sqrt", [a], {});
  }
  power(a: Node, numerator: number, denominator = 1): Node {
    return this.apply("Power", [a], { exponent: rational(numerator, denominator) });
  }
  sum(a: Node, ...axes: number[]): Node {
    return this.apply("Sum", [a], { axes });
  }
  mean(a: Node, ...axes: number[]): Node {
    return this.apply("Mean", [a], { axes });
  }
  variance(a: Node, axis: number, correction = 0): Node {
    return this.apply("Variance", [a], { axes: [axis], correction });
  }
  softmax(a: Node, axis: number): Node {
    return this.apply("Softmax", [a], { axis });
  }
  largest(a: Node, axis: number): Node {
    return this.apply("Max", [a], { axes: [axis] });
  }
  /** A reduction over the last axis, as a column. */
  column(a: Node): Node {
    return this.reshape(a, [symbol("B"), 1]);
  }
  centred(a: Node): Node {
    return this.sub(a, this.column(this.mean(a, 1)));
  }
  /** √(a + ε) as a column. */
  root(a: Node): Node {
    return this.column(this.sqrt(this.add(a, this.number(1, 1000))));
  }
  normalize(a: Node): Node {
    return this.apply("Normalize", [a], { axes: [1], epsilon: rational(1, 1000) });
  }
  rms(a: Node): Node {
    return this.apply("RmsNormalize", [a], { axes: [1], epsilon: rational(1, 1000) });
  }
  /** a − max a. */
  shifted(a: Node): Node {
    return this.sub(a, this.column(this.largest(a, 1)));
  }
  logSumExp(a: Node): Node {
    return this.apply("LogSumExp", [a], { axis: 1 });
  }
  logSoftmax(a: Node): Node {
    return this.apply("LogSoftmax", [a], { axis: 1 });
  }
  transpose(a: Node, ...permutation: number[]): Node {
    return this.apply("Transpose", [a], { permutation });
  }
  stretch(a: Node, ...leading: number[]): Node {
    return this.apply("Broadcast", [a], { shape: [...leading, ...a.type.shape] });
  }
  less(a: Node, b: Node): Node {
    return this.apply("Less", [a, b], {});
  }
  where(condition: Node, a: Node, b: Node): Node {
    return this.apply("Where", [condition, a, b], {});
  }
  leakyRelu(a: Node): Node {
    return this.apply("LeakyRelu", [a], { slope: rational(1, 100) });
  }
  not(a: Node): Node {
    return this.apply("Not", [a], {});
  }
  /** Integers other than 0 and 1. */
  integers(): Node {
    return this.add(this.index, this.apply("Constant", [], { value: rational(2), dtype: "int64" }));
  }
}

/** All steps of one of the outputs of a recurrence from the row: what it hands on, what it gives, or what it was given. */
export function recurrenceOver(v: Values, sequence: Node, output: number, reverse = false): Node {
  const builder = newBuilder();
  const [carry, x] = ["carry", "x"].map((name) =>
    builder.node("Input", [], { name, shape: [3], dtype: "float32" }),
  ) as [NodeOf<"Input">, NodeOf<"Input">];
  const sum = builder.node("Add", [carry, builder.node("Square", [x], {}) as Node], {}) as Node;
  const outputs = [sum, sum, carry as Node].map((node, i) => ({ name: `y${i}`, node }));
  const body = nest(builder.graph({ name: "body", inputs: [carry, x], parameters: [], outputs }));
  return v.apply("Scan", [v.row, sequence], { body, carries: 1, sequences: 1, output, reverse });
}

export type Make = (v: Values) => Node;

interface Condition {
  readonly near: Make;
  readonly wrong: Make;
}

export interface RuleCase {
  /** True of the reals, but not of the prime field, whose logarithm does not make sums of products. */
  readonly analytic?: true;
  readonly applies: readonly Make[];
  readonly conditions: Readonly<Record<string, Condition>>;
}

export type Cases = Readonly<Record<string, RuleCase>>;
