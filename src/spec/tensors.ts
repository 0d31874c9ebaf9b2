/**
 * @file Tensors with two kinds of axes: labelled ones (the letters of index notation and the hidden batch), which are
 * matched by name, and positional ones (matrix notation), which are matched from the last. A node's axes are the labels
 * in order and then the positional axes.
 */
import { at, get, range } from "../base/assert.ts";
import { isInteger } from "../base/rational.ts";
import { broadcastShapes, type Dim, equalDims, equalShapes, type Shape } from "../ir/dim.ts";
import type { Builder, Node } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import type { Position, Source } from "./source.ts";

export interface Tensor {
  readonly node: Node;
  readonly labels: readonly string[];
  /** What the positional axes are called: their sizes as written. */
  readonly axes: readonly string[];
}

export const scalarOf = (node: Node): Tensor => ({ node, labels: [], axes: [] });

/** Sizes of the positional axes. */
export const positional = (x: Tensor): Shape => x.node.type.shape.slice(x.labels.length);

export const labelSize = (x: Tensor, label: string): Dim => at(x.node.type.shape, x.labels.indexOf(label));

/** The shape as messages show it: `[B, 3] for each i, k`. */
function shapeOf(x: Tensor, hidden: ReadonlyMap<string, Dim>): string {
  const letters = x.labels.filter((label) => !hidden.has(label));
  return `[${x.axes.join(", ")}]${letters.length === 0 ? "" : ` for each ${letters.join(", ")}`}`;
}

/** Makes nodes for tensors, and the messages when they do not fit. */
export class Tensors {
  readonly build: Builder;
  readonly source: Source;
  /** Label of the batch axis that the text doesn't mention. */
  hidden: ReadonlyMap<string, Dim>;
  /** The labels on the left of the equation that is read, so that results need no reordering at its end. */
  order: readonly string[] = [];

  constructor(build: Builder, source: Source, hidden: ReadonlyMap<string, Dim>) {
    [this.build, this.source, this.hidden] = [build, source, hidden];
  }

  node<N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]): Node {
    return this.build.node(op, inputs, attrs) as unknown as Node;
  }

  shapeText(x: Tensor): string {
    return shapeOf(x, this.hidden);
  }

  /** An operator on elements of tensors that NumPy's rules stretch to a common shape. */
  elementwise(position: Position, args: readonly Tensor[], make: (nodes: readonly Node[]) => Node): Tensor {
    const labels = this.commonLabels(position, args);
    const shape = broadcastShapes(args.map(positional));
    if (shape === undefined) {
      const got = args.map((arg) => this.shapeText(arg)).join(" and ");
      throw this.source.wrong(
        "A3013",
        position,
        got,
        "sizes that are equal or 1, counted from the last axis",
      );
    }
    const nodes = args.map((arg) => this.aligned(arg, labels, shape.length));
    return { node: make(this.#integerLiterals(nodes)), labels, axes: axesNames(shape, args) };
  }

  /** Whole numbers beside integers are integers too, so that `idx + 1` still picks rows. */
  #integerLiterals(nodes: readonly Node[]): readonly Node[] {
    const isWhole = (node: Node): boolean => node.op === "Constant" && isInteger(node.attrs.value);
    const others = nodes.filter((node) => !isWhole(node)).map((node) => node.type.dtype);
    const areIntegers = !others.some(isReal) && others.some((dtype) => dtype !== "bool");
    if (!areIntegers) return nodes;
    return nodes.map((node) =>
      node.op === "Constant" ? this.node("Constant", [], { ...node.attrs, dtype: "int64" }) : node,
    );
  }

  /** All labels: those of the equation's left-hand side as they stand there, the others by first appearance. A label that stands for two sizes is an error. */
  commonLabels(position: Position, args: readonly Tensor[]): string[] {
    const sizes = new Map<string, Dim>();
    for (const arg of args) {
      for (const label of arg.labels) {
        const [known, own] = [sizes.get(label), labelSize(arg, label)];
        if (known !== undefined && !equalDims(known, own)) throw this.#labelClash(position, args, label);
        sizes.set(label, own);
      }
    }
    const first = [...this.hidden.keys(), ...this.order].filter((label) => sizes.has(label));
    return [...new Set([...first, ...sizes.keys()])];
  }

  #labelClash(position: Position, args: readonly Tensor[], label: string): Error {
    const sizes = args.filter((arg) => arg.labels.includes(label)).map((arg) => labelSize(arg, label));
    const shown = [...new Set(sizes.map((size) => (typeof size === "number" ? String(size) : size.key)))];
    const got = `the index ${label} runs over ${shown.join(" and over ")}`;
    return this.source.wrong("A3013", position, got, "one size for each index");
  }

  /** The node with its labels in this order and axes of size 1 where it lacks one that follows. */
  aligned(x: Tensor, labels: readonly string[], rank: number): Node {
    const own = labels.filter((label) => x.labels.includes(label));
    const first = own[0];
    if (first === undefined) return x.node;
    const ordered = this.ordered(x, own);
    const sizes = new Map<string, Dim>(own.map((label) => [label, labelSize(ordered, label)]));
    const leading = labels.slice(labels.indexOf(first)).map((label): Dim => sizes.get(label) ?? 1);
    const ones = range(rank - x.axes.length).map((): Dim => 1);
    return this.reshaped(ordered.node, [...leading, ...ones, ...positional(ordered)]);
  }

  /** The same tensor with its labels in another order. */
  ordered(x: Tensor, labels: readonly string[]): Tensor {
    const order = [...labels.map((label) => x.labels.indexOf(label)), ...this.places(x)];
    return { ...x, labels, node: this.permuted(x.node, order) };
  }

  /** The tensor with the axis of an index letter as its first positional one. */
  withPositional(x: Tensor, letter: string): Tensor {
    const labels = x.labels.filter((label) => label !== letter);
    const { node } = this.ordered(x, [...labels, letter]);
    return { node, labels, axes: [letter, ...x.axes] };
  }

  /** Places of the positional axes in the node. */
  places(x: Tensor): number[] {
    return x.axes.map((_, axis) => x.labels.length + axis);
  }

  permuted(node: Node, permutation: readonly number[]): Node {
    if (permutation.every((axis, i) => axis === i)) return node;
    return this.node("Transpose", [node], { permutation });
  }

  reshaped(node: Node, shape: Shape): Node {
    return equalShapes(node.type.shape, shape) ? node : this.node("Reshape", [node], { shape });
  }

  /** Stretches a tensor to these labels and positional sizes. */
  broadcast(x: Tensor, labels: ReadonlyMap<string, Dim>, shape: Shape): Node {
    const whole = [...labels.values(), ...shape];
    const node = this.aligned(x, [...labels.keys()], shape.length);
    return equalShapes(node.type.shape, whole) ? node : this.node("Broadcast", [node], { shape: whole });
  }

  /** Labels with their sizes, from tensors that agree on them. */
  labelSizes(position: Position, args: readonly Tensor[]): Map<string, Dim> {
    return new Map(
      this.commonLabels(position, args).map((label) => {
        const owner = args.find((arg) => arg.labels.includes(label));
        return [label, labelSize(owner as Tensor, label)] as const;
      }),
    );
  }

  /** Turns positional axes around: axis i of the result is axis order[i]. */
  reordered(x: Tensor, order: readonly number[]): Tensor {
    const permutation = [...x.labels.keys(), ...order.map((axis) => x.labels.length + axis)];
    return { ...x, node: this.permuted(x.node, permutation), axes: order.map((axis) => at(x.axes, axis)) };
  }

  /** The operator that is applied along one or more axes, given by their places in the node. */
  along(
    x: Tensor,
    places: readonly number[],
    keeps: boolean,
    make: (axes: readonly number[]) => Node,
  ): Tensor {
    const node = make([...places].sort((a, b) => a - b));
    const stays = (place: number): boolean => keeps || !places.includes(place);
    return {
      node,
      labels: x.labels.filter((_, i) => stays(i)),
      axes: x.axes.filter((_, i) => stays(x.labels.length + i)),
    };
  }

  constant(value: OpAttrs["Constant"]["value"]): Tensor {
    return scalarOf(this.node("Constant", [], { value, dtype: "float32" }));
  }
}

