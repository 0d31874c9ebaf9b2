/**
 * @file What integers a program computes before it sees any data: shapes, positions, numbers of steps. Sizes that are not
 * known yet stand among them as symbols.
 */
import { at, range } from "../base/assert.ts";
import { isInteger, toNumber } from "../base/rational.ts";
import { float64 } from "../domain/float64.ts";
import {
  addDims,
  type Dim,
  elementCount,
  equalDims,
  exactQuotient,
  multiplyDims,
  signOf,
  subtractDims,
} from "../ir/dim.ts";
import type { Builder, Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import { definitionOf } from "./table.ts";
import { count, discrete, type Tensor } from "./tensor.ts";

/** Shapes have a few numbers, and tables of positions have more; larger tensors are data. */
const elementLimit = 2 ** 16;

/** Numbers, or integers with sizes among them. */
type Contents = Tensor<Float64Array> | { readonly kind: "dims"; readonly dims: readonly Dim[] };

/** Finds the contents of nodes of one builder, each once. */
export class KnownIntegers {
  readonly #build: Builder;
  readonly #known = new WeakMap<Node, Contents | undefined>();

  constructor(build: Builder) {
    this.#build = build;
  }

  /** The elements in row-major order, truth values as 0 and 1; `undefined` where they depend on data or are no integers. */
  of(node: Node): readonly Dim[] | undefined {
    const contents = isReal(node.type.dtype) ? undefined : this.#contents(node);
    return contents && dimsOf(contents);
  }

  /** The numbers of a tensor that depends neither on data nor on a symbol. */
  numbers(node: Node): Float64Array | undefined {
    const contents = this.#contents(node);
    return contents === undefined || contents.kind === "dims" ? undefined : contents.values;
  }

  /** Operands first, without recursion, since programs are deep. */
  #contents(node: Node): Contents | undefined {
    const pending = [node];
    for (let last = pending.at(-1); last !== undefined; last = pending.at(-1)) {
      const known = this.#known;
      const open = known.has(last) || isLarge(last) ? [] : last.inputs.filter((input) => !known.has(input));
      pending.push(...open);
      if (open.length > 0) continue;
      if (!known.has(last)) known.set(last, this.#find(last));
      pending.pop();
    }
    return this.#known.get(node);
  }

  #find(node: Node): Contents | undefined {
    const counted = countOf(node);
    if (counted !== undefined) return contentsOf(node, [counted]);
    if (isLarge(node) || node.op === "Input" || node.op === "Parameter" || node.op === "Opaque")
      return undefined;
    const operands = node.inputs.map((input) => this.#known.get(input));
    if (!operands.every((operand) => operand !== undefined)) return undefined;
    const numbers = operands.flatMap((operand) => (operand.kind === "dims" ? [] : [operand]));
    if (numbers.length === operands.length) return this.#computed(node, numbers);
    if (isReal(node.type.dtype)) return undefined;
    const dims = this.#symbolic(node, operands.map(dimsOf));
    return dims && contentsOf(node, dims);
  }

  #computed(node: Node, inputs: readonly Tensor<Float64Array>[]): Contents | undefined {
    const definition = definitionOf(node.op);
    if (definition.kind !== "composite") return applied(node, inputs);
    return this.#contents(definition.expand(this.#build, node.inputs, node.attrs));
  }

  #symbolic(node: Node, operands: readonly (readonly Dim[])[]): readonly Dim[] | undefined {
    if (moving.has(node.op)) return this.#moved(node, operands);
    const make = arithmetic[node.op];
    const shape = shapeOf(node);
    if (make === undefined || shape === undefined) return undefined;
    const stretched = node.inputs.map((input, i) => this.#stretched(input, at(operands, i), node));
    const results = range(count(shape)).map((i) => make(...stretched.map((dims) => at(dims, i))));
    return results.every((dim) => dim !== undefined) ? results : undefined;
  }

  /** An operator that only moves elements, applied to their positions among all elements of its operands. */
  #moved(node: Node, operands: readonly (readonly Dim[])[]): readonly Dim[] | undefined {
    const pool: Dim[] = [];
    const inputs = operands.map((dims, i) => {
      const isIndex = node.op === "Take" && i === 1;
      const places = isIndex ? dims.map(Number) : dims.map((_, place) => pool.length + place);
      if (!isIndex) pool.push(...dims);
      return discrete<Float64Array>(shapeOf(at(node.inputs, i)) ?? [], Float64Array.from(places));
    });
    const places = applied(node, inputs);
    const dims = places && Array.from(places.values, (place) => pool[place]);
    return dims?.every((dim) => dim !== undefined) === true ? dims : undefined;
  }

  #stretched(input: Node, dims: readonly Dim[], result: Node): readonly Dim[] {
    const places = discrete<Float64Array>(shapeOf(input) ?? [], Float64Array.from(dims.keys()));
    const stretch = this.#build.node("Broadcast", [input], { shape: result.type.shape }) as unknown as Node;
    const stretched = applied(stretch, [places]);
    return Array.from(stretched?.values ?? [], (place) => at(dims, place));
  }
}

