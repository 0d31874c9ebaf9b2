/**
 * @file One node of an exported program as the operator table sees it: its arguments by their schema names, and the
 * builder. Arguments that equal their default are absent from the file, so every optional one is read with its default.
 */
import { at } from "../../base/assert.ts";
import { type Rational, rational, recognise } from "../../base/rational.ts";
import type { Dim } from "../../ir/dim.ts";
import type { Builder, Node } from "../../ir/graph.ts";
import { type Dtype, isReal, type TensorType } from "../../ir/type.ts";
import type { KnownIntegers } from "../../ops/known.ts";
import { Contradiction } from "../common/contradiction.ts";
import { Maker } from "../common/maker.ts";
import { floatNode } from "./literals.ts";
import { type Argument, type ProgramNode, tensorNames } from "./schema.ts";

/** Arguments for which an operator's row has no meaning; the node becomes Opaque, and `message` says why. */
export class NotCovered extends Error {}
/** Arguments that make an operator random or change its input; the program is not a function, and is refused. */
export class NotAFunction extends Error {}

/** What names in the program stand for. */
export interface Scope {
  readonly known: KnownIntegers;
  tensor(name: string): Node;
  size(name: string): Dim;
  /** The operators that read a value, and `output` where it is one of the results. */
  readers(name: string): readonly string[];
}

export class Call extends Maker {
  readonly target: string;
  /** The types that the file declares for the results. */
  readonly declared: readonly TensorType[];
  readonly #scope: Scope;
  readonly #results: readonly string[];
  readonly #arguments: ReadonlyMap<string, Argument>;

  constructor(
    node: ProgramNode,
    build: Builder,
    scope: Scope,
    declared: readonly TensorType[],
    note: (text: string) => void,
  ) {
    super(build, note);
    this.target = node.target;
    this.declared = declared;
    this.#scope = scope;
    this.#results = node.outputs.flatMap(tensorNames);
    this.#arguments = new Map(node.inputs.map(({ name, arg }) => [name, arg]));
  }

  /** Whether anything reads a result. */
  isRead(result: number): boolean {
    const name = this.#results[result];
    return name !== undefined && this.#scope.readers(name).length > 0;
  }
  /** What integers the program computes before it sees data. */
  get known(): KnownIntegers {
    return this.#scope.known;
  }

  /** Type of the first result. */
  get result(): TensorType {
    return at(this.declared, 0);
  }

  // Reading

  has(name: string): boolean {
    const argument = this.#arguments.get(name);
    return argument !== undefined && argument.as_none === undefined;
  }

