/** @file Convolution, pooling, windows and padding, whose arguments beside the tensors stand by their names: `stride = 2`. */
import { assertNever, at, range } from "../base/assert.ts";
import { rational } from "../base/rational.ts";
import { quoted } from "../diag/diagnostic.ts";
import { type Dim, dimText, equalDims, equalShapes, multiplyDims } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { stack } from "../ops/stack.ts";
import { causalScores } from "./attention.ts";
import { type Windowed, windowedOptions } from "./functions.ts";
import type { Meaning } from "./meaning.ts";
import { sizeIn } from "./structural.ts";
import type { Call, Expression } from "./syntax.ts";
import { positional, scalarOf, type Tensor } from "./tensors.ts";

type Padding = readonly (readonly [before: number, after: number])[];

export function windowed(meaning: Meaning, call: Call, name: Windowed["name"]): Tensor {
  const read = new Arguments(meaning, call, name);
  switch (name) {
    case "conv":
      return convolved(meaning, call, read);
    case "pad":
      return padded(meaning, call, read);
    case "windows":
      return inWindows(meaning, read);
    case "repeat":
      return repeated(meaning, call, read);
    case "stack":
      return stacked(meaning, call, read);
    case "causal":
      return masked(meaning, call, read);
    case "max_pool":
    case "avg_pool":
      return pooled(meaning, read, name);
    default:
      return assertNever(name);
  }
}

/** The arguments of one call: tensors by their places, the rest by their names. */
class Arguments {
  readonly tensors: readonly Expression[];
  readonly #meaning: Meaning;
  readonly #call: Call;
  readonly #named = new Map<string, Expression>();

  constructor(meaning: Meaning, call: Call, name: Windowed["name"]) {
    [this.#meaning, this.#call] = [meaning, call];
    this.tensors = call.args.filter((arg) => arg.kind !== "option");
    const known = windowedOptions[name];
    for (const arg of call.args) {
      if (arg.kind !== "option") continue;
      if (!known.includes(arg.name) || this.#named.has(arg.name)) {
        throw this.#wrong(
          arg,
          `${name} with ${quoted(arg.name)}`,
          `each of ${known.join(", ")} at most once`,
        );
      }
      this.#named.set(arg.name, arg.value);
    }
    if (call.subscript.length > 0) {
      throw this.#wrong(call, `${name} with a subscript`, "no subscript: it acts on the last axes");
    }
  }

  has(name: string): boolean {
    return this.#named.has(name);
  }

  wanted(name: string): Expression {
    const value = this.#named.get(name);
    if (value !== undefined) return value;
    throw this.#wrong(
      this.#call,
      `${this.#call.name} without ${name}`,
      `${name} by its name, as in \`${name} = …\``,
    );
  }

  number(name: string, usual?: number): number {
    const value = this.#named.get(name);
    return value === undefined && usual !== undefined ? usual : this.#whole(value ?? this.wanted(name));
  }

  /** One number for each axis: a list, or a number that holds for all. */
  perAxis(name: string, usual: readonly number[]): number[] {
    const value = this.#named.get(name);
    return value === undefined
      ? [...usual]
      : this.#each(value, usual.length).map((item) => this.#whole(item));
  }

  /** Widths for each axis: one number, or two for both sides. */
  padding(axes: number): Padding {
    const value = this.#named.get("padding");
    if (value === undefined) return range(axes).map(() => [0, 0]);
    return this.#each(value, axes).map((item) => {
      const [before, after] = this.#each(item, 2).map((width) => this.#whole(width));
      return [before ?? 0, after ?? 0];
    });
  }

  list(name: string): number[] {
    const value = this.wanted(name);
    if (value.kind === "list") return value.items.map((item) => this.#whole(item));
    throw this.#wrong(value, `one ${name}`, `one for each axis, as in \`${name} = [2, 2]\``);
  }

  #each(value: Expression, count: number): readonly Expression[] {
    if (value.kind !== "list") return range(count).map(() => value);
    if (value.items.length === count) return value.items;
    throw this.#wrong(value, `a list of ${value.items.length}`, `a number, or a list of ${count}`);
  }

  #whole(value: Expression): number {
    const number = this.#meaning.constants.of(value);
    if (number?.denominator === 1n && number.numerator >= 0n) return Number(number.numerator);
    throw this.#wrong(value, "an argument that is not a whole number", "0 or a positive whole number");
  }

  #wrong({ position }: Expression, got: string, want: string): Error {
    return this.#meaning.tensors.source.wrong("A3020", position, got, want);
  }
}

