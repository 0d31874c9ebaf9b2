/** @file Which axes of a graph run together, found by following the operators, so that each such class has one name. */
import { at, get } from "../base/assert.ts";
import { type Dim, symbolsOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";

/** A set of axes that run together, represented by one of them. */
export interface AxisClass {
  readonly size: Dim;
  /** Some member's size is written in the document, so that a name given there reaches the others. */
  declared: boolean;
}

/** The class of every axis of every node. */
export type AxisClasses = ReadonlyMap<Node, readonly AxisClass[]>;

interface Member extends AxisClass {
  parent: Member | undefined;
}

function find(member: Member): Member {
  let root = member;
  while (root.parent !== undefined) root = root.parent;
  return root;
}

function unite(a: Member, b: Member): void {
  const [first, second] = [find(a), find(b)];
  if (first === second) return;
  second.parent = first;
  first.declared ||= second.declared;
}

/** Operators in whose notation the sizes of the result are written out. */
const writesSizes = new Set<Node["op"]>(["Input", "Parameter", "Reshape", "Broadcast"]);

export function axisClasses(graph: Graph): AxisClasses {
  const members = new Map<Node, readonly Member[]>();
  for (const node of graph.nodes) {
    const declared = writesSizes.has(node.op);
    members.set(
      node,
      node.type.shape.map((size) => ({ size, declared, parent: undefined })),
    );
  }
  for (const node of graph.nodes) {
    const map = definitionOf(node.op).axes(
      node.inputs.map((input) => input.type),
      node.attrs,
      node.type,
    );
    const first = new Map<string, Member>();
    const meet = (label: string | undefined, member: Member): void => {
      if (label === undefined) return;
      const known = first.get(label);
      if (known === undefined) first.set(label, member);
      else unite(known, member);
    };
    for (const [axis, label] of map.result.entries()) meet(label, at(get(members, node), axis));
    for (const [index, labels] of map.operands.entries()) {
      const operand = get(members, at(node.inputs, index));
      for (const [axis, label] of labels.entries()) meet(label, at(operand, axis));
    }
  }
  return new Map([...members].map(([node, own]) => [node, own.map(find)]));
}

/** The symbol that is the whole size, if it is one. */
export function soleSymbol(size: Dim): string | undefined {
  const [name] = symbolsOf([size]);
  return typeof size !== "number" && size.key === name ? name : undefined;
}

/** Whether a name can tell this axis from the tensor's other axes. */
export function isNameable(classes: AxisClasses, node: Node, axis: number): boolean {
  const own = get(classes, node);
  const size = at(node.type.shape, axis);
  const others = own.filter((_, other) => other !== axis);
  const name = soleSymbol(size);
  if (name !== undefined) return !others.some((other) => soleSymbol(other.size) === name);
  const ownClass = at(own, axis);
  return typeof size === "number" && size > 1 && ownClass.declared && !others.includes(ownClass);
}
