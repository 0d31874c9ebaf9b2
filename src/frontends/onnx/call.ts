/** @file One node of an ONNX graph as the operator table sees it: its operands, its attributes, and the maker of nodes. */
import { at } from "../../base/assert.ts";
import { type Rational, recognise } from "../../base/rational.ts";
import { quoted } from "../../diag/diagnostic.ts";
import type { Dim, Shape } from "../../ir/dim.ts";
import type { Node, NodeOf } from "../../ir/graph.ts";
import type { OpAttrs, OpName } from "../../ir/operators.ts";
import type { Dtype, TensorType } from "../../ir/type.ts";
import type { KnownIntegers } from "../../ops/known.ts";
import { Maker } from "../common/maker.ts";
import { Contradiction, DataDependent, NotCovered } from "./contradiction.ts";
import { elementType, elementTypeName } from "./dtypes.ts";
import { sizesInTheWay } from "./equal-sizes.ts";
import type { AttributeProto, GraphProto, NodeProto, TensorProto } from "./onnx_pb.ts";
import type { Sequence, Value } from "./scope.ts";

/** Lowers a graph that an attribute holds, in the place where the node stands. */
export interface Subgraphs {
  /** Its outputs for these inputs, as nodes of the same builder. */
  inline(graph: GraphProto, inputs: readonly Value[]): readonly Value[];
  /** The graph by itself, as the body of a recurrence: its inputs have the types given, in order. */
  body(graph: GraphProto, types: readonly TensorType[]): BodyParts;
}

/** A graph of its own builder. */
export interface BodyParts {
  readonly maker: Maker;
  readonly known: KnownIntegers;
  /** One for each type. */
  readonly inputs: readonly NodeOf<"Input">[];
  readonly outputs: readonly Node[];
  /** Values of the graph around that it uses, and the inputs that stand for them. */
  readonly captured: ReadonlyMap<Node, NodeOf<"Input">>;
}

export interface CallParts {
  readonly node: NodeProto;
  /** Version of the operator set that the node's domain has in this model. */
  readonly version: number;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
  /** Constant tensors of attributes, whose numbers were read before. */
  readonly constant: (tensor: TensorProto) => Node;
  /** The numbers of a stored tensor, where they were read. */
  readonly values: (parameter: Node) => Float64Array | undefined;
  readonly known: KnownIntegers;
  readonly subgraphs: Subgraphs;
  readonly maker: Maker;
}

const text = new TextDecoder();

export class Call extends Maker {
  readonly operator: string;
  readonly version: number;
  /** How many results the node names, and which of them it leaves out. */
  readonly outputs: readonly string[];
  readonly subgraphs: Subgraphs;
  readonly #parts: CallParts;

  constructor(parts: CallParts) {
    super(parts.maker.build, parts.maker.note);
    this.#parts = parts;
    this.operator = parts.node.opType;
    this.version = parts.version;
    this.outputs = parts.node.output;
    this.subgraphs = parts.subgraphs;
  }

