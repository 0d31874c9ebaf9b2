/** @file Convolution and pooling: windows over the last axes of a tensor, multiplied by a kernel or reduced. */
import { at, invariant, range, zip } from "../base/assert.ts";
import { call, type Layout, list, number } from "../base/layout.ts";
import { rational } from "../base/rational.ts";
import { type Concrete, isConcrete } from "../ir/attributes.ts";
import {
  type Dim,
  dimText,
  divideUp,
  equalDims,
  equalShapes,
  multiplyDims,
  type Shape,
  shapeText,
  subtractDims,
} from "../ir/dim.ts";
import type { Builder, Node } from "../ir/graph.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { isReal, promote, type TensorType } from "../ir/type.ts";
import { type AxisMap, type Composite, misfit, type Notation } from "./define.ts";
import { canonicalEquation } from "./reduction.ts";
import { option, windowCount } from "./windows.ts";

type Padding = readonly (readonly [before: Dim, after: Dim])[];

/** How windows lie over the last axes, one entry for each of these. */
interface Lattice {
  readonly sizes: Shape;
  readonly strides: readonly Dim[];
  readonly padding: Padding;
  readonly dilation: readonly Dim[];
}

const isPadded = (padding: Padding): boolean => padding.flat().some((width) => width !== 0);

/** Sizes of the last axes once windows lie over them. */
function positionsOf(operator: string, shape: Shape, { sizes, strides, padding, dilation }: Lattice): Dim[] {
  const first = shape.length - sizes.length;
  return sizes.map((size, i) => {
    const widths = at(padding, i);
    const length = [at(shape, first + i), ...widths].reduce((sum, width) =>
      subtractDims(sum, multiplyDims(-1, width)),
    );
    return windowCount(operator, length, size, at(strides, i), at(dilation, i));
  });
}

/** Checks that there is an entry for each axis. */
function checkLattice(operator: string, shape: Shape, { sizes, strides, padding, dilation }: Lattice): void {
  const fits = [strides, padding, dilation].every(({ length }) => length === sizes.length);
  const widths = padding.flat();
  const isPadding = widths.every(
    (width) => typeof width !== "number" || (Number.isInteger(width) && width >= 0),
  );
  if (fits && isPadding && sizes.length > 0 && sizes.length <= shape.length) return;
  const around = padding.map((pair) => pair.map(dimText).join()).join("; ");
  const got = `${sizes.length} sizes, ${strides.length} strides, padding [${around}] and ${dilation.length} dilations`;
  throw misfit(operator, got, `one of each for at most the ${shape.length} axes of ${shapeText(shape)}`);
}

/** A block is written out before it is computed. */
function concrete<A extends Parameters<typeof isConcrete>[0]>(attrs: A): Concrete<A> {
  invariant(isConcrete(attrs), "what is computed has no symbols");
  return attrs;
}

/** A lattice of numbers; a kernel may have another size. */
type Laid = Concrete<Omit<Lattice, "sizes">> & Pick<Lattice, "sizes">;

/** The last axes filled up on both sides. */
function padded(build: Builder, x: Node, padding: Concrete<Padding>, fill: Node): Node {
  const first = x.type.shape.length - padding.length;
  return padding.reduce<Node>(
    (node, [before, after], i) =>
      before + after === 0
        ? node
        : build.node("Pad", [node, fill], { axis: first + i, before, after, interior: 0 }),
    x,
  );
}

/** Each of the last axes as two: positions of windows, and the elements of one. */
function windowed(build: Builder, x: Node, { sizes, strides, dilation }: Omit<Laid, "padding">): Node {
  const first = x.type.shape.length - sizes.length;
  return sizes.reduce<Node>(
    (node, size, i) =>
      build.node("Windows", [node], {
        axis: first + 2 * i,
        size,
        step: at(strides, i),
        dilation: at(dilation, i),
      }),
    x,
  );
}

/** The axes that hold the elements of a window. */
const elementAxes = (x: Node, count: number): number[] =>
  range(count).map((i) => x.type.shape.length - 2 * count + 2 * i + 1);

/** Labels of a tensor whose last `count` axes change. */
const leadingLabels = (shape: Shape, count: number): (string | undefined)[] =>
  shape.map((_, axis) => (axis < shape.length - count ? String(axis) : undefined));

