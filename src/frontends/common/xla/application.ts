/** @file One equation as its rule sees it: its operands as nodes, its parameters, and the builder. */
import { at, only } from "../../../base/assert.ts";
import { type Dim, equalDims, type Shape } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import type { TensorType } from "../../../ir/type.ts";
import type { KnownIntegers } from "../../../ops/known.ts";
import { Contradiction } from "../contradiction.ts";
import { Maker } from "../maker.ts";
import {
  type Equation,
  type Params,
  tensorType,
  unknownSize,
  type Variable,
  xlaTypeText,
} from "./program.ts";

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
    const { shape, dtype } = typeOf(variable);
    return { dtype, shape: shape.includes(unknownSize) ? this.#told(shape) : shape };
  }
  /** A shape with unknown sizes as that of an operand with as many axes: what acts on each element has no other. */
  #told(shape: Shape): Shape {
    const fits = (own: Shape): boolean =>
      own.length === shape.length &&
      own.every((size, i) => shape[i] === unknownSize || equalDims(size, at(shape, i)));
    return this.operands.find((node) => node !== undefined && fits(node.type.shape))?.type.shape ?? shape;
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

/** An equation whose last operands say some of its parameters, as one that has them. */
export function sized(use: Application): Application {
  const { sizes = [], ...equation } = use.equation;
  if (sizes.length === 0) return use;
  const first = use.operands.length - sizes.length;
  const known = sizes.map((name, i) => {
    const dims = use.integers(use.operand(first + i));
    if (dims === undefined)
      throw new Refused(`${name} that depends on data`, "sizes that follow from those of the inputs");
    return [name, dims] as const;
  });
  const shape = known.find(([name]) => name === "shape")?.[1];
  const outputs = equation.outputs.map((output) =>
    shape ? { ...output, type: { ...output.type, shape } } : output,
  );
  const inputs = equation.inputs.slice(0, first);
  const params = equation.params.with(Object.fromEntries(known));
  return new Application(
    use,
    use.known,
    { ...equation, inputs, params, outputs },
    use.operands.slice(0, first),
  );
}

/** The graph's type of a variable. Throws Refused for keys of random numbers and the like. */
export function typeOf({ type }: Variable): TensorType {
  const known = tensorType(type);
  if (known !== undefined) return known;
  throw new Refused(`a value of type ${xlaTypeText(type)}`, "real numbers, integers and truth values");
}
