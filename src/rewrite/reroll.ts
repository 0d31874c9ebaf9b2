/**
 * @file Rolls recurrences up again that were unrolled: steps that a graph computes one after the other become a scan, of which
 * `eval/unroll.ts` makes the steps again.
 */
import { at, get, invariant, range, zip } from "../base/assert.ts";
import { rational } from "../base/rational.ts";
import { equalShapes } from "../ir/dim.ts";
import { type Builder, type Graph, type Node, reachable, rebuild, transform, usersOf } from "../ir/graph.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { newBuilder } from "../ops/table.ts";
import { isClosed } from "../ops/traits.ts";
import { elementOf } from "./correspond.ts";
import { noteOf } from "./interruption.ts";
import type { Recurrence } from "./recurrence.ts";
import { Recurrences } from "./recurrences.ts";
import { as } from "./rule.ts";
import { stepBody } from "./step-body.ts";

/** The graph with its recurrences as scans; loops that are none, since a step is made in another way, are noted. */
export function reroll(graph: Graph): Graph {
  const notes = new Set<string>();
  let rolled = graph;
  for (;;) {
    const { best, interruptions } = new Recurrences(rolled).best();
    for (const interruption of interruptions) notes.add(noteOf(rolled, interruption));
    if (best === undefined)
      return notes.size === 0 ? rolled : { ...rolled, notes: [...rolled.notes, ...notes] };
    rolled = withScan(rolled, best);
  }
}

/** A value of a step: the template's node, and the place of the step in the sequences. */
interface Member {
  readonly node: Node;
  readonly place: number;
}

/** The values of all steps that depend on what is carried, the others are made without the steps too. */
function membersOf(recurrence: Recurrence): ReadonlyMap<Node, Member> {
  const { inner, before, steps, reverse } = recurrence;
  const carried = new Set(before);
  for (const node of inner) if (node.inputs.some((input) => carried.has(input))) carried.add(node);
  const members = new Map<Node, Member>();
  for (const [index, step] of steps.entries()) {
    const place = reverse ? steps.length - 1 - index : index;
    for (const node of inner) {
      const own = step.get(node);
      if (own !== undefined && carried.has(node) && !members.has(own)) members.set(own, { node, place });
    }
  }
  return members;
}

/**
 * Which values of a step something else reads. What the first step makes of starts alone may be another recurrence's too, which
 * starts at the same: that is made twice.
 */
function readOutside(
  graph: Graph,
  recurrence: Recurrence,
  members: ReadonlyMap<Node, Member>,
): ReadonlySet<Node> {
  const { inner, after, steps } = recurrence;
  const users = usersOf(graph);
  const inside = new Set(steps.flatMap((step) => inner.flatMap((node) => step.get(node) ?? [])));
  const outputs = new Set(graph.outputs.map(({ node }) => node));
  const isRead = (own: Node): boolean =>
    outputs.has(own) || get(users, own).some((user) => !inside.has(user));
  const isOfStart = (own: Node, node: Node): boolean => steps[0]?.get(node) === own && !after.includes(node);
  return new Set(
    [...members].flatMap(([own, { node }]) => (isRead(own) && !isOfStart(own, node) ? [node] : [])),
  );
}

/** The graph with a scan in the place of the steps. */
function withScan(graph: Graph, recurrence: Recurrence): Graph {
  const members = membersOf(recurrence);
  const { body, outputs } = stepBody(graph, recurrence, readOutside(graph, recurrence, members));
  const builder = newBuilder();
  const images = new Map<Node, Node>();
  const image = (node: Node): Node => get(images, node);
  const origin = graph.origins.get(at(recurrence.after, 0));
  const stack = (node: Node): Node =>
    builder.at(origin, () => {
      const operands = operandsOf(builder, recurrence, image);
      return builder.node("Scan", operands, {
        ...attributesOf(recurrence),
        body,
        output: outputs.indexOf(node),
      }) as Node;
    });
  const make = (node: Node, inputs: readonly Node[]): Node => {
    const member = members.get(node);
    if (member !== undefined && outputs.includes(member.node))
      return step(builder, stack(member.node), member.place);
    return joined(builder, node, inputs, members, stack) ?? rebuild(builder, node, inputs);
  };
  // What the steps read is made before whatever reads them.
  const first = new Set(reachable(readOf(recurrence)));
  const nodes = [
    ...graph.nodes.filter((node) => first.has(node)),
    ...graph.nodes.filter((node) => !first.has(node)),
  ];
  return transform({ ...graph, nodes }, builder, (node, inputs) => {
    const made = make(node, inputs);
    images.set(node, made);
    return made;
  }).graph;
}

/** What the recurrence is made of: starts, sequences, and what all steps read. */
const readOf = ({ starts, elements, shared }: Recurrence): Node[] => [
  ...starts,
  ...elements.flatMap((element) => elementOf(element)?.source ?? []),
  ...shared,
];

const attributesOf = ({
  before,
  elements,
  reverse,
}: Recurrence): Omit<OpAttrs["Scan"], "body" | "output"> => ({
  carries: before.length,
  sequences: Math.max(1, elements.length),
  reverse,
});

