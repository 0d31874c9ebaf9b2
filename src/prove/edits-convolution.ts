/** @file Edits of convolutions and pools: other windows, other groups, another kind of pool, or another order of steps. */
import { at, range } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { applied, type Builder, type Node, reachable, rebuild } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { isAdditive, isParameter, isStored, otherPools, type Windowing, windowingOf } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import { opWords } from "./edit-variants.ts";
import type { Namer } from "./names.ts";

/** How windows are laid in practice. */
const usualSteps = [1, 2, 3];
const usualPadding = [0, 1, 2, 3];
const usualSizes = [1, 2, 3, 5, 7];

/** Other windows, under which later sizes may change. */
export function windowEdits(node: Node): Edit[] {
  const own = windowingOf(node);
  if (own === undefined) return [];
  const axes = own.strides.length;
  const all = <T>(value: T): T[] => range(axes).map(() => value);
  const both = (width: number): (readonly [number, number])[] => all([width, width] as const);
  const changes: readonly Partial<Windowing>[] = [
    ...usualSteps.map((step) => ({ strides: all(step) })),
    ...usualPadding.map((width) => ({ padding: both(width) })),
    ...usualSteps.flatMap((step) => [
      { dilation: all(step) },
      { dilation: all(step), padding: own.padding.map(([a, b]) => [a * step, b * step] as const) },
    ]),
    ...usualSizes.flatMap((size) => [
      { sizes: all(size) },
      { sizes: all(size), padding: both(Math.floor((size - 1) / 2)) },
    ]),
    { padding: both(1), strides: all(2) },
  ];
  return changes.flatMap((change) => windowEdit(node, own, change));
}

function windowEdit(node: Node, own: Windowing, change: Partial<Windowing>): Edit[] {
  const other = { ...own, ...change };
  const facts = (["sizes", "strides", "padding", "dilation"] as const).filter(
    (name) => own[name] !== undefined && listText(own[name]) !== listText(other[name]),
  );
  if (facts.length === 0) return [];
  const words = facts.map(
    (name) => `the ${singular[name]} is ${listText(other[name])} instead of ${listText(own[name])}`,
  );
  return [
    {
      kind: "wrong-window",
      node,
      words: `in ${own.words}, ${words.join(" and ")}`,
      make: (builder, inputs) => own.rebuild(builder, inputs, other),
    },
  ];
}

const singular = { sizes: "size", strides: "stride", padding: "padding", dilation: "dilation" } as const;

/** `2`, `[2, 1]`, `[[0, 1], [0, 0]]`. */
function listText(values: readonly (number | readonly number[])[] | undefined): string {
  const items = (values ?? []).map((value) => (typeof value === "number" ? String(value) : listText(value)));
  return new Set(items).size === 1 ? at(items, 0) : `[${items.join(", ")}]`;
}

/** Filters that read a part of the channels only. */
export function groupEdits(node: Node, names: Namer): Edit[] {
  const own = windowingOf(node);
  const kernel = node.inputs[1];
  if (own?.groups === undefined || kernel === undefined || !isParameter(kernel)) return [];
  const [filters = 1, depth = 1, ...sizes] = kernel.type.shape;
  if (typeof depth !== "number" || typeof filters !== "number") return [];
  const channels = depth * own.groups;
  const counts = range(channels + 1).filter(
    (groups) => groups > 0 && channels % groups === 0 && groups !== own.groups,
  );
  return counts.flatMap((groups) =>
    // With groups the number of filters is often another as well.
    (filters % groups === 0 ? [filters] : []).map(
      (outputs): Edit => ({
        kind: "wrong-groups",
        node,
        words: `${own.words} with ${names.value(kernel)} works in ${groups} groups of channels instead of ${own.groups}`,
        make: (builder, inputs) => {
          const shape = [outputs, channels / groups, ...sizes];
          const parted = builder.node("Parameter", [], { ...kernel.attrs, shape });
          return own.rebuild(builder, [at(inputs, 0), parted], { ...own, groups });
        },
      }),
    ),
  );
}

/** The largest or the sum instead of the average, the average instead of the largest. */
export function poolEdits(node: Node): Edit[] {
  return otherPools(node).map(({ words, make }) => ({
    kind: "wrong-reduction",
    node,
    words: `the pool takes ${words}`,
    make,
  }));
}

/** f(g(x)) instead of g(f(x)), for two steps of one operand each. */
export function orderEdits(node: Node): Edit[] {
  const [inner] = node.inputs;
  if (inner === undefined || !isStep(node) || !isStep(inner) || isStored(node)) return [];
  const redo = (builder: Builder, step: Node, x: Node): Node => applied(builder, step.op, [x], step.attrs);
  return [
    {
      kind: "wrong-order",
      node,
      words: `${stepWords(node)} comes before ${stepWords(inner)}`,
      make: (builder, _, imageOf) => redo(builder, inner, redo(builder, node, imageOf(at(inner.inputs, 0)))),
    },
  ];
}

/** f(x) + y instead of f(x + y), for an activation behind a sum of two values. */
export function sumOrderEdits(node: Node, names: Namer): Edit[] {
  const [sum] = node.inputs;
  const isBehindSum = definitionOf(node.op).family === "activation" && sum !== undefined && isAdditive(sum);
  if (!isBehindSum || sum.inputs.some((input) => isStored(input))) return [];
  return sum.inputs
    .filter((operand) => equalShapes(operand.type.shape, sum.type.shape))
    .map((operand) => ({
      kind: "wrong-order",
      node,
      words: `${opWords(node)} is applied to ${names.value(operand)} before the sum`,
      make: (builder, _, imageOf) => {
        const bent = sum.inputs.map((input) =>
          input === operand ? applied(builder, node.op, [imageOf(input)], node.attrs) : imageOf(input),
        );
        return rebuild(builder, sum, bent);
      },
    }));
}

/** Values at which another skip connection may begin. */
const mostBeginnings = 24;

/** x + f(x) with another value on the way in the place of x. */
export function skipEdits(node: Node, names: Namer): Edit[] {
  const [first, second] = node.inputs;
  if (first === undefined || second === undefined || !isAdditive(node)) return [];
  return [
    [first, second],
    [second, first],
  ].flatMap(([skip, through]) => {
    const way = skip === undefined || through === undefined || isStored(skip) ? [] : reachable([through]);
    if (skip === undefined || !way.includes(skip)) return [];
    return way
      .filter((other) => other !== skip && other !== through && !isStored(other))
      .filter((other) => equalShapes(other.type.shape, skip.type.shape))
      .slice(-mostBeginnings)
      .map(
        (other): Edit => ({
          kind: "wrong-skip-connection",
          node,
          words: `the skip connection begins at ${names.value(other)} instead of ${names.value(skip)}`,
          make: (builder, inputs, imageOf) =>
            rebuild(
              builder,
              node,
              skip === first ? [imageOf(other), at(inputs, 1)] : [at(inputs, 0), imageOf(other)],
            ),
        }),
      );
  });
}

const stepWords = (node: Node): string => windowingOf(node)?.words ?? opWords(node);

/** An activation, a normalisation or a pool. */
const isStep = (node: Node): boolean => {
  const { arity, family } = definitionOf(node.op);
  if (arity !== 1) return false;
  const keepsShape = equalShapes(node.type.shape, at(node.inputs, 0).type.shape);
  const isFunction = (family === "activation" || family === "normalisation") && keepsShape;
  return isFunction || windowingOf(node) !== undefined;
};