function convolutionType(
  [x, w]: readonly [TensorType, TensorType],
  attrs: OpAttrs["Convolution"],
): TensorType {
  const { strides, groups } = attrs;
  const lattice = { ...attrs, sizes: w.shape.slice(2) };
  const channel = x.shape.length - strides.length - 1;
  const [filters, depth] = [w.shape[0], w.shape[1]];
  const channels = x.shape[channel];
  const share = filters === undefined ? undefined : divided(filters, groups);
  if (
    channels === undefined ||
    depth === undefined ||
    share === undefined ||
    w.shape.length !== strides.length + 2
  ) {
    const got = `${shapeText(x.shape)} and ${shapeText(w.shape)} in ${dimText(groups)} groups`;
    throw misfit(
      "Convolution",
      got,
      `[…, channels, ${strides.length} axes] and [filters, channels, ${strides.length} axes]`,
    );
  }
  if (!equalDims(channels, multiplyDims(groups, depth))) {
    const got = `${shapeText(x.shape)} and ${shapeText(w.shape)} in ${dimText(groups)} groups`;
    throw misfit("Convolution", got, "a kernel for each group of channels");
  }
  checkLattice("Convolution", x.shape, lattice);
  const shape = [...x.shape.slice(0, channel), filters ?? 1, ...positionsOf("Convolution", x.shape, lattice)];
  return { shape, dtype: promote([x.dtype, w.dtype]) };
}

/** The quotient, if it leaves no rest. */
function divided(size: Dim, divisor: Dim): Dim | undefined {
  const isCount = typeof divisor !== "number" || (Number.isInteger(divisor) && divisor >= 1);
  const quotient = isCount ? divideUp(size, divisor) : undefined;
  return quotient !== undefined && equalDims(multiplyDims(quotient, divisor), size) ? quotient : undefined;
}

/** The axis of the channels as two: groups, and channels of one. */
function grouped(build: Builder, x: Node, axis: number, groups: number): Node {
  const { shape } = x.type;
  const share = divided(at(shape, axis), groups) ?? 0;
  return build.node("Reshape", [x], { shape: shape.toSpliced(axis, 1, groups, share) });
}

/** Names of axes for an einsum. */
const lettersOf = (first: string, count: number): string[] => range(count).map((i) => `${first}${i}`);

function einsum(build: Builder, x: Node, y: Node, terms: readonly (readonly string[])[]): Node {
  const letters = [...new Set(terms.flat())];
  const [left, right, out] = terms.map((term) =>
    term.map((name) => String.fromCharCode("a".charCodeAt(0) + letters.indexOf(name))).join(""),
  );
  return build.node("Contract", [x, y], { equation: canonicalEquation(`${left},${right}->${out}`) });
}

/** Sums of products of each window with each filter, whose groups are an axis of their own. */
function filtered(build: Builder, x: Node, w: Node, groups: number): Node {
  const axes = w.type.shape.length - 2;
  const channel = x.type.shape.length - axes - axes - 1;
  const lead = lettersOf("lead", channel);
  const group = groups === 1 ? [] : ["group"];
  const data = groups === 1 ? x : grouped(build, x, channel, groups);
  const kernel = groups === 1 ? w : grouped(build, w, 0, groups);
  const [position, element] = [lettersOf("position", axes), lettersOf("element", axes)];
  const made = einsum(build, data, kernel, [
    [...lead, ...group, "channel", ...zip(position, element).flat()],
    [...group, "filter", "channel", ...element],
    [...lead, ...group, "filter", ...position],
  ]);
  if (groups === 1) return made;
  const { shape } = made.type;
  return build.node("Reshape", [made], { shape: shape.toSpliced(channel, 2, at(w.type.shape, 0)) });
}

/** One number where all axes have the same, else a list. */
function listed(values: readonly Layout[], keys: readonly string[]): Layout {
  return new Set(keys).size === 1 ? at(values, 0) : list(values);
}
const numbers = (values: readonly Dim[], { size }: Notation): Layout =>
  listed(values.map(size), values.map(dimText));
function paddingLayout(padding: Padding, notation: Notation): Layout {
  const pairs = padding.map((widths) => numbers(widths, notation));
  const keys = padding.map((widths) => widths.map(dimText).join(" "));
  // [1, 2] would be the widths of two axes.
  const uneven = padding.some(([before, after]) => !equalDims(before, after));
  return uneven ? list(pairs) : listed(pairs, keys);
}

/** Arguments by their names, without those that are what is meant anyway. */
function latticeOptions(
  { strides, padding, dilation }: Omit<Lattice, "sizes">,
  usual: Shape,
  notation: Notation,
): Layout[] {
  return [
    ...(equalShapes(strides, usual) ? [] : [option("stride", numbers(strides, notation))]),
    ...(isPadded(padding) ? [option("padding", paddingLayout(padding, notation))] : []),
    ...(dilation.every((step) => step === 1) ? [] : [option("dilation", numbers(dilation, notation))]),
  ];
}

const ones = (count: number): number[] => new Array<number>(count).fill(1);

