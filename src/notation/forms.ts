/** @file The right side of one equation, in array notation and in index notation. */
import { at, get, zip } from "../base/assert.ts";
import { call, index, type Layout, number, partsOf, symbol } from "../base/layout.ts";
import type { Node } from "../ir/graph.ts";
import type { AxisLabels, Notation } from "../ops/define.ts";
import { definitionOf } from "../ops/table.ts";

/** The words of a document. */
export interface Vocabulary {
  name(node: Node): string;
  /** `undefined` where no name tells the axis from the others. */
  axis(node: Node, axis: number): string | undefined;
  shape(node: Node): Layout;
  /** A source of index letters for one equation, in which no letter comes twice. */
  letters(): LetterSource;
}
export type LetterSource = (node: Node, axis: number) => string;

/** Whether an operand is referred to by its name instead of being written out. */
export type IsNamed = (node: Node) => boolean;

export interface ArrayForm {
  readonly layout: Layout;
  /** It contains a permute, reshape or broadcast that index notation would not need. */
  readonly clumsy: boolean;
}

export interface ElementForm {
  /** The indices of the left side. */
  readonly indices: readonly string[];
  readonly layout: Layout;
}

const operandTypes = (node: Node): Notation["operandTypes"] => node.inputs.map((input) => input.type);

/** `undefined` when a part of the expression has no array notation. */
export function arrayForm(root: Node, isNamed: IsNamed, words: Vocabulary): ArrayForm | undefined {
  let [sayable, clumsy] = [true, false];
  const named = (node: Node, axis: number): string => {
    const name = words.axis(node, axis);
    if (name === undefined) sayable = false;
    return name ?? String(axis);
  };
  const form = (node: Node): Layout => {
    if (node.inputs.length === 0 && node.op !== "Constant" && node.op !== "NamedConstant")
      return symbol(words.name(node));
    if (node !== root && isNamed(node)) return symbol(words.name(node));
    const definition = definitionOf(node.op);
    const notation: Notation = {
      axis: (operand, axis) => named(at(node.inputs, operand), axis),
      // An axis that results from joining is called by the operands' common name, else by its number.
      resultAxis: (axis) => {
        const names = new Set(node.inputs.map((input) => words.axis(input, axis)));
        return (names.size === 1 ? [...names][0] : undefined) ?? String(axis);
      },
      operandTypes: operandTypes(node),
      shape: () => words.shape(node),
    };
    const args = node.inputs.map(form);
    const layout = definition.render(args, node.attrs, notation);
    if (definition.rearranges && layout?.kind === "call") {
      clumsy ||= definition.renderElement?.(args, node.attrs, notation) !== undefined;
    }
    if (layout === undefined) sayable = false;
    return layout ?? symbol("?");
  };
  const layout = form(root);
  return sayable ? { layout, clumsy } : undefined;
}

/** `undefined` when a part has no index notation, or an index would range over nothing that has a size. */
export function elementForm(root: Node, isNamed: IsNamed, words: Vocabulary): ElementForm | undefined {
  const letter = words.letters();
  let sayable = true;
  const form = (node: Node, indices: readonly string[]): Layout => {
    const definition = definitionOf(node.op);
    if (node.op === "Constant" || node.op === "NamedConstant")
      return definition.render([], node.attrs, noAxes) ?? symbol("?");
    if (node.inputs.length === 0 || (node !== root && isNamed(node)))
      return index(symbol(words.name(node)), indices.map(indexLayout));
    if (definition.renderElement === undefined) sayable = false;
    const types = operandTypes(node);
    const { operands, result } = definition.axes(types, node.attrs, node.type);
    const known = new Map(zip(result, indices));
    const operandIndices = operands.map((labels, i) => indicesOf(labels, at(node.inputs, i), known, letter));
    const notation: Notation = {
      axis: (operand, axis) => at(at(operandIndices, operand), axis),
      resultAxis: (axis) => at(indices, axis),
      operandTypes: types,
      shape: () => words.shape(node),
    };
    const args = node.inputs.map((input, i) => form(input, at(operandIndices, i)));
    const layout = definition.renderElement?.(args, node.attrs, notation);
    if (layout === undefined) sayable = false;
    return layout ?? symbol("?");
  };
  const indices = root.type.shape.map((_, axis) => letter(root, axis));
  const layout = form(root, indices);
  const bound = call("all", [layout], indices);
  return sayable && indicesRange(bound) ? { indices, layout } : undefined;
}

const noAxes: Notation = {
  axis: () => "",
  resultAxis: () => "",
  operandTypes: [],
  shape: () => symbol("?"),
};

const indexLayout = (text: string): Layout => (/^\d+$/.test(text) ? number(text) : symbol(text));

/** Indices of an operand: the result's where the labels meet, new letters for axes that disappear, 0 where size 1 stretches. */
function indicesOf(
  labels: AxisLabels,
  operand: Node,
  known: Map<string | undefined, string>,
  letter: LetterSource,
): string[] {
  return labels.map((label, axis) => {
    if (label === undefined) return "0";
    if (!known.has(label)) known.set(label, letter(operand, axis));
    return get(known, label);
  });
}

/** Whether every index over which a function or the equation runs indexes a tensor inside. */
function indicesRange(layout: Layout): boolean {
  const inner = partsOf(layout);
  const own = layout.kind === "call" ? layout.subscript : layout.kind === "big" ? layout.index : [];
  const inside = new Set(inner.flatMap(indicesIn));
  return own.every((name) => inside.has(name)) && inner.every(indicesRange);
}

function indicesIn(layout: Layout): string[] {
  const own = layout.kind === "index" ? layout.indices : [];
  return [
    ...own.flatMap((item) => (item.kind === "symbol" ? [item.name] : [])),
    ...partsOf(layout).flatMap(indicesIn),
  ];
}