  /** Throws EqualSizes where two sizes stand in each other's way that may be one. */
  override apply<N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]): Node {
    try {
      return super.apply(op, inputs, attrs);
    } catch (error) {
      throw sizesInTheWay(op, inputs, attrs) ?? error;
    }
  }

  // Operands

  get inputs(): readonly (Value | undefined)[] {
    return this.#parts.inputs;
  }
  value(index: number): Value {
    const value = this.inputs[index];
    if (value === undefined) throw new Contradiction(`no input ${index}`, "an input there");
    return value;
  }
  optional(index: number): Node | undefined {
    const value = this.inputs[index];
    if (value?.kind === "absent") return undefined;
    if (value !== undefined && value.kind !== "tensor") throw new Contradiction("a sequence", "a tensor");
    return value?.node;
  }
  input(index: number): Node {
    const node = this.optional(index);
    if (node === undefined) throw new Contradiction(`no input ${index}`, "a tensor there");
    return node;
  }
  /** All operands, which are tensors. */
  tensors(): Node[] {
    return this.inputs.map((_, index) => this.input(index));
  }
  sequence(index: number): Sequence {
    const value = this.inputs[index];
    if (value?.kind !== "sequence") throw new Contradiction(`input ${index} is no sequence`, "a sequence");
    return value;
  }

  // What operands are known to hold before there is data

  known(node: Node): readonly Dim[] | undefined {
    return this.#parts.known.of(node);
  }
  /** Integers that an operand holds, with sizes among them. `what` they are for is said where only data decides them. */
  dims(node: Node, what: string): readonly Dim[] {
    const dims = this.known(node);
    if (dims === undefined) throw this.#dataDependent(node, what);
    return dims;
  }
  integers(node: Node, what: string): number[] {
    return this.dims(node, what).map((dim) => this.concrete(dim, what));
  }
  concrete(dim: Dim, what: string): number {
    if (typeof dim === "number") return dim;
    throw new NotCovered(`${what} depends on a size that is not fixed`);
  }
  /** Numbers that an operand holds, which may be no integers. */
  numbers(node: Node, what: string): Float64Array {
    const numbers = this.#parts.known.numbers(node) ?? this.#parts.values(node);
    if (numbers === undefined) throw this.#dataDependent(node, what);
    return numbers;
  }
  #dataDependent(node: Node, what: string): DataDependent {
    const index = this.inputs.findIndex((value) => value?.kind === "tensor" && value.node === node);
    return new DataDependent(
      `${what} depends on the numbers of ${quoted(this.#parts.node.input[index] ?? "an operand")}`,
    );
  }
  sizes(shape: Shape, what: string): number[] {
    return shape.map((dim) => this.concrete(dim, what));
  }

  // Attributes

  has(name: string): boolean {
    return this.#parts.attributes.has(name);
  }
  #attribute(name: string): AttributeProto {
    const attribute = this.#parts.attributes.get(name);
    if (attribute === undefined) throw new Contradiction(`no attribute ${name}`, "one");
    return attribute;
  }
  int(name: string, byDefault?: number): number {
    if (!this.has(name) && byDefault !== undefined) return byDefault;
    return Number(this.#attribute(name).i);
  }
  flag(name: string, byDefault = false): boolean {
    return this.int(name, Number(byDefault)) !== 0;
  }
  ints(name: string): number[] | undefined {
    return this.has(name) ? this.#attribute(name).ints.map(Number) : undefined;
  }
  /** A number as the model's author wrote it: ONNX keeps single precision. */
  float(name: string, byDefault?: Rational): Rational {
    if (!this.has(name) && byDefault !== undefined) return byDefault;
    return this.#float(this.#attribute(name).f, name);
  }
  floats(name: string): Rational[] | undefined {
    return this.has(name) ? this.#attribute(name).floats.map((value) => this.#float(value, name)) : undefined;
  }
  #float(value: number, name: string): Rational {
    if (Number.isFinite(value)) return recognise(Math.fround(value), "float32");
    throw new NotCovered(`${name} is not finite`);
  }
  text(name: string, byDefault?: string): string {
    if (!this.has(name) && byDefault !== undefined) return byDefault;
    return text.decode(this.#attribute(name).s);
  }
  texts(name: string): string[] | undefined {
    return this.has(name) ? this.#attribute(name).strings.map((item) => text.decode(item)) : undefined;
  }
  graph(name: string): GraphProto {
    const { g } = this.#attribute(name);
    if (g === undefined) throw new Contradiction(`${name} holds no graph`, "a graph");
    return g;
  }
  tensor(name: string): Node {
    const { t } = this.#attribute(name);
    if (t === undefined) throw new Contradiction(`${name} holds no tensor`, "a tensor");
    return this.#parts.constant(t);
  }
  /** A dtype by its number in ONNX. */
  dtype(name: string, byDefault?: Dtype): Dtype {
    if (!this.has(name) && byDefault !== undefined) return byDefault;
    const number = Number(this.#attribute(name).i);
    const type = elementType(number);
    if (type === undefined) throw new NotCovered(`values of ${elementTypeName(number)}`);
    return type.dtype;
  }

  // Axes, which count from the end where they are negative

  axis(name: string, rank: number, byDefault?: number): number {
    return this.wrapped(this.int(name, byDefault), rank);
  }
  wrapped(axis: number, rank: number): number {
    const own = axis < 0 ? axis + rank : axis;
    if (own >= 0 && own < Math.max(rank, 1)) return own;
    throw new Contradiction(`axis ${axis}`, `an axis of a tensor of rank ${rank}`);
  }
  /** Sorted. */
  axes(list: readonly number[], rank: number): number[] {
    const axes = list.map((axis) => this.wrapped(axis, rank)).toSorted((a, b) => a - b);
    if (new Set(axes).size === axes.length) return axes;
    throw new Contradiction(`axes ${list.join(", ")}`, "different axes");
  }
  /** Axes that are an attribute in older versions of an operator and an operand in newer ones; `undefined` for none. */
  axesOf(name: string, input: number): number[] | undefined {
    const operand = this.optional(input);
    return operand === undefined ? this.ints(name) : this.integers(operand, name);
  }

  /** The attributes as canonical text, for functions of which nothing else is known. */
  attributesText(): string {
    const shown = [...this.#parts.attributes.values()].map(({ name, f, i, s, floats, ints, strings }) => [
      name,
      f,
      String(i),
      text.decode(s),
      floats,
      ints.map(String),
      strings.map((item) => text.decode(item)),
    ]);
    return JSON.stringify(shown.toSorted((a, b) => (String(at(a, 0)) < String(at(b, 0)) ? -1 : 1)));
  }
}

/** The meaning of one operator; throws NotCovered for arguments without one, DataDependent for shapes that only data decides. */
export type Lower = (call: Call) => Node | readonly (Node | Value)[];
export type Rows = Readonly<Record<string, Lower>>;
