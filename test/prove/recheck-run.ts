/** @file Runs a graph for the second checker: each scalar by itself, from the definition of the operator that gives it. */
import { at, get, range } from "../../src/base/assert.ts";
import { lower } from "../../src/eval/lower.ts";
import { type Sizes, sizeOf, sizesOf } from "../../src/ir/dim.ts";
import type { Graph, Node, NodeOf } from "../../src/ir/graph.ts";
import type { OpName } from "../../src/ir/operators.ts";
import { integer, type Numbers, type Scalar, truth } from "./recheck-numbers.ts";

export type Leaf = NodeOf<"Input"> | NodeOf<"Parameter">;
export type LeafValue = (leaf: Leaf, flat: number) => Scalar;

type Place = readonly number[];

const elementwise: { readonly [N in OpName]?: (n: Numbers, x: Scalar, y: Scalar, z: Scalar) => Scalar } = {
  Add: (n, x, y) => n.add(x, y),
  Sub: (n, x, y) => n.sub(x, y),
  Mul: (n, x, y) => n.mul(x, y),
  Div: (n, x, y) => n.div(x, y),
  Neg: (n, x) => n.sub(integer(0), x),
  Exp: (n, x) => n.exp(x),
  Log: (n, x) => n.log(x),
  Sqrt: (n, x) => n.sqrt(x),
  Sin: (n, x) => n.sin(x),
  Cos: (n, x) => n.cos(x),
  Erf: (n, x) => n.odd("erf", x),
  Abs: (n, x) => n.abs(x),
  Maximum: (n, x, y) => n.larger(x, y),
  Minimum: (n, x, y) => n.sub(n.add(x, y), n.larger(x, y)),
  Less: (n, x, y) => truth(n.sign(n.sub(x, y)) < 0),
  Equal: (_, x, y) => truth(x.p === y.p),
  Not: (_, x) => truth(x.p === 0n),
  And: (_, x, y) => truth(x.p === 1n && y.p === 1n),
  Where: (_, x, y, z) => (x.p === 1n ? y : z),
  Cast: (_, x) => x,
  StopGradient: (_, x) => x,
  Broadcast: (_, x) => x,
};

export class Run {
  readonly #graph: Graph;
  readonly #sizes: Sizes;
  readonly #numbers: Numbers;
  readonly #leaf: LeafValue;
  readonly #known = new Map<string, Scalar>();