/** Names of the axes of an elementwise result: those of the operand that isn't stretched. */
function axesNames(shape: Shape, args: readonly Tensor[]): string[] {
  return shape.map((size, axis) => {
    const fromEnd = shape.length - axis;
    const owner = args.find((arg) => {
      const own = positional(arg).at(-fromEnd);
      return fromEnd <= arg.axes.length && own !== undefined && equalDims(own, size);
    });
    return owner === undefined ? "1" : at(owner.axes, owner.axes.length - fromEnd);
  });
}

/** An axis of an operand of a contraction: the axes of both that have one key are matched. */
export type Key = string;

/**
 * Multiplies two tensors and sums over the keys that `out` lacks. Labels are keys of their own; `xKeys` and `yKeys` are
 * those of the positional axes, `undefined` for one of size 1 that disappears.
 */
export function contraction(
  tensors: Tensors,
  x: Tensor,
  y: Tensor,
  xKeys: readonly (Key | undefined)[],
  yKeys: readonly (Key | undefined)[],
  labels: readonly string[],
  out: readonly { readonly key: Key; readonly name: string }[],
): Tensor {
  const letters = new Map<Key, string>();
  const letter = (key: Key): string => {
    if (!letters.has(key)) letters.set(key, String.fromCharCode("a".charCodeAt(0) + letters.size));
    return get(letters, key);
  };
  const term = (operand: Tensor, keys: readonly (Key | undefined)[]): string =>
    [...operand.labels.map(labelKey), ...keys.filter((key) => key !== undefined)].map(letter).join("");
  const result = [...labels.map(labelKey), ...out.map(({ key }) => key)];
  const equation = `${term(x, xKeys)},${term(y, yKeys)}->${result.map(letter).join("")}`;
  const node = tensors.node("Contract", [squeezed(tensors, x, xKeys), squeezed(tensors, y, yKeys)], {
    equation,
  });
  return { node, labels, axes: out.map(({ name }) => name) };
}

const labelKey = (label: string): Key => `label ${label}`;

function squeezed(tensors: Tensors, x: Tensor, keys: readonly (Key | undefined)[]): Node {
  const kept = positional(x).filter((_, axis) => keys[axis] !== undefined);
  return tensors.reshaped(x.node, [...x.node.type.shape.slice(0, x.labels.length), ...kept]);
}
