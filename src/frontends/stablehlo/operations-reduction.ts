/** @file Reductions, windows that are reduced, and the order of elements. */
import { only, range, zip } from "../../base/assert.ts";
import type { Atom, XlaType } from "../common/xla/program.ts";
import { orderOf, placeReducerOf, type Reducer, reducerOf } from "./regions.ts";
import type { Rule, Use } from "./use.ts";

/** Such a function of a region is not read. */
const unread = (use: Use): readonly Atom[] =>
  use.become("refused", {
    got: `${use.operator} with a function of its own`,
    want: "sums, products, maxima, minima, conjunctions, disjunctions, and orders by one operand",
  });

/** The number that changes nothing, of each dtype. */
const neutral: Readonly<Record<Reducer, (value: number, type: XlaType) => boolean>> = {
  add: (value) => value === 0,
  mul: (value) => value === 1,
  max: (value, { name }) => value === least(name),
  min: (value, { name }) => value === largest(name),
  and: (value, { name }) => value === (name === "bool" ? 1 : -1),
  or: (value) => value === 0,
  logaddexp: (value) => value === Number.NEGATIVE_INFINITY,
};
const bits = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 1);
function least(name: string): number {
  if (/float/.test(name)) return Number.NEGATIVE_INFINITY;
  return name.startsWith("int") ? -(2 ** (bits(name) - 1)) : 0;
}
function largest(name: string): number {
  if (/float/.test(name)) return Number.POSITIVE_INFINITY;
  if (name.startsWith("int")) return 2 ** (bits(name) - 1) - 1;
  return name === "bool" ? 1 : 2 ** bits(name) - 1;
}

const isNeutral = (reducer: Reducer, start: Atom): boolean =>
  start.kind === "number" &&
  // Integers of 64 bits are numbers of 53 here.
  neutral[reducer](start.value, start.type);

/** A result together with the number from which its reduction starts, where that says anything. */
function startedFrom(use: Use, reducer: Reducer, start: Atom, result: Atom, type: XlaType): Atom {
  if (isNeutral(reducer, start)) return result;
  const spread = use.step("broadcast_in_dim", [start], type, { broadcast_dimensions: [] });
  return use.step(reducer, [spread, result], type);
}

const reductions: Readonly<Partial<Record<Reducer, string>>> = {
  add: "reduce_sum",
  mul: "reduce_prod",
  max: "reduce_max",
  min: "reduce_min",
  and: "reduce_and",
  or: "reduce_or",
};

const reduce: Rule = (use) => {
  const { programs, captured } = use.regions();
  const axes = use.ints("dimensions");
  const count = use.operands.length / 2;
  const program = only(programs);
  if (count === 2 && captured.length === 0) return placeReduced(use, axes) ?? unread(use);
  const reducer = reducerOf(program);
  const primitive = reducer && reductions[reducer];
  if (count !== 1 || reducer === undefined || primitive === undefined || captured.length > 0)
    return unread(use);
  const result = use.step(primitive, [use.x], use.result, { axes });
  return [startedFrom(use, reducer, use.y, result, use.result)];
};

/** The largest number and its place, of numbers with their places along the axis. */
function placeReduced(use: Use, axes: readonly number[]): readonly Atom[] | undefined {
  const meaning = placeReducerOf(only(use.regions().programs));
  const [x, places, start] = [use.operand(0), use.operand(1), use.operand(2)];
  const [axis, ...others] = axes;
  const [valueType, placeType] = use.results;
  const counted = use.definition(places);
  const isCounted = counted?.primitive === "iota" && counted.params.int("dimension") === axis;
  const reducer = meaning === "argmax" ? "max" : "min";
  if (meaning === undefined || others.length > 0 || !isCounted || !isNeutral(reducer, start))
    return undefined;
  if (valueType === undefined || placeType === undefined) return undefined;
  return [
    use.step(`reduce_${reducer}`, [x], valueType, { axes }),
    use.step(meaning, [x], placeType, { axes }),
  ];
}

// Windows

const running: Readonly<Partial<Record<Reducer, string>>> = {
  add: "cumsum",
  mul: "cumprod",
  max: "cummax",
  min: "cummin",
  logaddexp: "cumlogsumexp",
};
const windows: Readonly<Partial<Record<Reducer, string>>> = {
  add: "reduce_window_sum",
  max: "reduce_window_max",
  min: "reduce_window_min",
};

const reduceWindow: Rule = (use) => {
  const { programs, captured } = use.regions();
  const reducer = reducerOf(only(programs));
  const [x, start] = [use.x, use.y];
  if (use.operands.length !== 2 || reducer === undefined || captured.length > 0) return unread(use);
  if (!isNeutral(reducer, start)) return unread(use);
  const sizes = use.ints("window_dimensions");
  const ones = sizes.map(() => 1);
  const window = {
    window_dimensions: sizes,
    window_strides: use.ints("window_strides", ones),
    base_dilation: use.ints("base_dilations", ones),
    window_dilation: use.ints("window_dilations", ones),
    padding: use.pairs(
      "padding",
      ones.map(() => [0, 0]),
    ),
  };
  const cumulative = accumulation(use, x, window);
  const name = cumulative === undefined ? windows[reducer] : running[reducer];
  return name === undefined ? unread(use) : use.become(name, cumulative ?? window, [x]);
};

interface Window {
  readonly window_dimensions: readonly number[];
  readonly window_strides: readonly number[];
  readonly base_dilation: readonly number[];
  readonly window_dilation: readonly number[];
  readonly padding: readonly (readonly number[])[];
}

/** Windows that reach from the start of an axis to each of its elements, or from there to its end. */
function accumulation(use: Use, x: Atom, window: Window): { axis: number; reverse: boolean } | undefined {
  const { window_dimensions: sizes, padding } = window;
  const steps = [window.window_strides, window.base_dilation, window.window_dilation].flat();
  const axes = range(sizes.length).filter((axis) => sizes[axis] !== 1);
  const [axis, ...others] = axes;
  if (axis === undefined || others.length > 0 || steps.some((step) => step !== 1)) return undefined;
  const size = use.typeOf(x).shape[axis];
  const isPlain = zip(sizes, padding).every(
    ([, widths], i) => i === axis || widths.every((width) => width === 0),
  );
  const [before, after] = padding[axis] ?? [];
  if (!isPlain || sizes[axis] !== size || typeof size !== "number") return undefined;
  if (before === size - 1 && after === 0) return { axis, reverse: false };
  return before === 0 && after === size - 1 ? { axis, reverse: true } : undefined;
}

// Order

const sort: Rule = (use) => {
  const { programs, captured } = use.regions();
  const order = orderOf(only(programs));
  if (order === undefined || captured.length > 0) return unread(use);
  const { key, isDescending } = order;
  const type = use.typeOf(use.operand(key));
  const turn = (atom: Atom): Atom => (isDescending ? use.step("neg", [atom], type) : atom);
  const others = range(use.operands.length).filter((place) => place !== key);
  const params = { dimension: use.int("dimension", type.shape.length - 1), num_keys: 1 };
  const inputs = [turn(use.operand(key)), ...others.map((place) => use.operand(place))];
  const types = [key, ...others].map((place) => use.results[place] ?? type);
  const [first, ...rest] = use.body.emit(use, "sort", inputs, params, types, []);
  if (first === undefined) return [];
  return rest.toSpliced(key, 0, turn(first));
};

const topK: Rule = (use) => use.become("top_k", { k: use.int("k") });

export const reduction: Readonly<Record<string, Rule>> = {
  reduce,
  reduce_window: reduceWindow,
  sort,
  top_k: topK,
};
