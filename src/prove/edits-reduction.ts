/** @file Edits of reductions: along other axes, of another kind, divided by another number of values. */
import { at, range } from "../base/assert.ts";
import { rational } from "../base/rational.ts";
import { applied, type Builder, type Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { elementsAlong } from "../ops/composite.ts";
import { definitionOf } from "../ops/table.ts";
import type { Edit } from "./edit.ts";
import { opWords } from "./edit-variants.ts";
import type { Namer } from "./names.ts";

const reductions: readonly OpName[] = ["Sum", "Mean", "Max"];

const axesOf = (attrs: object): unknown => ("axes" in attrs ? attrs.axes : "axis" in attrs ? attrs.axis : []);

/** The same operator along other axes. */
export function axisEdits(node: Node, names: Namer): Edit[] {
  const operand = at([...node.inputs, node], 0);
  const rank = operand.type.shape.length;
  const axisWords = (axes: unknown): string =>
    [axes]
      .flat()
      .map((axis) => names.axis(operand, Number(axis)))
      .join(", ");
  const attrs = node.attrs as Readonly<Record<string, unknown>>;
  const edits = (changed: readonly object[]): Edit[] =>
    changed.map((other) => ({
      kind: "wrong-axis",
      node,
      words: `${opWords(node)} runs along ${axisWords(axesOf(other))} instead of ${axisWords(axesOf(attrs))}`,
      make: (builder, inputs) => applied(builder, node.op, inputs, other),
    }));
  if (typeof attrs["axis"] === "number" && definitionOf(node.op).family !== "structure") {
    return edits(
      range(rank)
        .filter((axis) => axis !== attrs["axis"])
        .map((axis) => ({ ...attrs, axis })),
    );
  }
  const { axes } = attrs;
  if (!Array.isArray(axes)) return [];
  const single = range(rank).map((axis) => [axis]);
  const all = rank > 1 ? [range(rank)] : [];
  return edits(
    [...single, ...all]
      .filter((other) => other.join() !== axes.join())
      .map((other) => ({ ...attrs, axes: other })),
  );
}

/** Another reduction over the same axes, or one that divides by another number of values. */
export function reductionEdits(node: Node, names: Namer): Edit[] {
  if (!reductions.includes(node.op)) return correctionEdits(node);
  const others = reductions
    .filter((op) => op !== node.op)
    .map(
      (op): Edit => ({
        kind: "wrong-reduction",
        node,
        words: `the reduction is ${op.toLowerCase()} instead of ${opWords(node)}`,
        make: (builder, inputs) => applied(builder, op, inputs, node.attrs),
      }),
    );
  return [...others, ...(divisorEdits[node.op]?.(node, names) ?? [])];
}

const divisorEdits: Readonly<Partial<Record<OpName, (node: Node, names: Namer) => Edit[]>>> = {
  Mean: (node, names) => {
    const words = `the mean of ${names.value(at(node.inputs, 0))} divides by n - 1 instead of n`;
    const oneLess = (builder: Builder, x: Node): Node => {
      const one = builder.node("Constant", [], { value: rational(1), dtype: x.type.dtype });
      return builder.node("Sub", [elementsAlong(builder, x, axesReduced(node)), one], {});
    };
    return [divided(node, words, oneLess)];
  },
  Sum: (node, names) => {
    const operand = at(node.inputs, 0);
    const all = range(operand.type.shape.length);
    if (all.length === axesReduced(node).length) return [];
    const along = all.map((axis) => names.axis(operand, axis)).join(", ");
    const words = `${opWords(node)} is divided by the number of all values, along ${along}, as in a mean of everything`;
    return [divided(node, words, (builder, x) => elementsAlong(builder, x, all))];
  },
};

const axesReduced = ({ attrs }: Node): readonly number[] => ("axes" in attrs ? attrs.axes : []);

const divided = (node: Node, words: string, divisor: (builder: Builder, x: Node) => Node): Edit => ({
  kind: "wrong-reduction",
  node,
  words,
  make: (builder, inputs) => {
    const x = at(inputs, 0);
    const sum = builder.node("Sum", [x], { axes: axesReduced(node) });
    return builder.node("Div", [sum, divisor(builder, x)], {});
  },
});

/** The variance of a sample instead of that of a population, and the other way round. */
function correctionEdits(node: Node): Edit[] {
  const attrs = node.attrs as Readonly<Record<string, unknown>>;
  const own = attrs["correction"];
  if (typeof own !== "number") return [];
  const [from, to] = own === 0 ? ["n", "n - 1"] : [`n - ${own}`, "n"];
  return [
    {
      kind: "wrong-reduction",
      node,
      words: `${opWords(node)} divides by ${to} instead of ${from}`,
      make: (builder, inputs) =>
        applied(builder, node.op, inputs, { ...attrs, correction: own === 0 ? 1 : 0 }),
    },
  ];
}
