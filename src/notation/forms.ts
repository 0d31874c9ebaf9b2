/** @file The right side of one equation, in array notation and in index notation. */
import { at, get, only, zip } from "../base/assert.ts";
import { index, type Layout, number, partsOf, symbol, wholeAxis, withParts } from "../base/layout.ts";
import { type Dim, elementCount } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { type AxisLabels, type Notation, wholeLabel } from "../ops/define.ts";
import { countedSizes } from "../ops/reduction.ts";
import { definitionOf, isElementwise } from "../ops/table.ts";
import { isConstant, positionsOf } from "../ops/traits.ts";

/** The words of a document. */
export interface Vocabulary {
  name(node: Node): string;
  /** `undefined` where no name tells the axis from the others. */
  axis(node: Node, axis: number): string | undefined;
  /** The name that says along which axis the node joins its operands, if one does. */
  joinedAxis(node: Node, axis: number): readonly string[] | undefined;
  /** The size of an axis in one word. */
  sizeName(node: Node, axis: number): string | undefined;
  shape(node: Node): Layout;
  /** A size as a number in an expression. */
  size(size: Dim): Layout;
  /** The size that papers have for the number in an operand of a node, where they have one. */
  counted(node: Node): string | undefined;
  /** A place on an axis as a number in an expression. */
  bound(place: Dim, node: Node, axis: number): Layout;
  /** What the axes of a value are called, so that its name alone says its indices. */
  own(node: Node): readonly string[] | undefined;
  /** Whether a name is that of a size, which it means as a number even where it is an index. */
  isSize(name: string): boolean;
  /** A source of index letters for one equation, in which no letter comes twice and none is taken; `avoided` mean a size there. */
  letters(avoided: ReadonlySet<string>, taken?: readonly string[]): LetterSource;
}
export type LetterSource = (node: Node, axis: number) => string;

/** Whether an operand is referred to by its name instead of being written out. */
export type IsNamed = (node: Node) => boolean;

export interface ArrayForm {
  readonly layout: Layout;
  /** It contains a permute, reshape or broadcast that index notation would not need. */
  readonly clumsy: boolean;
  /** All that is clumsy about it is that axes are permuted. */
  readonly permutesOnly: boolean;
}

export interface ElementForm {
  /** The indices of the left side. */
  readonly indices: readonly string[];
  readonly layout: Layout;
  /** An index only stands as a number, so that nothing on the right says how far it runs. */
  readonly unsized: boolean;
  /** The values that it reads, and their indices. */
  readonly reads: ReadonlyMap<Layout, Read>;
}

const operandTypes = (node: Node): Notation["operandTypes"] => node.inputs.map((input) => input.type);

/** A number: a constant, which may have the name of a size, or a size that is counted at run time. */
function atom(node: Node, words: Vocabulary, size?: string): Layout | undefined {
  if (size !== undefined && node.op === "Constant") return symbol(size);
  const counted = countedSizes(node);
  if (counted !== undefined) return words.size(elementCount(counted));
  if (node.op !== "Constant" && node.op !== "NamedConstant") return undefined;
  return definitionOf(node.op).render([], node.attrs, noAxes);
}

/** The size that the number is which stands in an operand, itself or under a root: the user says it. */
const sizeIn = (operand: Node, user: Node, words: Vocabulary, known?: string): string | undefined =>
  operand.type.shape.length === 0 && isConstant(operand) ? (words.counted(user) ?? known) : undefined;

/** An axis by its place, where no name tells it from the others: -1 is the last one. */
const fromLast = (axis: number, rank: number): string => String(axis - rank);

