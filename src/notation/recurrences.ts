/**
 * @file Recurrences whose bodies are laid open: what they compute is nodes of the graph itself, so that a step is written as
 * everything else is. Leaves stand for what comes from elsewhere: the step before, elements of sequences, whole sequences.
 */
import { range } from "../base/assert.ts";
import type { Rational } from "../base/rational.ts";
import type { Dim } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { AxisPair } from "./axes.ts";

/** A value that a recurrence defines for each of its steps. */
export interface Member {
  /** What it is called inside. */
  readonly label: string;
  readonly result: Node;
  /** What stands for the value of the step before, where that is read, and what the first step has instead. */
  readonly carried: { readonly node: Node; readonly start: Node | Rational } | undefined;
  /** What stands for all steps together, along the axis `place`. */
  readonly whole: Node;
  readonly place: number;
  /** What stands for the first step and for the last. */
  readonly ends: { readonly first: Node; readonly last: Node };
}

/** One step of a sequence that comes from outside. */
export interface Element {
  readonly node: Node;
  readonly source: Node;
  /** The axis of the steps in the source. */
  readonly axis: number;
}

export interface Recurrence {
  readonly length: Dim;
  readonly reverse: boolean;
  readonly members: readonly Member[];
  /** Those that no recurrence before has as well. */
  readonly elements: readonly Element[];
  /** Values that stay the same, computed outside. */
  readonly steady: readonly Node[];
}

/** The recurrences in a copy of their graph. */
export function copied(recurrences: readonly Recurrence[], image: ReadonlyMap<Node, Node>): Recurrence[] {
  const of = (node: Node): Node => image.get(node) ?? node;
  const start = (value: Node | Rational): Node | Rational => ("op" in value ? of(value) : value);
  return recurrences.map((recurrence) => ({
    ...recurrence,
    steady: recurrence.steady.map(of),
    elements: recurrence.elements.map((element) => ({
      ...element,
      node: of(element.node),
      source: of(element.source),
    })),
    members: recurrence.members.map((member) => ({
      ...member,
      result: of(member.result),
      carried: member.carried && { node: of(member.carried.node), start: start(member.carried.start) },
      whole: of(member.whole),
      ends: { first: of(member.ends.first), last: of(member.ends.last) },
    })),
  }));
}

/** Pairs of axes that run together because of recurrences. */
export function axesOfSteps(recurrences: readonly Recurrence[]): AxisPair[] {
  const steps = new Map<string, readonly [Node, number]>();
  const pairs: AxisPair[] = [];
  const alike = (a: Node, b: Node, without?: number): void => {
    const rest = range(b.type.shape.length).filter((axis) => axis !== without);
    for (const [axis, other] of rest.entries()) pairs.push([a, axis, b, other]);
  };
  for (const { length, members, elements } of recurrences) {
    const meet = (node: Node, axis: number): void => {
      const key = dimKey(length);
      const first = steps.get(key);
      if (first === undefined) steps.set(key, [node, axis]);
      else pairs.push([...first, node, axis]);
    };
    for (const { result, carried, whole, place, ends } of members) {
      alike(result, whole, place);
      meet(whole, place);
      for (const node of [ends.first, ends.last, ...(carried === undefined ? [] : [carried.node])])
        alike(result, node);
      if (carried !== undefined && "op" in carried.start) alike(result, carried.start);
    }
    for (const { node, source, axis } of elements) {
      alike(node, source, axis);
      meet(source, axis);
    }
  }
  return pairs;
}

export const dimKey = (dim: Dim): string => (typeof dim === "number" ? String(dim) : dim.key);

/** What recurrences read one element of in each step. */
export const sequencesOf = (recurrences: readonly Recurrence[]): ReadonlySet<Node> =>
  new Set(recurrences.flatMap(({ elements }) => elements.map(({ source }) => source)));
