/** @file Lays recurrences open, as nodes of the graph around them. */
import { at, get, invariant, range } from "../base/assert.ts";
import { bodyGraph } from "../ir/body.ts";
import { addDims, type Dim, equalDims, equalShapes, type Shape } from "../ir/dim.ts";
import {
  type Builder,
  type Graph,
  type Node,
  type NodeOf,
  type Output,
  reachable,
  rebuild,
  transform,
  usersOf,
} from "../ir/graph.ts";
import type { Dtype } from "../ir/type.ts";
import { newBuilder } from "../ops/table.ts";
import { constantOf, isKept, isScan } from "../ops/traits.ts";
import type { Element, Member, Recurrence } from "./recurrences.ts";
import { turned } from "./turned.ts";

type Scan = NodeOf<"Scan">;

export interface LaidOpen {
  /** Its outputs are followed by what else must be named. */
  readonly graph: Graph;
  readonly recurrences: readonly Recurrence[];
}

/** The graph without scans: those that differ only in their output are one recurrence. */
export function layOpen(graph: Graph): LaidOpen {
  if (!graph.nodes.some(isScan)) return { graph, recurrences: [] };
  return new Opener(turned(graph)).laidOpen();
}

/** Axes in another order: where one is moved and the others stay as they are, the place of the one that was first. */
function movedFirst(permutation: readonly number[]): number | undefined {
  const place = permutation.indexOf(0);
  const rest = permutation.filter((axis) => axis !== 0);
  return rest.every((axis, i) => axis === i + 1) ? place : undefined;
}

/** The scan of which a node has all steps, and where their axis lies. */
function stackedIn(node: Node): { readonly scan: Scan & Node; readonly place: number } | undefined {
  if (isScan(node)) return { scan: node, place: 0 };
  const [scan] = node.inputs;
  if (node.op !== "Transpose" || scan === undefined || !isScan(scan)) return undefined;
  const place = movedFirst(node.attrs.permutation);
  return place === undefined ? undefined : { scan, place };
}

/** The axis that a permutation moves to the front while the others stay in their order. */
function broughtFirst(permutation: readonly number[]): number | undefined {
  const [first, ...rest] = permutation;
  return rest.every((axis, i) => i === 0 || axis > at(rest, i - 1)) ? first : undefined;
}

/** A scan's own recurrence is known by everything but the output. */
function keyOf({ attrs, inputs }: Scan): string {
  const { body, carries, sequences, reverse } = attrs;
  return [body.key, inputs.map(({ id }) => id).join(), carries, sequences, reverse].join(" ");
}