const dimsOf = (contents: Contents): readonly Dim[] =>
  contents.kind === "dims" ? contents.dims : Array.from(contents.values);

function contentsOf(node: Node, dims: readonly Dim[]): Contents {
  const numbers = dims.every((dim) => typeof dim === "number") ? dims : undefined;
  return numbers === undefined
    ? { kind: "dims", dims }
    : discrete(shapeOf(node) ?? [], Float64Array.from(numbers));
}

/** The definition of a primitive on concrete operands. */
function applied(node: Node, inputs: readonly Tensor<Float64Array>[]): Tensor<Float64Array> | undefined {
  const definition = definitionOf(node.op);
  const shape = shapeOf(node);
  if (definition.kind !== "primitive" || shape === undefined) return undefined;
  return definition.evaluate(float64, inputs, node.attrs, { shape, dtype: node.type.dtype });
}

function shapeOf(node: Node): readonly number[] | undefined {
  const { shape } = node.type;
  return shape.every((size) => typeof size === "number") ? shape : undefined;
}

const isLarge = (node: Node): boolean => {
  const count = elementCount(node.type.shape);
  return typeof count !== "number" || count > elementLimit;
};

/** The size that a sum of ones counts, as `Maker.size` writes it. */
function countOf(node: Node): Dim | undefined {
  if (node.op !== "Sum" || node.type.shape.length > 0) return undefined;
  const ones = at(node.inputs, 0);
  const one = ones.op === "Broadcast" ? at(ones.inputs, 0) : undefined;
  const isOne = one?.op === "Constant" && isInteger(one.attrs.value) && toNumber(one.attrs.value) === 1;
  return isOne ? elementCount(ones.type.shape) : undefined;
}

/** Operators whose result consists of elements of their operands. */
const moving: ReadonlySet<OpName> = new Set<OpName>([
  "Transpose",
  "Reshape",
  "Broadcast",
  "Concat",
  "Slice",
  "Pad",
  "Windows",
  "Take",
]);

const arithmetic: { readonly [N in OpName]?: (...operands: Dim[]) => Dim | undefined } = {
  Add: (x = 0, y = 0) => addDims(x, y),
  Sub: (x = 0, y = 0) => subtractDims(x, y),
  Mul: (x = 0, y = 0) => multiplyDims(x, y),
  Neg: (x = 0) => multiplyDims(-1, x),
  Quotient: (x = 0, y = 0) => exactQuotient(x, y),
  // Different symbols may have equal sizes, so only what differs at all sizes is known to.
  Equal: (x = 0, y = 0) => (equalDims(x, y) ? 1 : signOf(subtractDims(x, y)) === undefined ? undefined : 0),
  Less: (x = 0, y = 0) => {
    const sign = equalDims(x, y) ? 0 : signOf(subtractDims(y, x));
    return sign && (sign > 0 ? 1 : 0);
  },
  Where: (condition = 0, x = 0, y = 0) =>
    typeof condition === "number" ? (condition === 1 ? x : y) : undefined,
  Cast: (x = 0) => x,
};