  tensor(name: string): Node {
    const found = this.optionalTensor(name);
    if (found === undefined) throw this.#misses(name, "a tensor");
    return found;
  }
  optionalTensor(name: string): Node | undefined {
    const argument = this.#arguments.get(name);
    const inner = argument?.as_optional_tensor ?? argument;
    return inner !== undefined && "as_tensor" in inner && inner.as_tensor !== undefined
      ? this.#scope.tensor(inner.as_tensor.name)
      : undefined;
  }
  /** Whether operators of other kinds, or the caller, read the tensor that an argument names. */
  isReadElsewhere(name: string): boolean {
    const argument = this.#arguments.get(name);
    const readers =
      argument === undefined ? [] : tensorNames(argument).flatMap((own) => this.#scope.readers(own));
    return readers.some((reader) => reader !== this.target);
  }
  tensors(name: string): Node[] {
    const list = this.#arguments.get(name)?.as_tensors;
    if (list === undefined) throw this.#misses(name, "a list of tensors");
    return list.map((tensor) => this.#scope.tensor(tensor.name));
  }
  /** Tensors of a list with gaps, such as the indices of x[:, i]. */
  optionalTensors(name: string): (Node | undefined)[] {
    const argument = this.#arguments.get(name);
    if (argument?.as_tensors !== undefined) return this.tensors(name);
    const list = argument?.as_optional_tensors;
    if (list === undefined) throw this.#misses(name, "a list of tensors");
    return list.map((item) => ("as_tensor" in item ? this.#scope.tensor(item.as_tensor.name) : undefined));
  }

  /** A tensor, or a Python number as a constant that does not widen `like`. */
  operand(name: string, like: Node): Node {
    return this.optionalTensor(name) ?? this.scalar(name, like);
  }
  /** A Python number, or a size, as a node. */
  scalar(name: string, like: Node): Node {
    const argument = this.#arguments.get(name);
    const { dtype } = like.type;
    if (argument?.as_float !== undefined) return this.#float(argument.as_float, this.#realLike(dtype));
    if (argument?.as_bool !== undefined) return this.constant(Number(argument.as_bool), dtype);
    const known = dtype === "bool" ? "int64" : dtype;
    if (argument?.as_int !== undefined) return this.constant(rational(argument.as_int), known);
    return this.size(this.dim(name), known);
  }
  #realLike(dtype: Dtype): Dtype {
    if (isReal(dtype)) return dtype;
    const declared = this.declared[0]?.dtype;
    return declared !== undefined && isReal(declared) ? declared : "float32";
  }
  #float(value: NonNullable<Argument["as_float"]>, dtype: Dtype): Node {
    if (value === "-Infinity" || value === "Infinity") {
      const infinity = this.apply("NamedConstant", [], { name: "negative infinity", dtype });
      return value === "Infinity" ? this.apply("Neg", [infinity], {}) : infinity;
    }
    if (typeof value === "string") throw new NotCovered(`the constant ${value}`);
    return floatNode(this, Number(value), dtype);
  }
  /** A number that the program holds as a float. */
  decimal(value: number, dtype: Dtype): Node {
    return floatNode(this, value, dtype);
  }

  /** A Python number, which may be infinite. */
  anyNumber(name: string): number {
    const value = this.#arguments.get(name)?.as_float;
    if (value === "Infinity") return Number.POSITIVE_INFINITY;
    if (value === "-Infinity") return Number.NEGATIVE_INFINITY;
    return this.float(name);
  }
  /** A finite Python number. */
  number(name: string, byDefault?: Rational): Rational {
    const argument = this.#arguments.get(name);
    if (argument?.as_int !== undefined) return rational(argument.as_int);
    if (typeof argument?.as_float === "string") throw new NotCovered(`${name} is ${argument.as_float}`);
    if (argument?.as_float !== undefined) return recognise(Number(argument.as_float), "float64");
    if (byDefault === undefined) throw this.#misses(name, "a number");
    return byDefault;
  }
  int(name: string, byDefault?: number): number {
    const size = this.dim(name, byDefault);
    if (typeof size !== "number") throw new NotCovered(`${name} is a symbolic size`);
    return size;
  }
  isSize(name: string): boolean {
    return this.#arguments.get(name)?.as_sym_int !== undefined;
  }
  dim(name: string, byDefault?: number): Dim {
    const argument = this.#arguments.get(name);
    const symbolic = argument?.as_sym_int;
    if (symbolic !== undefined && "as_name" in symbolic) return this.#scope.size(symbolic.as_name);
    const value = symbolic?.as_int ?? argument?.as_int;
    if (value !== undefined) return Number(value);
    if (byDefault === undefined) throw this.#misses(name, "an integer");
    return byDefault;
  }
  dims(name: string): Dim[] {
    const argument = this.#arguments.get(name);
    if (argument?.as_ints !== undefined) return argument.as_ints.map(Number);
    if (argument?.as_int !== undefined) return [Number(argument.as_int)];
    const list = argument?.as_sym_ints;
    if (list === undefined) throw this.#misses(name, "a list of integers");
    return list.map((item) => ("as_name" in item ? this.#scope.size(item.as_name) : Number(item.as_int)));
  }
  ints(name: string): number[] {
    return this.dims(name).map((size) => {
      if (typeof size !== "number") throw new NotCovered(`${name} holds a symbolic size`);
      return size;
    });
  }
  float(name: string): number {
    const argument = this.#arguments.get(name);
    if (argument?.as_float !== undefined) return this.#finite(argument.as_float, name);
    return this.int(name);
  }
  floats(name: string): number[] {
    const list = this.#arguments.get(name)?.as_floats;
    if (list === undefined) throw this.#misses(name, "a list of numbers");
    return list.map((value) => this.#finite(value, name));
  }
  #finite(value: NonNullable<Argument["as_float"]>, name: string): number {
    if (typeof value === "string") throw new NotCovered(`${name} is ${value}`);
    return Number(value);
  }
  bool(name: string, byDefault: boolean): boolean {
    return this.#arguments.get(name)?.as_bool ?? byDefault;
  }
  text(name: string, byDefault?: string): string {
    const text = this.#arguments.get(name)?.as_string ?? byDefault;
    if (text === undefined) throw this.#misses(name, "a string");
    return text;
  }

  /** One axis, counted from the end when negative. */
  axis(name: string, rank: number, byDefault?: number): number {
    return this.#wrapped(this.int(name, byDefault), name, rank);
  }
  /** Sorted axes; all of them when the argument is absent or empty, as reductions take it. A scalar has none. */
  axes(name: string, rank: number): number[] {
    const given = this.has(name) ? this.ints(name) : [];
    if (given.length === 0 || rank === 0) return Array.from({ length: rank }, (_, axis) => axis);
    return this.axisList(name, rank).toSorted((a, b) => a - b);
  }
  /** Axes in the order given. */
  axisList(name: string, rank: number): number[] {
    const list = this.ints(name).map((axis) => this.#wrapped(axis, name, rank));
    if (new Set(list).size !== list.length) throw this.#misses(name, "different axes");
    return list;
  }
  #wrapped(axis: number, name: string, rank: number): number {
    const wrapped = axis < 0 ? axis + Math.max(rank, 1) : axis;
    if (!Number.isInteger(wrapped) || wrapped < 0 || wrapped >= Math.max(rank, 1)) {
      throw this.#misses(name, `an axis of a tensor of rank ${rank}`);
    }
    return wrapped;
  }

  #misses(name: string, want: string): Contradiction {
    const argument = this.#arguments.get(name);
    const got =
      argument === undefined ? `no argument ${name}` : `${name} = ${JSON.stringify(argument, jsonSafe)}`;
    return new Contradiction(this.target, got, want);
  }

  /** The arguments as canonical text; of a tensor only which parameter it is passed for. */
  attributesText(): string {
    const shown = [...this.#arguments].map(([name, argument]) => {
      return [
        name,
        isTensorArgument(argument) ? `${this.#listed(name, argument).length} tensors` : argument,
      ] as const;
    });
    shown.sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify(Object.fromEntries(shown), jsonSafe);
  }
  /** Every tensor among the arguments, in the file's order. */
  allTensors(): Node[] {
    return [...this.#arguments].flatMap(([name, argument]) =>
      isTensorArgument(argument) ? this.#listed(name, argument) : [],
    );
  }
  #listed(name: string, argument: Argument): Node[] {
    if (argument.as_tensors !== undefined || argument.as_optional_tensors !== undefined) {
      return this.optionalTensors(name).filter((node) => node !== undefined);
    }
    return [this.tensor(name)];
  }
}

const jsonSafe = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}` : value);

function isTensorArgument({
  as_tensor,
  as_tensors,
  as_optional_tensor,
  as_optional_tensors,
}: Argument): boolean {
  return (
    as_tensor !== undefined ||
    as_tensors !== undefined ||
    as_optional_tensors !== undefined ||
    (as_optional_tensor !== undefined && "as_tensor" in as_optional_tensor)
  );
}

/** The meaning of one operator; throws NotCovered for arguments without one. */
export type Lower = (call: Call) => Node | readonly Node[];
export type Rows = Readonly<Record<string, Lower>>;