class Opener {
  readonly #graph: Graph;
  readonly #builder: Builder = newBuilder();
  readonly #users: ReadonlyMap<Node, readonly Node[]>;
  readonly #scans: readonly (Scan & Node)[];
  readonly #recurrences: Recurrence[] = [];
  /** The members of each recurrence by the positions of their outputs. */
  readonly #members = new Map<string, ReadonlyMap<number, Member>>();
  /** The values of steps, by what has all steps in front. */
  readonly #results = new Map<Node, Node>();
  readonly #elements = new Map<string, Node>();
  /** Begins the names of leaves: longer than the name of any input. */
  readonly #prefix: string;
  #leaves = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#users = usersOf(graph);
    this.#scans = graph.nodes.filter(isScan);
    const longest = Math.max(0, ...graph.inputs.map(({ attrs }) => attrs.name.length));
    this.#prefix = "_".repeat(longest + 1);
  }

  laidOpen(): LaidOpen {
    const { graph } = transform(this.#graph, this.#builder, (node, inputs) => this.#copy(node, inputs));
    const wanted = [...new Set(this.#recurrences.flatMap(namedIn))];
    const outputs = [...graph.outputs, ...wanted.map((node): Output => ({ name: "", node }))];
    return { graph: this.#builder.graph({ ...graph, outputs }), recurrences: this.#recurrences };
  }

  #copy(node: Node, inputs: readonly Node[]): Node {
    if (isScan(node)) return this.#stack(node, inputs);
    const end = this.#end(node) ?? this.#keptEnd(node);
    if (end !== undefined) return end;
    const [operand] = node.inputs;
    if (node.op === "Transpose" && operand !== undefined && isScan(operand)) {
      const { whole, place } = this.#memberOf(operand);
      if (place > 0 && movedFirst(node.attrs.permutation) === place) return whole;
    }
    return rebuild(this.#builder, node, inputs);
  }

  #memberOf(scan: Scan): Member {
    return get(get(this.#members, keyOf(scan)), scan.attrs.output);
  }

  /** All steps, in front of the other axes. */
  #stack(scan: Scan & Node, inputs: readonly Node[]): Node {
    const key = keyOf(scan);
    if (!this.#members.has(key)) this.#members.set(key, this.#open(scan, inputs));
    const { whole, place, result } = this.#memberOf(scan);
    const rank = whole.type.shape.length;
    const permutation = [place, ...range(rank).filter((axis) => axis !== place)];
    const stack: Node =
      place === 0 ? whole : (this.#builder.node("Transpose", [whole], { permutation }) as Node);
    this.#results.set(stack, result);
    return stack;
  }

  /** The first or the last step, where a node is one: a slice of the steps without the axis of size 1. */
  #end(node: Node): Node | undefined {
    const [slice] = node.inputs;
    if (node.op !== "Reshape" || slice?.op !== "Slice") return undefined;
    if (!equalShapes(node.type.shape, slice.type.shape.toSpliced(slice.attrs.axis, 1))) return undefined;
    return this.#sliced(slice);
  }

  /** The same with the axis of size 1. */
  #keptEnd(node: Node): Node | undefined {
    const end = node.op === "Slice" ? this.#sliced(node) : undefined;
    return end && (this.#builder.node("Reshape", [end], { shape: node.type.shape }) as Node);
  }

  /** The step that a slice is. */
  #sliced({ inputs, attrs: { axis, start, stop } }: NodeOf<"Slice">): Node | undefined {
    const stack = at(inputs, 0);
    const found = stackedIn(stack);
    if (found === undefined || found.place !== axis) return undefined;
    const { first, last } = this.#memberOf(found.scan).ends;
    if (equalDims(addDims(start, 1), at(stack.type.shape, axis))) return last;
    return equalDims(start, 0) && equalDims(stop, 1) ? first : undefined;
  }

  #leaf(shape: Shape, dtype: Dtype): Node {
    return this.#builder.node("Input", [], {
      name: `${this.#prefix}${this.#leaves++}`,
      shape,
      dtype,
    }) as Node;
  }

  #open(scan: Scan & Node, inputs: readonly Node[]): ReadonlyMap<number, Member> {
    const { carries, sequences, reverse } = scan.attrs;
    const body = bodyGraph(scan.attrs.body);
    invariant(!body.nodes.some(isScan), "recurrences inside recurrences are blocks");
    const own = this.#scans.filter((other) => keyOf(other) === keyOf(scan));
    const needed = neededOutputs(body, carries, new Set(own.map(({ attrs }) => attrs.output)));
    const read = new Set(reachable(needed.map((output) => at(body.outputs, output).node)));
    const length = at(at(inputs, carries).type.shape, 0);
    const image = new Map<Node, Node>();
    const elements: Element[] = [];
    const steady: Node[] = [];
    for (const [position, given] of body.inputs.entries()) {
      const operand = at(inputs, position);
      if (!read.has(given)) continue;
      if (position < carries) image.set(given, this.#leaf(given.type.shape, given.type.dtype));
      else if (position < carries + sequences) image.set(given, this.#element(operand, elements));
      else {
        image.set(given, operand);
        steady.push(operand);
      }
    }
    this.#copyBody(body, read, image, new Set(body.inputs.slice(0, carries + sequences)), scan);
    const members = new Map(
      needed.map((output) => {
        const given = output < carries ? image.get(at(body.inputs, output)) : undefined;
        const stacks = own.filter(({ attrs }) => attrs.output === output);
        const start = output < carries ? at(inputs, output) : undefined;
        return [output, this.#member(at(body.outputs, output), image, stacks, length, given, start)] as const;
      }),
    );
    this.#recurrences.push({ length, reverse, members: [...members.values()], elements, steady });
    return members;
  }

  /** What no step changes comes first, so that the equations of steps stand together. */
  #copyBody(
    body: Graph,
    read: ReadonlySet<Node>,
    image: Map<Node, Node>,
    changing: ReadonlySet<Node>,
    scan: Node,
  ): void {
    const varying = new Set<Node>(changing);
    for (const node of body.nodes) if (node.inputs.some((input) => varying.has(input))) varying.add(node);
    const copy = (node: Node): void => {
      if (!read.has(node) || image.has(node)) return;
      const origin = body.origins.get(node) ?? this.#graph.origins.get(scan);
      const inputs = node.inputs.map((input) => get(image, input));
      const made = this.#builder.at(origin, () => rebuild(this.#builder, node, inputs));
      const label = body.labels.get(node);
      if (label !== undefined) this.#builder.label(made, label);
      image.set(node, made);
    };
    for (const node of body.nodes) if (!varying.has(node)) copy(node);
    for (const node of body.nodes) copy(node);
  }

  #member(
    { name, node }: Output,
    image: ReadonlyMap<Node, Node>,
    stacks: readonly Node[],
    length: Dim,
    given: Node | undefined,
    start: Node | undefined,
  ): Member {
    const { shape, dtype } = node.type;
    const place = this.#placeOf(stacks);
    const carried = given && start && { node: given, start: constantOf(start) ?? start };
    return {
      label:
        stacks.map((stack) => this.#graph.labels.get(stack)).find((label) => label !== undefined) ?? name,
      result: get(image, node),
      carried,
      whole: this.#leaf(shape.toSpliced(place, 0, length), dtype),
      place,
      ends: { first: this.#leaf(shape, dtype), last: this.#leaf(shape, dtype) },
    };
  }

  /** The place to which everything that reads the whole moves the axis of steps, if that is one. */
  #placeOf(stacks: readonly Node[]): number {
    const outputs = new Set(this.#graph.outputs.map(({ node }) => node));
    if (stacks.some((stack) => outputs.has(stack))) return 0;
    const readers = stacks.flatMap((stack) => this.#users.get(stack) ?? []);
    const places = readers
      .filter((user) => !this.#isElement(user) && !this.#isEnd(user))
      .map((user) => (user.op === "Transpose" ? (movedFirst(user.attrs.permutation) ?? 0) : 0));
    const [place = 0] = places;
    return places.every((other) => other === place) ? place : 0;
  }

  /** Whether a node reads a stack step by step only. */
  #isElement(user: Node): boolean {
    if (isScan(user)) return true;
    const users = this.#users.get(user) ?? [];
    return user.op === "Concat" && users.length > 0 && users.every(isScan);
  }

  /** Whether a node is the first step or the last. */
  #isEnd(node: Node): boolean {
    if (node.op !== "Slice") return false;
    const { axis, start, stop } = node.attrs;
    const isLast = equalDims(addDims(start, 1), at(at(node.inputs, 0).type.shape, axis));
    return axis === 0 && (isLast || (equalDims(start, 0) && equalDims(stop, 1)));
  }

  /** One step of what has its steps in front. */
  #element(sequence: Node, elements: Element[]): Node {
    const known = this.#stepOf(sequence);
    if (known !== undefined) return known;
    const [operand] = sequence.inputs;
    const moved = sequence.op === "Transpose" ? broughtFirst(sequence.attrs.permutation) : undefined;
    const [source, axis] = operand === undefined || moved === undefined ? [sequence, 0] : [operand, moved];
    const key = `${source.id} ${axis}`;
    const found = this.#elements.get(key);
    if (found !== undefined) return found;
    const node = this.#leaf(source.type.shape.toSpliced(axis, 1), source.type.dtype);
    this.#elements.set(key, node);
    elements.push({ node, source, axis });
    return node;
  }

  /** The value of a step of another recurrence, or what is joined of such. */
  #stepOf(sequence: Node): Node | undefined {
    const known = this.#results.get(sequence);
    if (known !== undefined || sequence.op !== "Concat" || sequence.attrs.axis === 0) return known;
    const pieces = sequence.inputs.map((input) => this.#stepOf(input));
    const parts = pieces.filter((piece) => piece !== undefined);
    if (parts.length < pieces.length) return undefined;
    return this.#builder.node("Concat", parts, { axis: sequence.attrs.axis - 1 }) as Node;
  }
}

/** Outputs that are asked for, and those of which another step needs the one before. */
function neededOutputs(body: Graph, carries: number, asked: ReadonlySet<number>): number[] {
  const needed = new Set(asked);
  const pending = [...asked];
  for (let output = pending.pop(); output !== undefined; output = pending.pop()) {
    const read = new Set(reachable([at(body.outputs, output).node]));
    for (const carry of range(carries)) {
      if (needed.has(carry) || !read.has(at(body.inputs, carry))) continue;
      needed.add(carry);
      pending.push(carry);
    }
  }
  return [...needed].sort((a, b) => a - b);
}

/** What an equation of steps refers to by name. What is only rearranged of a parameter is written where it is used. */
function namedIn({ members, elements, steady }: Recurrence): Node[] {
  return [
    ...steady.filter((node) => !isKept(node)),
    ...elements.flatMap(({ node, source }) => [source, node]),
    ...members.flatMap(({ result, carried, whole, ends }) => [
      ...(carried === undefined ? [] : [carried.node, ...("op" in carried.start ? [carried.start] : [])]),
      result,
      whole,
      ends.first,
      ends.last,
    ]),
  ];
}