function operandsOf(builder: Builder, recurrence: Recurrence, image: (node: Node) => Node): Node[] {
  const { starts, before, elements, shared, steps, reverse } = recurrence;
  const carried = zip(starts, before).map(([start, { type }]): Node => {
    const made = image(start);
    return equalShapes(made.type.shape, type.shape)
      ? made
      : builder.node("Broadcast", [made], { shape: type.shape });
  });
  const sequences = elements.map((element) => {
    const place = elementOf(get(at(steps, 0), element))?.place ?? 0;
    return sequence(builder, element, reverse ? place - steps.length + 1 : place, steps.length, image);
  });
  // A scan goes along a sequence; where the steps read none, they are counted.
  const counted: Node[] =
    sequences.length > 0 ? sequences : [builder.node("Iota", [], { size: steps.length, dtype: "int64" })];
  return [...carried, ...counted, ...shared.filter((node) => !isClosed(node)).map(image)];
}

/** The elements of all steps along a first axis; the first of them stands at the place of a slice. */
function sequence(
  builder: Builder,
  element: Node,
  place: number,
  steps: number,
  image: (node: Node) => Node,
): Node {
  const cut = elementOf(element);
  invariant(cut !== undefined, "an element is cut out of a sequence");
  const { axis } = cut;
  const whole = image(cut.source);
  const part =
    at(whole.type.shape, axis) === steps
      ? whole
      : builder.node("Slice", [whole], { axis, start: place, stop: place + steps, step: 1 });
  return movedAxis(builder, part, axis, 0);
}

/** The tensor with one of its axes at another place. */
function movedAxis(builder: Builder, x: Node, from: number, to: number): Node {
  if (from === to) return x;
  const rest = range(x.type.shape.length).filter((axis) => axis !== from);
  return builder.node("Transpose", [x], { permutation: rest.toSpliced(to, 0, from) });
}

/** The value of one step. */
function step(builder: Builder, stack: Node, place: number): Node {
  const slice = builder.node("Slice", [stack], { axis: 0, start: place, stop: place + 1, step: 1 });
  return builder.node("Reshape", [slice], { shape: stack.type.shape.slice(1) });
}

/** Rows of a concatenation that are values of steps that follow each other. */
interface Run {
  readonly node: Node;
  readonly places: number[];
  /** The axis of size 1 is the value's own. */
  readonly isOwn: boolean;
}

/** A concatenation with runs of steps taken from the stack whole. */
function joined(
  builder: Builder,
  node: Node,
  inputs: readonly Node[],
  members: ReadonlyMap<Node, Member>,
  stack: (node: Node) => Node,
): Node | undefined {
  if (node.op !== "Concat") return undefined;
  const { axis } = node.attrs;
  const parts: (Run | Node)[] = [];
  for (const [index, row] of node.inputs.entries()) {
    const found = rowOf(row, axis, members);
    const last = parts.at(-1);
    if (found === undefined) parts.push(at(inputs, index));
    else if (last !== undefined && "places" in last && follows(last, found)) last.places.push(found.place);
    else parts.push({ node: found.node, places: [found.place], isOwn: found.isOwn });
  }
  if (parts.length === inputs.length) return undefined;
  const made = parts.map((part) => ("places" in part ? stackOf(builder, part, axis, stack) : part));
  return made.length === 1 ? at(made, 0) : builder.node("Concat", made, { axis });
}

type Row = Member & { readonly isOwn: boolean };

/** The value that a row of a stack is. */
function rowOf(row: Node, axis: number, members: ReadonlyMap<Node, Member>): Row | undefined {
  const own = members.get(row);
  if (own !== undefined) return row.type.shape[axis] === 1 ? { ...own, isOwn: true } : undefined;
  const source = as(row, "Reshape")?.inputs[0];
  const member = source && members.get(source);
  if (source === undefined || member === undefined) return undefined;
  const isRow = equalShapes(source.type.shape.toSpliced(axis, 0, 1), row.type.shape);
  return isRow ? { ...member, isOwn: false } : undefined;
}

function follows({ node, places, isOwn }: Run, next: Row): boolean {
  const [first = 0, second = next.place] = places;
  const isNext = next.place - at(places, places.length - 1) === second - first;
  return node === next.node && isOwn === next.isOwn && isNext && Math.abs(second - first) === 1;
}

/** The steps of a run along an axis. */
function stackOf(
  builder: Builder,
  { node, places, isOwn }: Run,
  axis: number,
  stackOfAll: (node: Node) => Node,
): Node {
  const all = stackOfAll(node);
  const [from, to] = [Math.min(...places), Math.max(...places) + 1];
  const part =
    at(all.type.shape, 0) === places.length
      ? all
      : builder.node("Slice", [all], { axis: 0, start: from, stop: to, step: 1 });
  const isBackwards = places.length > 1 && at(places, 0) > at(places, 1);
  const ordered = isBackwards ? backwards(builder, part, places.length) : part;
  const stack = movedAxis(builder, ordered, 0, axis);
  const { shape } = node.type;
  return isOwn ? builder.node("Reshape", [stack], { shape: shape.with(axis, places.length) }) : stack;
}

function backwards(builder: Builder, x: Node, size: number): Node {
  const last = builder.node("Constant", [], { value: rational(size - 1), dtype: "int64" });
  const places = builder.node("Iota", [], { size, dtype: "int64" });
  return builder.node("Take", [x, builder.node("Sub", [last, places], {})], {});
}
