/** @file One equation as its rule sees it: its operands as nodes, its parameters, and the builder. */
import { only } from "../../../base/assert.ts";
import type { Dim } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import type { TensorType } from "../../../ir/type.ts";
import type { KnownIntegers } from "../../../ops/known.ts";
import { Maker } from "../maker.ts";
import { Contradiction } from "./contradiction.ts";
import { type Equation, type Params, tensorType, type Variable, xlaTypeText } from "./program.ts";

/** An equation for which a primitive's rule has no meaning; it becomes Opaque, and `message` says why. */
export class NotCovered extends Error {}
/** What is no function of its operands, or can't be written as one; the program is refused. */
export class Refused extends Error {
  readonly want: string;

  constructor(got: string, want: string) {
    super(got);
    this.want = want;
  }
}

/** The values of an equation's results; those that nobody wants may be missing. */
export type Results = Node | readonly (Node | undefined)[];
export type Rule = (use: Application) => Results;
export type Rules = Readonly<Record<string, Rule>>;

export class Application extends Maker {
  readonly equation: Equation;
  readonly operands: readonly (Node | undefined)[];
  readonly known: KnownIntegers;

  constructor(
    make: Maker,
    known: KnownIntegers,
    equation: Equation,
    operands: readonly (Node | undefined)[],
  ) {
    super(make.build, make.note);
    this.known = known;
    this.equation = equation;
    this.operands = operands;
  }

  get params(): Params {
    return this.equation.params;
  }

  /** An operand that the wanted results need. */
  operand(place: number): Node {
    const node = this.operands[place];
    if (node !== undefined) return node;
    const got = `${this.operands.length} operands`;
    throw new Contradiction(this.equation.primitive, got, `at least ${place + 1}`);
  }
  get x(): Node {
    return this.operand(0);
  }
  get y(): Node {
    return this.operand(1);
  }
  get all(): readonly Node[] {
    return this.operands.map((_, place) => this.operand(place));
  }

  /** The declared type of a result. */
  type(place: number): TensorType {
    const variable = this.equation.outputs[place];
    if (variable === undefined)
      throw new Contradiction(this.equation.primitive, `${this.equation.outputs.length} results`, "more");
    return typeOf(variable);
  }
  get result(): TensorType {
    return this.type(0);
  }

  /** The integers that a node is, whatever the data are. */
  integers(node: Node): readonly Dim[] | undefined {
    return this.known.of(node);
  }
  /** The one integer that a scalar is. */
  integer(node: Node): Dim | undefined {
    const dims = this.integers(node);
    return dims?.length === 1 ? only(dims) : undefined;
  }

  unary(op: "Neg" | "Exp" | "Log" | "Sqrt" | "Reciprocal", x: Node): Node {
    return this.apply(op, [x], {});
  }
  max(x: Node, y: Node): Node {
    return this.apply("Maximum", [x, y], {});
  }
  min(x: Node, y: Node): Node {
    return this.apply("Minimum", [x, y], {});
  }
}

/** The graph's type of a variable. Throws Refused for keys of random numbers and the like. */
export function typeOf({ type }: Variable): TensorType {
  const known = tensorType(type);
  if (known !== undefined) return known;
  throw new Refused(`a value of type ${xlaTypeText(type)}`, "real numbers, integers and truth values");
}