export const convolution: Composite<"Convolution"> = {
  name: "Convolution",
  kind: "composite",
  doc: "y[…, o, p…] = Σ_{c, k…} x[…, c, stride p + dilation k − padding …] w[o, c, k…]: cross-correlation of the last axes with filters, each within its group of channels (Goodfellow et al. 2016, eq. 9.6).",
  family: "contraction",
  arity: 2,
  infer: (inputs, attrs) => convolutionType([at(inputs, 0), at(inputs, 1)], attrs),
  expand: (build, inputs, attrs) => {
    const [x, w] = [at(inputs, 0), at(inputs, 1)];
    const zero = build.node("Constant", [], { value: rational(0), dtype: x.type.dtype });
    const { groups, padding, ...lattice } = concrete(attrs);
    const around = padded(build, x, padding, zero);
    const view = windowed(build, around, { ...lattice, sizes: w.type.shape.slice(2) });
    return filtered(build, view, w, groups);
  },
  axes: (inputs, { strides }): AxisMap => {
    const labels = leadingLabels(at(inputs, 0).shape, strides.length);
    const channel = labels.length - strides.length - 1;
    const result = labels.with(channel, "filter");
    const kernel = at(inputs, 1).shape.map((_, axis) => (axis === 0 ? "filter" : undefined));
    return { operands: [labels.with(channel, undefined), kernel], result };
  },
  render: (args, attrs, notation) => {
    const groups = attrs.groups === 1 ? [] : [option("groups", notation.size(attrs.groups))];
    return call("conv", [...args, ...latticeOptions(attrs, ones(attrs.strides.length), notation), ...groups]);
  },
};

type Pool = "MaxPool" | "AveragePool";

/** What both kinds of pooling share. */
function pool<N extends Pool>(rule: {
  readonly name: N;
  readonly doc: string;
  readonly sign: string;
  readonly lattice: (attrs: OpAttrs[N]) => Lattice;
  readonly extra: (attrs: OpAttrs[N]) => readonly Layout[];
  readonly reduce: (build: Builder, x: Node, attrs: OpAttrs[N], lattice: Concrete<Lattice>) => Node;
}): Composite<N> {
  const { name, lattice } = rule;
  return {
    name,
    kind: "composite",
    doc: rule.doc,
    family: "reduction",
    arity: 1,
    infer: (inputs, attrs) => {
      const { shape, dtype } = at(inputs, 0);
      const own = lattice(attrs);
      checkLattice(name, shape, own);
      const leading = shape.slice(0, shape.length - own.sizes.length);
      return {
        shape: [...leading, ...positionsOf(name, shape, own)],
        dtype: isReal(dtype) ? dtype : "float32",
      };
    },
    expand: (build, inputs, attrs) => {
      const given = at(inputs, 0);
      const x = isReal(given.type.dtype) ? given : build.node("Cast", [given], { dtype: "float32" });
      return rule.reduce(build, x, attrs, concrete(lattice(attrs)));
    },
    axes: (inputs, attrs) => {
      const labels = leadingLabels(at(inputs, 0).shape, lattice(attrs).sizes.length);
      return { operands: [labels], result: labels };
    },
    render: (args, attrs, notation) => {
      const own = lattice(attrs);
      return call(rule.sign, [
        at(args, 0),
        option("size", list(own.sizes.map(notation.size))),
        ...latticeOptions(own, own.sizes, notation),
        ...rule.extra(attrs),
      ]);
    },
  };
}

/** The sum of each window. */
function windowSums(build: Builder, x: Node, lattice: Concrete<Lattice>): Node {
  const zero = build.node("Constant", [], { value: rational(0), dtype: x.type.dtype });
  const view = windowed(build, padded(build, x, lattice.padding, zero), lattice);
  return build.node("Sum", [view], { axes: elementAxes(view, lattice.sizes.length) });
}

export const maxPool: Composite<"MaxPool"> = pool({
  name: "MaxPool",
  doc: "The largest element of each window over the last axes, which are filled up with −∞.",
  sign: "max_pool",
  lattice: (attrs) => attrs,
  extra: () => [],
  reduce: (build, x, _, lattice) => {
    const lowest = build.node("NamedConstant", [], { name: "negative infinity", dtype: x.type.dtype });
    const view = windowed(build, padded(build, x, lattice.padding, lowest), lattice);
    return build.node("Max", [view], { axes: elementAxes(view, lattice.sizes.length) });
  },
});

export const averagePool: Composite<"AveragePool"> = pool({
  name: "AveragePool",
  doc: "The mean of each window over the last axes, which are filled up with zeros; these count as elements where `countPadding` says so.",
  sign: "avg_pool",
  lattice: (attrs) => ({ ...attrs, dilation: ones(attrs.sizes.length) }),
  extra: ({ padding, countPadding }) =>
    isPadded(padding) && !countPadding ? [option("countpadding", number("0"))] : [],
  reduce: (build, x, { countPadding }, lattice) => {
    const total = windowSums(build, x, lattice);
    const { dtype, shape } = x.type;
    const number = (value: number): Node => build.node("Constant", [], { value: rational(value), dtype });
    if (countPadding || !isPadded(lattice.padding)) {
      const count = lattice.sizes.reduce((product, size) => product * size, 1);
      return build.node("Div", [total, number(count)], {});
    }
    const real = build.node("Broadcast", [number(1)], {
      shape: shape.slice(shape.length - lattice.sizes.length),
    });
    return build.node("Div", [total, windowSums(build, real, lattice)], {});
  },
});