/** `undefined` when a part of the expression has no array notation. */
export function arrayForm(root: Node, isNamed: IsNamed, words: Vocabulary): ArrayForm | undefined {
  let [sayable, clumsy, permutesOnly] = [true, false, true];
  const named = (node: Node, axis: number): string =>
    words.axis(node, axis) ?? fromLast(axis, node.type.shape.length);
  const form = (node: Node, size?: string): Layout => {
    const value = atom(node, words, size);
    if (value !== undefined) return value;
    const isOpen = node === root || !isNamed(node);
    const isRange = positionsOf(node) !== undefined;
    if (!isRange && (node.inputs.length === 0 || !isOpen)) return symbol(words.name(node));
    clumsy ||= isRange;
    permutesOnly &&= !isRange;
    const definition = definitionOf(node.op);
    const notation: Notation = {
      axis: (operand, axis) => named(at(node.inputs, operand), axis),
      joinedAxis: (axis) => words.joinedAxis(node, axis) ?? [fromLast(axis, node.type.shape.length)],
      operandTypes: operandTypes(node),
      sizeName: (of, axis) => words.sizeName(of === "result" ? node : at(node.inputs, of), axis),
      shape: () => words.shape(node),
      size: (dim) => words.size(dim),
      bound: (place, axis) => words.bound(place, at(node.inputs, 0), axis),
    };
    const args = node.inputs.map((input) => form(input, sizeIn(input, node, words, size)));
    const layout = definition.render(args, node.attrs, notation);
    if (definition.rearranges && layout?.kind === "call") {
      const isClumsy = definition.renderElement?.(args, node.attrs, notation) !== undefined;
      clumsy ||= isClumsy;
      permutesOnly &&= !isClumsy || node.op === "Transpose";
    }
    if (layout === undefined) sayable = false;
    return layout ?? symbol("?");
  };
  const layout = form(root);
  return sayable ? { layout, clumsy, permutesOnly } : undefined;
}

interface Read {
  readonly node: Node;
  readonly indices: readonly string[];
}

interface ElementOptions {
  /** Whether what has no index notation may be a whole tensor with indices behind it: anything, a part of a tensor, or nothing. */
  readonly whole?: "always" | "parts" | "never";
  /** What can't be an index. */
  readonly avoided?: ReadonlySet<string>;
  /** The indices of the left side, where these are given. */
  readonly given?: readonly string[] | undefined;
}

/**
 * `undefined` when a part has no index notation, or an index would range over nothing that has a size.
 */
export function elementForm(
  root: Node,
  isNamed: IsNamed,
  words: Vocabulary,
  { whole = "never", avoided = new Set(), given }: ElementOptions = {},
): ElementForm | undefined {
  const letter = words.letters(avoided, given);
  const reads = new Map<Layout, Read>();
  const positions = new Set<string>();
  let sayable = true;
  const form = (node: Node, indices: readonly string[], size?: string): Layout => {
    const definition = definitionOf(node.op);
    const value = atom(node, words, size);
    if (value !== undefined) return value;
    if (positionsOf(node) !== undefined) {
      if (only(indices) === wholeLabel) sayable = false;
      positions.add(only(indices));
      return indexLayout(only(indices));
    }
    if (node.inputs.length === 0 || (node !== root && isNamed(node))) {
      const read = index(symbol(words.name(node)), indices.map(indexLayout));
      reads.set(read, { node, indices });
      return read;
    }
    if (whole !== "never" && node !== root && isWhole(node)) {
      const layout = wholeForm(node, isNamed, words);
      const isLong = whole === "parts" && layout?.kind !== "index";
      if (layout === undefined || isLong || indices.includes(wholeLabel)) sayable = false;
      return index(layout ?? symbol("?"), indices.map(indexLayout));
    }
    // Only the equation's own axes can stay whole.
    if (definition.renderElement === undefined || (node !== root && indices.includes(wholeLabel)))
      sayable = false;
    const types = operandTypes(node);
    const { operands, result } = definition.axes(types, node.attrs, node.type);
    // Only the equation's own axes can stay whole.
    if (node !== root && [...indices, ...result].includes(wholeLabel)) sayable = false;
    const known = new Map(zip(result, indices));
    const operandIndices = operands.map((labels, i) => indicesOf(labels, at(node.inputs, i), known, letter));
    const notation: Notation = {
      axis: (operand, axis) => at(at(operandIndices, operand), axis),
      joinedAxis: () => [],
      operandTypes: types,
      sizeName: (of, axis) => words.sizeName(of === "result" ? node : at(node.inputs, of), axis),
      shape: () => words.shape(node),
      size: (dim) => words.size(dim),
      bound: (place, axis) => words.bound(place, at(node.inputs, 0), axis),
    };
    const args = node.inputs.map((input, i) =>
      form(input, at(operandIndices, i), sizeIn(input, node, words, size)),
    );
    const layout = definition.renderElement?.(args, node.attrs, notation);
    if (layout === undefined) sayable = false;
    return layout ?? symbol("?");
  };
  const labels = definitionOf(root.op).axes(operandTypes(root), root.attrs, root.type).result;
  if (given !== undefined && labels.includes(wholeLabel)) return undefined;
  const indices = given ?? labels.map((label, axis) => (label === wholeLabel ? label : letter(root, axis)));
  const layout = form(root, indices);
  const clashes = [...positions].filter((name) => words.isSize(name));
  if (clashes.some((name) => given?.includes(name))) return undefined;
  if (clashes.length > 0)
    return elementForm(root, isNamed, words, { whole, avoided: new Set([...avoided, ...clashes]), given });
  if (!sayable || !boundInside(layout)) return undefined;
  const [indexing, standing] = [new Set(indicesIn(layout)), new Set(symbolsIn(layout))];
  const letters = indices.filter((name) => name !== wholeLabel);
  if (!letters.every((name) => indexing.has(name) || standing.has(name))) return undefined;
  const isUnsized = !letters.every((name) => indexing.has(name));
  return { indices, layout: withoutOwn(layout, reads, words), unsized: isUnsized, reads };
}