  constructor(graph: Graph, sizes: Sizes, numbers: Numbers, leaf: LeafValue) {
    [this.#graph, this.#sizes, this.#numbers, this.#leaf] = [lower(graph).graph, sizes, numbers, leaf];
  }

  /** All numbers of an output, row-major. */
  output(index: number): Scalar[] {
    const { node } = at(this.#graph.outputs, index);
    return places(this.#shape(node)).map((place) => this.#at(node, place));
  }

  #shape(node: Node): number[] {
    return sizesOf(node.type.shape, this.#sizes);
  }

  #at(node: Node, place: Place): Scalar {
    const key = `${node.id} ${place.join(" ")}`;
    const value = this.#known.get(key) ?? this.#compute(node, place);
    this.#known.set(key, value);
    return value;
  }

  #compute(node: Node, place: Place): Scalar {
    const n = this.#numbers;
    const apply = elementwise[node.op];
    if (apply !== undefined) {
      const [x = integer(0), y = x, z = y] = this.#operands(node, place);
      return apply(n, x, y, z);
    }
    if (node.op === "Input" || node.op === "Parameter") {
      return this.#leaf(node, flatPlace(place, this.#shape(node)));
    }
    if (node.op === "Constant") return n.rational(node.attrs.value);
    if (node.op === "NamedConstant") return n.named(node.attrs.name);
    if (node.op === "Iota") return integer(at(place, 0));
    if (node.op === "Power") return n.power(at(this.#operands(node, place), 0), node.attrs.exponent);
    if (node.op === "Function") return n.known(node.attrs.name, this.#operands(node, place));
    if (node.op === "Contract") return this.#contract(node, place);
    if (node.op === "Sum") return this.#along(node, node.attrs.axes, place).reduce((a, b) => n.add(a, b));
    if (node.op === "Max") return this.#along(node, node.attrs.axes, place).reduce((a, b) => n.larger(a, b));
    if (node.op === "LogSumExp") {
      const terms = this.#along(node, [node.attrs.axis], place).map((a) => n.exp(a));
      return n.log(terms.reduce((a, b) => n.add(a, b)));
    }
    return this.#at(...this.#source(node, place));
  }

  /** The operands' numbers at a place of the result, under NumPy's broadcasting. */
  #operands(node: Node, place: Place): Scalar[] {
    return node.inputs.map((input) => {
      const shape = this.#shape(input);
      const aligned = place.slice(place.length - shape.length);
      const own = aligned.map((i, axis) => (shape[axis] === 1 ? 0 : i));
      return this.#at(input, own);
    });
  }

  /** The operand's numbers that a reduction over the axes takes together. */
  #along(node: Node, axes: readonly number[], place: Place): Scalar[] {
    const source = at<Node>(node.inputs, 0);
    const shape = this.#shape(source);
    const kept = range(shape.length).filter((axis) => !axes.includes(axis));
    return places(shape)
      .filter((candidate) => kept.every((axis, i) => candidate[axis] === place[i]))
      .map((candidate) => this.#at(source, candidate));
  }

  /** Σ over every letter that the result lacks of left · right. */
  #contract(node: NodeOf<"Contract">, place: Place): Scalar {
    const [left, right] = [at(node.inputs, 0), at(node.inputs, 1)];
    const [l = "", r = "", result = ""] = node.attrs.equation.split(/,|->/);
    const sized = (operand: Node, letters: string): [string, number][] =>
      this.#shape(operand).map((size, axis) => [at(letters, axis), size]);
    const sizes = new Map([...sized(left, l), ...sized(right, r)]);
    const summed = [...sizes.keys()].filter((letter) => !result.includes(letter));
    const n = this.#numbers;
    return places(summed.map((letter) => get(sizes, letter))).reduce((sum, inner) => {
      const all = [...place, ...inner];
      const letters = new Map([...result, ...summed].map((letter, i) => [letter, at(all, i)]));
      const own = (axes: string): number[] => [...axes].map((letter) => get(letters, letter));
      return n.add(sum, n.mul(this.#at(left, own(l)), this.#at(right, own(r))));
    }, integer(0));
  }

  /** Where an operator that only moves numbers has the one at `place` from. */
  #source(node: Node, place: Place): [Node, Place] {
    const first = at<Node>(node.inputs, 0);
    if (node.op === "Transpose") {
      const { permutation } = node.attrs;
      return [first, permutation.map((_, axis) => at(place, permutation.indexOf(axis)))];
    }
    if (node.op === "Reshape") {
      return [first, placeAt(flatPlace(place, this.#shape(node)), this.#shape(first))];
    }
    if (node.op === "Slice") {
      const { axis: cut, start, step } = node.attrs;
      const from = sizeOf(start, this.#sizes);
      return [first, place.map((i, axis) => (axis === cut ? from + i * step : i))];
    }
    if (node.op === "Windows") {
      const { axis, step, dilation } = node.attrs;
      return [first, place.toSpliced(axis, 2, at(place, axis) * step + at(place, axis + 1) * dilation)];
    }
    if (node.op === "Pad") {
      const { axis, before, interior } = node.attrs;
      const from = (at(place, axis) - sizeOf(before, this.#sizes)) / (interior + 1);
      const isInside = Number.isInteger(from) && from >= 0 && from < at(this.#shape(first), axis);
      return isInside ? [first, place.with(axis, from)] : [at<Node>(node.inputs, 1), []];
    }
    if (node.op === "Concat") return this.#part(node, place, node.attrs.axis);
    throw new RangeError(`${node.op} is not rechecked`);
  }

  #part(node: Node, place: Place, axis: number): [Node, Place] {
    let offset = at(place, axis);
    for (const part of node.inputs) {
      const size = at(this.#shape(part), axis);
      if (offset < size) return [part, place.with(axis, offset)];
      offset -= size;
    }
    throw new RangeError("a place lies in one part");
  }
}

/** Every place of a tensor, row-major. */
const places = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>(
    (all, size) => all.flatMap((place) => range(size).map((i) => [...place, i])),
    [[]],
  );

const flatPlace = (place: Place, shape: readonly number[]): number =>
  place.reduce((flat, i, axis) => flat * at(shape, axis) + i, 0);

function placeAt(flat: number, shape: readonly number[]): number[] {
  let rest = flat;
  const reversed = shape.toReversed().map((size) => {
    const i = rest % size;
    rest = (rest - i) / size;
    return i;
  });
  return reversed.toReversed();
}
