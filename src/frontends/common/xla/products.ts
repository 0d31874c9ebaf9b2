/** @file Products: contractions, convolutions, and windows that are reduced. */
import { at, range } from "../../../base/assert.ts";
import type { Node } from "../../../ir/graph.ts";
import { contraction } from "../contraction.ts";
import { Contradiction } from "../contradiction.ts";
import { padded, type Widths } from "../padding.ts";
import { type Application, NotCovered, type Rule, type Rules } from "./application.ts";
import type { Params } from "./program.ts";

// Contractions

/** Axes that both operands share come first in the result, then the left's own, then the right's. */
const dot: Rule = (use) => {
  const numbers = use.params.record("dimension_numbers");
  const [summed, batch] = [numbers.record("0"), numbers.record("1")];
  const left = labels(use.x, "left", summed.ints("0"), batch.ints("0"));
  const right = labels(use.y, "right", summed.ints("1"), batch.ints("1"));
  const out = [
    ...batch.ints("0").map((_, i) => `batch${i}`),
    ...[...left, ...right].filter((label) => /^(?:left|right)/.test(label)),
  ];
  const product = contraction(use, use.x, use.y, [left, right, out]);
  if (product === undefined) throw new NotCovered("a product of more than 26 axes");
  return use.cast(product, use.result.dtype);
};

function labels(x: Node, own: string, summed: readonly number[], batch: readonly number[]): string[] {
  return x.type.shape.map((_, axis) => {
    const [k, b] = [summed.indexOf(axis), batch.indexOf(axis)];
    return k >= 0 ? `sum${k}` : b >= 0 ? `batch${b}` : `${own}${axis}`;
  });
}

// Convolutions

/** The permutation that brings axes into this order, and the one back. */
const inverse = (order: readonly number[]): number[] =>
  range(order.length).map((axis) => order.indexOf(axis));

const widths = (params: Params, name: string): Widths =>
  params.tuples(name, 2).map(([before = 0, after = 0]) => [before, after]);

const convolution: Rule = (use) => {
  const { params } = use;
  const numbers = params.record("dimension_numbers");
  const spec = (name: string): readonly number[] => {
    const axes = numbers.ints(name);
    if (axes.length === use.x.type.shape.length && new Set(axes).size === axes.length) return axes;
    throw new Contradiction("conv_general_dilated", `${name} = ${axes.join(", ")}`, "every axis once");
  };
  if (params.int("batch_group_count") !== 1) throw new NotCovered("groups of examples");
  const images = use.transpose(use.x, spec("lhs_spec"));
  const kernel = use.transpose(use.y, spec("rhs_spec"));
  const padding = widths(params, "padding");
  const spread = params.ints("lhs_dilation").map((step) => step - 1);
  const isPlain = spread.every((between) => between === 0) && padding.flat().every((width) => width >= 0);
  const zero = use.constant(0, images.type.dtype);
  const around = isPlain ? images : padded(use, images, padding, zero, spread);
  const product = use.apply("Convolution", [around, kernel], {
    strides: params.ints("window_strides"),
    padding: isPlain ? padding : padding.map(() => [0, 0] as const),
    dilation: params.ints("rhs_dilation"),
    groups: params.int("feature_group_count"),
  });
  return use.transpose(product, inverse(spec("out_spec")));
};

// Windows

interface Windowing {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Widths;
  readonly dilation: readonly number[];
}

/** Windows over all axes, of which those along most have one element: the result over the others, moved to the end. */
function windowed(use: Application, reduce: (x: Node, windows: Windowing) => Node): Node {
  const { params, x } = use;
  const [sizes, strides] = [params.ints("window_dimensions"), params.ints("window_strides")];
  const [padding, dilation] = [widths(params, "padding"), params.ints("window_dilation")];
  if (params.ints("base_dilation").some((step) => step !== 1)) throw new NotCovered("spread elements");
  if (padding.flat().some((width) => width < 0)) throw new NotCovered("windows over a part");
  const isWhole = (axis: number): boolean =>
    at(sizes, axis) === 1 && at(strides, axis) === 1 && at(padding, axis).every((width) => width === 0);
  const axes = range(x.type.shape.length);
  const [whole, own] = [axes.filter(isWhole), axes.filter((axis) => !isWhole(axis))];
  if (own.length === 0) return x;
  const order = [...whole, ...own];
  const pick = <T>(list: readonly T[]): T[] => own.map((axis) => at(list, axis));
  const windows = {
    sizes: pick(sizes),
    strides: pick(strides),
    padding: pick(padding),
    dilation: pick(dilation),
  };
  return use.transpose(reduce(use.transpose(x, order), windows), inverse(order));
}

const largestOf = (use: Application, x: Node, windows: Windowing): Node => use.apply("MaxPool", [x], windows);
const windowMax: Rule = (use) => windowed(use, (x, windows) => largestOf(use, x, windows));
const windowMin: Rule = (use) =>
  windowed(use, (x, windows) => use.unary("Neg", largestOf(use, use.unary("Neg", x), windows)));

/** As many times their mean. */
const windowSum: Rule = (use) => {
  const mean = windowed(use, (x, { sizes, strides, padding, dilation }) => {
    if (dilation.some((step) => step !== 1)) throw new NotCovered("sums of windows with gaps");
    return use.apply("AveragePool", [x], { sizes, strides, padding, countPadding: true });
  });
  const count = use.params.ints("window_dimensions").reduce((product, size) => product * size, 1);
  return use.mul(mean, use.constant(count, mean.type.dtype));
};

export const products: Rules = {
  dot_general: dot,
  conv_general_dilated: convolution,
  reduce_window_max: windowMax,
  reduce_window_min: windowMin,
  reduce_window_sum: windowSum,
};
