/** @file Which axes of a graph run together, found by following the operators, so that each such class has one name. */
import { at, get } from "../base/assert.ts";
import { bodyGraph } from "../ir/body.ts";
import { type Dim, equalDims, symbolsOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { wholeLabel } from "../ops/define.ts";
import { definitionOf } from "../ops/table.ts";
import { isCall } from "../ops/traits.ts";

/** A set of axes that run together, represented by one of them. */
export interface AxisClass {
  readonly size: Dim;
  /** An input, a parameter or an output has such an axis, so that signature or where list introduce its name. */
  declared: boolean;
}

/** The class of every axis of every node. */
export type AxisClasses = ReadonlyMap<Node, readonly AxisClass[]>;

interface Member extends AxisClass {
  parent: Member | undefined;
}

/** The one that stands for all; the way to it is halved, since it may be as long as the graph is deep. */
function find(member: Member): Member {
  let root = member;
  while (root.parent !== undefined) {
    if (root.parent.parent !== undefined) root.parent = root.parent.parent;
    root = root.parent;
  }
  return root;
}

function unite(a: Member, b: Member): void {
  const [first, second] = [find(a), find(b)];
  if (first === second) return;
  second.parent = first;
  first.declared ||= second.declared;
}

/** An axis of one node and one of another that run together. */
export type AxisPair = readonly [a: Node, axis: number, b: Node, other: number];

/** `alike` says what the operators of the graph don't. */
export function axisClasses(graph: Graph, alike: readonly AxisPair[] = []): AxisClasses {
  const members = new Map<Node, readonly Member[]>();
  const declared = new Set<Node>([
    ...graph.inputs,
    ...graph.parameters.map((parameter) => parameter.node),
    ...graph.outputs.map((output) => output.node),
  ]);
  for (const node of graph.nodes) {
    const own = node.type.shape.map(
      (size): Member => ({ size, declared: declared.has(node), parent: undefined }),
    );
    members.set(node, own);
    const types = node.inputs.map((input) => input.type);
    const map = definitionOf(node.op).axes(types, node.attrs, node.type);
    const first = new Map<string, Member>();
    const meet = (label: string | undefined, member: Member): void => {
      if (label === undefined || label === wholeLabel) return;
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
  for (const [a, axis, b, other] of alike) {
    const [one, two] = [members.get(a)?.[axis], members.get(b)?.[other]];
    if (one !== undefined && two !== undefined) unite(one, two);
  }
  return new Map([...members].map(([node, own]) => [node, own.map(find)]));
}

/** The axes of what blocks give that run together with axes of what they are given, as their bodies have it. */
export function axesOfUses(graph: Graph): AxisPair[] {
  const known = new Map<string, readonly (readonly Through[])[]>();
  return graph.nodes.filter(isCall).flatMap((call) => {
    const { body, output } = call.attrs;
    const through = known.get(body.key) ?? throughBody(bodyGraph(body));
    known.set(body.key, through);
    return at(through, output).map(
      ({ input, axis, result }): AxisPair => [at(call.inputs, input), axis, call, result],
    );
  });
}

/** An axis of an argument that is one of a result. */
interface Through {
  readonly input: number;
  readonly axis: number;
  readonly result: number;
}

/** Of each result. */
function throughBody(body: Graph): Through[][] {
  const classes = axisClasses(body, axesOfUses(body));
  const given = body.inputs.flatMap((node, input) =>
    get(classes, node).map((own, axis) => ({ own, input, axis })),
  );
  return body.outputs.map(({ node }) =>
    get(classes, node).flatMap((own, result) => {
      const from = given.find((one) => one.own === own);
      return from === undefined ? [] : [{ input: from.input, axis: from.axis, result }];
    }),
  );
}

/** The symbol that is the whole size, if it is one. */
export function soleSymbol(size: Dim): string | undefined {
  const [name] = symbolsOf([size]);
  return typeof size !== "number" && size.key === name ? name : undefined;
}

/** Whether a name can tell this axis from the tensor's other axes; the reader falls back on sizes, so these must differ. */
export function isNameable(classes: AxisClasses, node: Node, axis: number): boolean {
  const size = at(node.type.shape, axis);
  const alike = node.type.shape.filter((other) => equalDims(other, size));
  const canBeNamed = typeof size === "number" ? size > 1 : soleSymbol(size) !== undefined;
  return canBeNamed && alike.length === 1 && at(get(classes, node), axis).declared;
}
