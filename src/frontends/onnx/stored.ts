/** @file A model's tensors as nodes: parameters, numbers that its author wrote down, and formulas of positions. */
import { at, get } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import { quoted } from "../../diag/diagnostic.ts";
import { shapeText } from "../../ir/dim.ts";
import type { Node, Parameter } from "../../ir/graph.ts";
import { type Dtype, isReal } from "../../ir/type.ts";
import { numberNode } from "../common/literals.ts";
import type { Maker } from "../common/maker.ts";
import { copiesOf, patternOf, repeatedUpTo } from "../common/patterns.ts";
import { Contradiction } from "./contradiction.ts";
import type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  SparseTensorProto,
  TensorProto,
} from "./onnx_pb.ts";
import { absent, tensor, type Value } from "./scope.ts";
import { type Files, type StoredTensor, storedTensor } from "./tensors.ts";

/** All stored tensors of a model together, in bytes; beyond it only what shapes may depend on is read. */
export const valuesLimit: number = 16 * 2 ** 20;
/** Elements of a tensor of integers, or of a constant, up to which it is written as its numbers. */
const literalLimit = 64;
const integerLimit = 1024;
/** A matrix of as many different numbers is no other one's transposition by chance. */
const distinctNumbers = 8;

/** What a matrix shares with the transposition of one of exchanged sizes. */
const matrixKey = (rows: number, columns: number, values: Float64Array): string =>
  [rows, columns, at(values, 0), at(values, values.length - 1)].join();

/** What stands in the place of an input: numbers, a list of tensors, or nothing where the input is optional. */
export type Fixed = FixedTensor | readonly FixedTensor[] | undefined;
export interface FixedTensor {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly values: Float64Array;
}

interface Read extends Pick<StoredTensor, "shape" | "dtype" | "count"> {
  readonly values: Float64Array | undefined;
}

export class Stored {
  readonly #parameters = new Map<Node, Parameter>();
  /** Matrices that may be another's transposition, by what both have: sizes, and the corners that a transposition keeps. */
  readonly #matrices = new Map<string, Parameter[]>();
  readonly #maker: Maker;
  readonly #tensors: ReadonlyMap<TensorProto, Read>;
  readonly #isComputed: (name: string) => boolean;

