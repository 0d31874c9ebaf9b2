/** @file What the axes of each value are called in the notation of named axes, so that its name alone says its indices. */
import { equalDims } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { wholeLabel } from "../ops/define.ts";
import type { ElementForm, LetterSource } from "./forms.ts";
import type { Lines } from "./lines.ts";
import type { Recurrence } from "./recurrences.ts";

export interface OwnAxesContext {
  readonly lines: Lines;
  readonly recurrences: readonly Recurrence[];
  /** Values that are called by default names. */
  readonly isFixed: (node: Node) => boolean;
  /** Values whose declared shapes name the axes. */
  readonly declared: ReadonlyMap<Node, readonly string[]>;
  /** How the where list writes the number of steps. */
  readonly lengthName: (recurrence: Recurrence) => string;
  readonly letters: () => LetterSource;
  readonly form: (node: Node, given: readonly string[] | undefined) => ElementForm | undefined;
}

type Axes = readonly string[];

/**
 * Users come first: a value that all of them call alike has its axes called so, as the positions of queries and of keys.
 */
export function ownAxes(context: OwnAxesContext): ReadonlyMap<Node, Axes> {
  const { lines, recurrences, isFixed, declared, lengthName, letters, form } = context;
  const own = new Map<Node, Axes>(declared);
  const wanted = new Map<Node, Axes | undefined>();
  const want = (node: Node, indices: Axes): void => {
    const before = wanted.has(node) ? wanted.get(node) : indices;
    const areNames = indices.every((name) => /^[A-Za-z]/.test(name));
    wanted.set(node, areNames && before?.join() === indices.join() ? indices : undefined);
  };
  for (const [node, kind] of [...lines].reverse()) {
    if (node.type.shape.length === 0) continue;
    const given = isFixed(node) ? undefined : wanted.get(node);
    const element = kind === "array" ? undefined : (form(node, given) ?? form(node, undefined));
    const letter = letters();
    const names = element?.indices ?? given ?? node.type.shape.map((_, axis) => letter(node, axis));
    // What is joined along an axis has that axis as it stands.
    if (names.includes(wholeLabel)) own.delete(node);
    else own.set(node, names);
    for (const { node: read, indices } of element?.reads.values() ?? []) want(read, indices);
  }
  for (const [node, kind] of lines) {
    const isFree = kind === "index" && !wanted.has(node) && !isFixed(node);
    const element = isFree ? form(node, own.get(node)) : undefined;
    const given = element && renamed(element, own);
    if (given !== undefined && form(node, given) !== undefined) own.set(node, given);
  }
  // The reader takes an axis with the name of the steps for theirs.
  for (const recurrence of recurrences) {
    for (const { source, axis } of recurrence.elements) {
      const place = own.get(source)?.indexOf(lengthName(recurrence)) ?? -1;
      if (place >= 0 && place !== axis) own.delete(source);
    }
  }
  for (const recurrence of recurrences) {
    for (const { carried, result } of recurrence.members) set(own, carried?.node, own.get(result));
    for (const { node, source, axis } of recurrence.elements) {
      const alike = source.type.shape.filter((size) => equalDims(size, recurrence.length));
      const names = own.get(source);
      // By name or else by size the reader finds the axis of steps.
      const isFound = names?.includes(lengthName(recurrence)) === true || alike.length === 1;
      if (isFound) set(own, node, names?.toSpliced(axis, 1));
    }
  }
  return own;
}

/** The indices of an equation as the values that it reads call them, where these agree. */
function renamed({ indices, reads }: ElementForm, own: ReadonlyMap<Node, Axes>): Axes | undefined {
  const names = new Map<string, string>();
  for (const read of reads.values()) {
    const called = own.get(read.node) ?? [];
    for (const [axis, name] of called.entries()) {
      const index = read.indices[axis] ?? "";
      if ((names.get(index) ?? name) !== name) return undefined;
      names.set(index, name);
    }
  }
  const result = indices.map((index) => names.get(index) ?? index);
  return new Set(result).size === result.length ? result : undefined;
}

function set(own: Map<Node, Axes>, node: Node | undefined, axes: Axes | undefined): void {
  if (node !== undefined && axes !== undefined && axes.length > 0) own.set(node, axes);
}