/** Axes of a result whose last `count` ones are new. */
function withAxes(x: Tensor, node: Node, kept: readonly string[]): Tensor {
  const { shape } = node.type;
  const fresh = shape.slice(x.labels.length + kept.length).map(dimText);
  return { node, labels: x.labels, axes: [...kept, ...fresh] };
}

function convolved(meaning: Meaning, call: Call, read: Arguments): Tensor {
  const { tensors } = meaning;
  const bias = read.tensors[2];
  meaning.checkCount("conv", call.position, read.tensors.length, bias === undefined ? 2 : 3);
  const [x, kernel] = [meaning.evaluate(at(read.tensors, 0)), meaning.evaluate(at(read.tensors, 1))];
  const axes = kernel.axes.length - 2;
  if (kernel.labels.length > 0 || axes < 1 || x.axes.length <= axes) {
    const got = `conv of ${tensors.shapeText(x)} with ${tensors.shapeText(kernel)}`;
    const want = "[…, channels, spatial axes…] and one kernel [filters, channels, sizes…]";
    throw tensors.source.wrong("A3013", call.position, got, want);
  }
  const ones = range(axes).map(() => 1);
  const node = tensors.node("Convolution", [x.node, kernel.node], {
    strides: read.perAxis("stride", ones),
    padding: read.padding(axes),
    dilation: read.perAxis("dilation", ones),
    groups: read.number("groups", 1),
  });
  const made = withAxes(x, node, [...x.axes.slice(0, -axes - 1), at(kernel.axes, 0)]);
  return bias === undefined ? made : biased(meaning, bias, made, axes);
}

/** A number for each filter. */
function biased(meaning: Meaning, expression: Expression, product: Tensor, spatial: number): Tensor {
  const { tensors } = meaning;
  const bias = meaning.evaluate(expression);
  const [size, ...more] = positional(bias);
  const filters = positional(product).at(-spatial - 1);
  const fits = size !== undefined && filters !== undefined && equalDims(size, filters);
  if (bias.labels.length > 0 || more.length > 0 || !fits) {
    const got = `conv into ${tensors.shapeText(product)} with the bias ${tensors.shapeText(bias)}`;
    throw tensors.source.wrong("A3013", expression.position, got, "a vector with a number for each filter");
  }
  const column = tensors.reshaped(bias.node, [size, ...range(spatial).map((): Dim => 1)]);
  return { ...product, node: tensors.node("Add", [product.node, column], {}) };
}

function pooled(meaning: Meaning, read: Arguments, name: "max_pool" | "avg_pool"): Tensor {
  const x = onlyTensor(meaning, read, name);
  const sizes = read.list("size");
  if (sizes.length > x.axes.length) {
    const got = `${name} over ${sizes.length} axes of ${meaning.tensors.shapeText(x)}`;
    throw meaning.tensors.source.wrong(
      "A3013",
      read.wanted("size").position,
      got,
      "a size for each of the last axes",
    );
  }
  const lattice = {
    sizes,
    strides: read.perAxis("stride", sizes),
    padding: read.padding(sizes.length),
  };
  const node =
    name === "max_pool"
      ? meaning.tensors.node("MaxPool", [x.node], {
          ...lattice,
          dilation: read.perAxis(
            "dilation",
            sizes.map(() => 1),
          ),
        })
      : meaning.tensors.node("AveragePool", [x.node], {
          ...lattice,
          countPadding: read.number("countpadding", 1) !== 0,
        });
  return withAxes(x, node, x.axes.slice(0, x.axes.length - sizes.length));
}

function onlyTensor(meaning: Meaning, read: Arguments, name: string): Tensor {
  const [x] = read.tensors;
  if (x !== undefined) meaning.checkCount(name, x.position, read.tensors.length, 1);
  return meaning.evaluate(x ?? read.wanted("a tensor"));
}

function inWindows(meaning: Meaning, read: Arguments): Tensor {
  const { tensors } = meaning;
  const x = onlyTensor(meaning, read, "windows");
  const axis = read.number("axis");
  const given = read.wanted("size");
  const size = sizeIn(meaning, given);
  if (size === undefined) {
    throw tensors.source.wrong("A3020", given.position, "a size that is no size", "a whole number or a size");
  }
  const attrs = { size, step: read.number("step", 1), dilation: read.number("dilation", 1) };
  const node = tensors.node("Windows", [x.node], { axis: x.labels.length + axis, ...attrs });
  return withAxes(x, node, x.axes.slice(0, axis));
}