  private constructor(
    maker: Maker,
    tensors: ReadonlyMap<TensorProto, Read>,
    isComputed: (name: string) => boolean,
  ) {
    [this.#maker, this.#tensors, this.#isComputed] = [maker, tensors, isComputed];
  }

  /** Reads what all tensors of a model are, and of those that are small or small together the numbers. */
  static async of(model: ModelProto, maker: Maker, files: Files, limit: number): Promise<Stored> {
    const graphs = model.graph === undefined ? [] : tensorsOf(model.graph);
    const protos = [...graphs, ...model.functions.flatMap(({ node }) => node.flatMap(tensorsOfNode))];
    const stored = protos.map((proto) => [proto, storedTensor(proto, files)] as const);
    const total = stored.reduce((sum, [, { bytes }]) => sum + bytes, 0);
    const isRead = ({ count, dtype }: StoredTensor): boolean =>
      total <= limit || count <= (isReal(dtype) ? literalLimit : integerLimit);
    if (total > limit) {
      maker.note(`the weights exceed ${limit / 2 ** 20} MiB, so their values are not read`);
    }
    const tensors = new Map<TensorProto, Read>();
    for (const [proto, own] of stored) {
      tensors.set(proto, { ...own, values: isRead(own) ? await own.load() : undefined });
    }
    return new Stored(maker, tensors, computedIn(model.graph));
  }

  /** An initializer: what was trained, unless it is a single number or a formula of positions. */
  parameter(proto: TensorProto): Node {
    const own = get(this.#tensors, proto);
    // Exporters number what they compute themselves: a single number among it is no bias.
    const isNumber = own.shape.length === 0 || (own.count === 1 && isAnonymous(proto.name));
    return (
      (isNumber ? this.#written(own) : undefined) ??
      this.#formula(own, proto.name) ??
      (isReal(own.dtype) ? this.#computed(own, proto.name) : this.#written(own)) ??
      this.#stored(own, proto.name)
    );
  }

  /** A tensor of an attribute: a formula, or numbers that the code holds, unless they are many. */
  constant(proto: TensorProto, name: string): Node {
    const own = get(this.#tensors, proto);
    return this.#formula(own, name) ?? this.#written(own) ?? this.#stored(own, name);
  }

  get parameters(): readonly Parameter[] {
    return [...this.#parameters.values()];
  }
  valuesOf(parameter: Node): Float64Array | undefined {
    return this.#parameters.get(parameter)?.values?.();
  }

  fixed(name: string, fixed: Fixed): Value {
    if (fixed === undefined) return absent;
    if (!isList(fixed)) return tensor(this.#fixed(name, fixed));
    return { kind: "sequence", items: fixed.map((item, index) => this.#fixed(`${name}.${index}`, item)) };
  }
  #fixed(name: string, { shape, dtype, values }: FixedTensor): Node {
    const own = { shape, dtype, values, count: values.length };
    return this.#written(own) ?? this.#stored(own, name);
  }

  /** A tensor of zeros but for a list of elements, written out. */
  sparse({ values, indices, dims }: SparseTensorProto): Node {
    const shape = dims.map(Number);
    const size = shape.reduce((product, dim) => product * dim, 1);
    const numbers = values && get(this.#tensors, values).values;
    const places = indices && get(this.#tensors, indices);
    if (numbers === undefined || places?.values === undefined || !(size <= valuesLimit / 8))
      throw new Contradiction("a large or incomplete sparse tensor", "a small one");
    const dense = new Float64Array(size);
    const rank = places.shape.length === 1 ? 1 : shape.length;
    for (const [i, value] of numbers.entries()) {
      const place = Array.from({ length: rank }, (_, axis) => at(places.values ?? [], i * rank + axis));
      const flat =
        rank === 1 ? at(place, 0) : place.reduce((sum, index, axis) => sum * at(shape, axis) + index, 0);
      if (!(flat >= 0 && flat < size)) throw new Contradiction(`element ${flat}`, `elements of ${size}`);
      dense[flat] = value;
    }
    const { dtype } = get(this.#tensors, values as TensorProto);
    const own = {
      shape,
      dtype,
      values: dense,
      count: size,
      bytes: 0,
      load: async () => Promise.resolve(dense),
    };
    return this.#written(own) ?? this.#stored(own, values?.name ?? "");
  }

  /** The numbers themselves, where they are few and finite. */
  #written({ shape, dtype, values, count }: Read): Node | undefined {
    if (
      values === undefined ||
      count > (isReal(dtype) ? literalLimit : integerLimit) ||
      values.some(Number.isNaN)
    )
      return undefined;
    const number = (value: number): Node =>
      isReal(dtype)
        ? numberNode(this.#maker, value, dtype, {})
        : this.#maker.constant(rational(value), dtype);
    if (count === 0) return this.#maker.apply("Broadcast", [this.#maker.constant(0, dtype)], { shape });
    const [first = 0] = values;
    // Of equal numbers one is enough.
    if (values.every((value) => Object.is(value, first))) return this.#maker.stretch(number(first), shape);
    const singles = Array.from(values, (value) => this.#maker.reshape(number(value), [1]));
    return this.#maker.reshape(this.#maker.concat(singles, 0), shape);
  }

  /**
   * What the exporter computed, where that shows in the numbers: the same one everywhere, as in a mask that hides nothing, or the same part
   * along the first axes, as a row that every position reads. A matrix may be a weight that was transposed.
   */
  #computed({ shape, dtype, values = new Float64Array() }: Read, name: string): Node | undefined {
    if (!this.#isComputed(name) || values.length === 0) return undefined;
    const first = at(values, 0);
    const isUniform = values.every((value) => value === first);
    if (isUniform && shape.length > 2) {
      this.#maker.note(
        `the stored tensor ${quoted(name)}, which the exporter computed, is ${first} everywhere`,
      );
      return this.#maker.stretch(numberNode(this.#maker, first, dtype, {}), shape);
    }
    const axes = repeatedUpTo(values, shape);
    const copies = copiesOf(shape, axes);
    if (isUniform || copies === 1) return undefined;
    const rest = shape.slice(axes);
    this.#maker.note(
      `the stored tensor ${quoted(name)}, which the exporter computed, holds ${copies} times the same ${shapeText(rest)}`,
    );
    const count = values.length / copies;
    const once = this.#stored({ shape: rest, dtype, count, values: values.subarray(0, count) }, name);
    return this.#maker.stretch(once, shape);
  }

  #formula({ shape, dtype, values }: Read, name: string): Node | undefined {
    const pattern = values && patternOf(this.#maker.build, values, shape, dtype);
    if (pattern !== undefined)
      this.#maker.note(`the stored tensor ${quoted(name)} is read as its formula: ${pattern.words}`);
    return pattern?.node;
  }

  #stored(own: Read, name: string): Node {
    const { shape, dtype, values } = own;
    const tied = this.#transposed(own, name);
    if (tied !== undefined) return tied;
    const node = this.#maker.build.node("Parameter", [], { name, shape, dtype });
    if (this.#parameters.has(node)) return node;
    const parameter: Parameter = {
      node,
      names: [name],
      trainable: isReal(dtype),
      mayBeComputed: true,
      ...(values === undefined ? {} : { values: () => values }),
    };
    this.#parameters.set(node, parameter);
    this.#remember(parameter, own);
    return node;
  }

  #remember(parameter: Parameter, { shape, values }: Read): void {
    const [rows = 0, columns = 0] = shape;
    if (values === undefined || shape.length !== 2 || !hasDistinct(values)) return;
    const key = matrixKey(rows, columns, values);
    const alike = this.#matrices.get(key);
    if (alike === undefined) this.#matrices.set(key, [parameter]);
    else alike.push(parameter);
  }

  /** Exporters store a matrix twice where a model uses it and its transposition: a tied embedding is one parameter still. */
  #transposed({ shape, values }: Read, name: string): Node | undefined {
    const [rows = 0, columns = 0] = shape;
    if (values === undefined || shape.length !== 2 || !hasDistinct(values)) return undefined;
    const isTransposed = (other: Float64Array): boolean =>
      values.every((value, i) => value === other[(i % columns) * rows + Math.floor(i / columns)]);
    const alike = this.#matrices.get(matrixKey(columns, rows, values)) ?? [];
    const found = alike.find(({ values: others }) => others !== undefined && isTransposed(others()));
    if (found === undefined) return undefined;
    const first = found.names.join(", ");
    this.#maker.note(
      `the stored tensor ${quoted(name)} holds the numbers of ${quoted(first)}, transposed: one parameter`,
    );
    return this.#maker.transpose(found.node, [1, 0]);
  }
}

/** Whether a tensor has enough different numbers; of a large one few have to be looked at. */
function hasDistinct(values: Float64Array): boolean {
  const seen = new Set<number>();
  return values.some((value) => seen.add(value).size >= distinctNumbers);
}

/** Whether a stored tensor is none of the model's own, where the exporter says which ones these are, as torch.onnx does. */
function computedIn(graph: GraphProto | undefined): (name: string) => boolean {
  const key = "pkg.torch.export.ExportedProgram.graph_signature";
  const signature = graph?.metadataProps.find((entry) => entry.key === key)?.value;
  if (signature === undefined) return () => false;
  const own = new Set(
    [...signature.matchAll(/: (?:PARAMETER|BUFFER) target='([^']*)'/g)].map(([, name]) => name),
  );
  return (name) => !own.has(name);
}

/** Names that exporters give by number. */
export const isAnonymous = (name: string): boolean => /^(?:val_|onnx::)/.test(name);

function tensorsOf(graph: GraphProto): TensorProto[] {
  const sparse = graph.sparseInitializer.flatMap(({ values, indices }) => [values, indices]);
  return [
    ...graph.initializer,
    ...sparse.filter((each) => each !== undefined),
    ...graph.node.flatMap(tensorsOfNode),
  ];
}
const tensorsOfNode = ({ attribute }: NodeProto): TensorProto[] => attribute.flatMap(tensorsOfAttribute);
const tensorsOfAttribute = ({ t, g }: AttributeProto): TensorProto[] => [
  ...(t === undefined || t.dataType === stringType ? [] : [t]),
  ...(g === undefined ? [] : tensorsOf(g)),
];
const stringType = 8;

const isList = (fixed: FixedTensor | readonly FixedTensor[]): fixed is readonly FixedTensor[] =>
  Array.isArray(fixed);