/** The layout without the indices that say how the axes of a value are called anyway. */
function withoutOwn(layout: Layout, reads: ReadonlyMap<Layout, Read>, words: Vocabulary): Layout {
  const read = reads.get(layout);
  const own = read && words.own(read.node);
  const saysNothing = own?.every((name, axis) => read?.indices[axis] === name);
  if (layout.kind === "index" && saysNothing === true) return layout.tensor;
  return withParts(layout, (part) => withoutOwn(part, reads, words));
}

/** Whether a function acts on whole tensors, so that one element of its result is not said by elements of its operands. */
function isWhole(node: Node): boolean {
  const definition = definitionOf(node.op);
  const types = operandTypes(node);
  const element = index(symbol("?"), [symbol("?")]);
  const args = node.inputs.map(() => element);
  return (
    definition.renderElement?.(args, node.attrs, { ...noAxes, operandTypes: types }) === undefined ||
    definition.axes(types, node.attrs, node.type).result.includes(wholeLabel)
  );
}

/**
 * The array notation of functions of whole tensors, whose other operands have names; `undefined` if they have none. With
 * `ofElements` what is done to each element of their results is said too.
 */
export function wholeForm(
  root: Node,
  isNamed: IsNamed,
  words: Vocabulary,
  { ofElements = false }: { readonly ofElements?: boolean } = {},
): Layout | undefined {
  const isNumber = (node: Node): boolean => node.type.shape.length === 0 && atom(node, words) !== undefined;
  const isShort = (node: Node): boolean =>
    node.inputs.length === 0 || isNamed(node) || countedSizes(node) !== undefined;
  const isSaid = (node: Node): boolean =>
    isWhole(node)
      ? node.inputs.length > 0 && node.inputs.every((input) => isShort(input) || isSaid(input))
      : ofElements &&
        isElementwise(node) &&
        node.inputs.every((input) => !isNamed(input) && (isNumber(input) || isSaid(input)));
  return isSaid(root) ? arrayForm(root, isNamed, words)?.layout : undefined;
}

const noAxes: Notation = {
  axis: () => "",
  joinedAxis: () => [],
  operandTypes: [],
  sizeName: () => undefined,
  shape: () => symbol("?"),
  size: () => symbol("?"),
  bound: () => symbol("?"),
};

/** An index letter, the number of an element, or `:`. */
export function indexLayout(text: string): Layout {
  if (text === wholeLabel) return wholeAxis;
  return /^\d+$/.test(text) ? number(text) : symbol(text);
}

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

/** Whether every index of a function indexes a tensor inside. */
function boundInside(layout: Layout): boolean {
  const bound = layout.kind === "big" ? layout.index : layout.kind === "call" ? layout.subscript : [];
  const inside = new Set(partsOf(layout).flatMap(indicesIn));
  return bound.every((name) => inside.has(name)) && partsOf(layout).every(boundInside);
}

function indicesIn(layout: Layout): string[] {
  const own = layout.kind === "index" ? layout.indices : [];
  return [
    ...own.flatMap((item) => (item.kind === "symbol" ? [item.name] : indicesIn(item))),
    ...partsOf(layout).flatMap(indicesIn),
  ];
}

/** Names that stand for numbers. */
export function symbolsIn(layout: Layout): string[] {
  return layout.kind === "symbol" ? [layout.name] : partsOf(layout).flatMap(symbolsIn);
}