function padded(meaning: Meaning, call: Call, read: Arguments): Tensor {
  const { tensors } = meaning;
  const [first, second] = read.tensors;
  if (first === undefined || read.tensors.length > 2)
    meaning.checkCount("pad", call.position, read.tensors.length, 2);
  const x = meaning.evaluate(first ?? call);
  const given = second === undefined ? tensors.constant(rational(0)) : meaning.evaluate(second);
  const axis = read.number("axis");
  const node = tensors.node("Pad", [x.node, likeNumber(meaning, given, x).node], {
    axis: x.labels.length + axis,
    before: read.number("before", 0),
    after: read.number("after", 0),
    interior: read.number("interior", 0),
  });
  return withAxes(x, node, x.axes.slice(0, axis));
}

/** Each element along one axis so many times, one behind the other. */
function repeated(meaning: Meaning, call: Call, read: Arguments): Tensor {
  const { tensors } = meaning;
  meaning.checkCount("repeat", call.position, read.tensors.length, 2);
  const [x, counted] = [meaning.evaluate(at(read.tensors, 0)), at(read.tensors, 1)];
  const [count, axis] = [sizeIn(meaning, counted), read.number("axis")];
  if (count === undefined || (typeof count === "number" && count < 1)) {
    const want = "how often, as a whole number or a size";
    throw tensors.source.wrong("A3020", counted.position, "a count that is no size", want);
  }
  if (axis >= x.axes.length) {
    const got = `axis ${axis} of ${tensors.shapeText(x)}`;
    throw tensors.source.wrong("A3020", read.wanted("axis").position, got, "an axis, counted from 0");
  }
  const place = x.labels.length + axis;
  const { shape } = x.node.type;
  const apart = tensors.reshaped(x.node, shape.toSpliced(place + 1, 0, 1));
  const copied = tensors.node("Broadcast", [apart], { shape: shape.toSpliced(place + 1, 0, count) });
  const size = multiplyDims(at(shape, place), count);
  const node = tensors.node("Reshape", [copied], { shape: shape.with(place, size) });
  return { ...x, node, axes: x.axes.with(axis, dimText(size)) };
}

/** Scores of which a query sees those of keys up to its own, or the last of them. */
function masked(meaning: Meaning, call: Call, read: Arguments): Tensor {
  meaning.checkCount("causal", call.position, read.tensors.length, 1);
  const window = read.has("window") ? read.number("window") : undefined;
  if (window === 0) {
    const want = "how many keys a query sees, 1 or more";
    throw meaning.tensors.source.wrong("A3020", read.wanted("window").position, "a window of 0", want);
  }
  return causalScores(meaning.tensors, call, meaning.evaluate(at(read.tensors, 0)), window);
}

/** Tensors of one shape along a new axis, which is the first unless another is said. */
function stacked(meaning: Meaning, call: Call, read: Arguments): Tensor {
  const { tensors } = meaning;
  const parts = read.tensors.map((part) => meaning.evaluate(part));
  const [first] = parts;
  const shapes = parts.map((part) => tensors.shapeText(part));
  if (first === undefined || !parts.every((part) => equalShapes(positional(part), positional(first)))) {
    const got = first === undefined ? "stack of nothing" : `stack of ${shapes.join(" and ")}`;
    throw tensors.source.wrong("A3013", call.position, got, "tensors of one shape");
  }
  const axis = read.number("axis", 0);
  if (axis > first.axes.length) {
    const got = `axis ${axis} behind those of ${tensors.shapeText(first)}`;
    throw tensors.source.wrong("A3020", read.wanted("axis").position, got, "a new axis, counted from 0");
  }
  const labels = tensors.labelSizes(call.position, parts);
  const nodes = parts.map((part) => tensors.broadcast(part, labels, positional(part)));
  const node = stack.expand(tensors.build, nodes, { axis: labels.size + axis });
  return { node, labels: [...labels.keys()], axes: first.axes.toSpliced(axis, 0, String(parts.length)) };
}

/** A literal beside integers is an integer. */
function likeNumber({ tensors }: Meaning, fill: Tensor, { node }: Tensor): Tensor {
  if (fill.node.op !== "Constant" || isReal(node.type.dtype)) return fill;
  return scalarOf(tensors.node("Constant", [], { ...fill.node.attrs, dtype: node.type.dtype }));
}
