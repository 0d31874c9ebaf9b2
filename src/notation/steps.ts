/** @file What the values of recurrences are called, and what the where list says of them. */
import { at, get, range } from "../base/assert.ts";
import { type Layout, list, number, symbol } from "../base/layout.ts";
import type { Rational } from "../base/rational.ts";
import { type Dim, dimText, equalDims } from "../ir/dim.ts";
import { type Graph, type Node, reachable, usersOf } from "../ir/graph.ts";
import { soleSymbol } from "./axes.ts";
import type { AxisNames } from "./axis-names.ts";
import { isGenerated } from "./generated.ts";
import type { Lines } from "./lines.ts";
import { asIdentifier, type Names } from "./names.ts";
import { dimKey, type Element, type Member, type Recurrence } from "./recurrences.ts";

/** An index of steps. */
interface Index {
  readonly name: string;
  readonly length: Dim;
  /** A name for the length alone, since other axes have the same size. */
  readonly size: string | undefined;
  /** The length as it is written in names such as `h_T`. */
  readonly end: string;
}

/** An equation between names only, and where it stands: behind the node with this id. */
interface Alias {
  readonly behind: number;
  readonly name: string;
  readonly node: Node;
}

/** A number that a recurrence starts from. */
export interface Start {
  readonly name: string;
  readonly value: Rational;
}

/** What is declared beside the equations. */
export interface StepShape {
  readonly name: string;
  readonly node: Node;
  /** The axis that is called by the index's own name for the length. */
  readonly named: { readonly axis: number; readonly size: string } | undefined;
}

/** Whether steps can be called so: one word. */
export const isWord = (name: string): boolean => /^[A-Za-z][A-Za-z0-9]{0,5}$/.test(name);

const sourceLetters = [..."xuvew"];
const carriedLetters = [..."hcsmuvwpq"];
const otherLetters = [..."yuvwpqrs"];
const innerLetters = [..."zauvpqwsredk"];

export interface StepsContext {
  readonly graph: Graph;
  readonly recurrences: readonly Recurrence[];
  readonly lines: Lines;
  readonly names: Names;
  /** Outputs, and what they are called if they have a good name. */
  readonly outputs: ReadonlyMap<Node, string | undefined>;
  readonly symbols: ReadonlyMap<string, string>;
  readonly varying: ReadonlyMap<Node, Recurrence>;
  /** Inputs that are called as what the first step starts from. */
  readonly started: ReadonlySet<Node>;
}

export class Steps {
  readonly indices: readonly Index[];
  readonly starts: Start[] = [];
  readonly shapes: StepShape[] = [];
  readonly aliases: Alias[] = [];
  /** Names of nodes. */
  readonly names: Map<Node, string> = new Map<Node, string>();
  readonly #context: StepsContext;
  readonly #indexOf: ReadonlyMap<string, Index>;
  /** Values that change from step to step, and the recurrence that they belong to. */
  readonly #varying: ReadonlyMap<Node, Recurrence>;
  /** What the values of each recurrence would be called if there were no other. */
  readonly #wishes: ReadonlyMap<Recurrence, ReadonlyMap<Node, string>>;

  constructor(context: StepsContext) {
    this.#context = context;
    const { recurrences, varying } = context;
    this.#varying = varying;
    const lengths = new Map(recurrences.map(({ length }) => [dimKey(length), length]));
    this.#indexOf = new Map([...lengths].map(([key, length]) => [key, this.#index(length)]));
    this.indices = [...this.#indexOf.values()];
    this.#wishes = new Map(recurrences.map((recurrence) => [recurrence, this.#wishesOf(recurrence)]));
    for (const recurrence of recurrences) {
      for (const { source } of recurrence.elements) this.#nameSource(recurrence, source);
      for (const member of recurrence.members) this.#nameMember(recurrence, member);
      this.#nameInner(recurrence);
    }
  }

  /** Names what the names of other values are needed for. */
  finish(nameOf: (node: Node) => string | undefined, axes: AxisNames): void {
    for (const { length, size } of this.indices) {
      if (size === undefined || typeof length !== "number") continue;
      for (const [node, axis] of this.#stepAxes(length)) axes.give(node, axis, size);
    }
    for (const recurrence of this.#context.recurrences) {
      for (const element of recurrence.elements) this.#nameElement(recurrence, element, nameOf, axes);
    }
  }

  /** The name that an output takes from a recurrence whose whole it is. */
  outputName(node: Node): string | undefined {
    const recurrence = this.#context.recurrences.find(({ members }) =>
      members.some(({ whole }) => whole === node),
    );
    return recurrence && this.#of(recurrence).size === undefined ? this.names.get(node) : undefined;
  }

  /** Whether a node changes from step to step. */
  varies(node: Node): boolean {
    return this.#varying.has(node);
  }

  /** A name for what is computed in each step with a value, and not read; `undefined` where the value is of no step. */
  nameUnread(value: Node, wish: string): string | undefined {
    const recurrence = this.#varying.get(value);
    const index = recurrence && this.#of(recurrence).name;
    return index && `${this.#context.names.takeWith(wish, (base) => [`${base}_${index}`])}_${index}`;
  }

  /** How many steps there are, as names such as `h_T` say it. */
  lengthName(recurrence: Recurrence): string {
    return this.#of(recurrence).end;
  }

  #of({ length }: Recurrence): Index {
    return get(this.#indexOf, dimKey(length));
  }

  #index(length: Dim): Index {
    const { names, symbols } = this.#context;
    const own = typeof length === "number" ? String(length) : symbols.get(soleSymbol(length) ?? "");
    const size = own === undefined || this.#isAmbiguous(length) ? names.takeSize() : undefined;
    return { name: names.takeIndex(), length, size, end: size ?? own ?? "" };
  }

  /** Whether the axis of steps can't be found by its size. */
  #isAmbiguous(length: Dim): boolean {
    const has = (node: Node): number => node.type.shape.filter((size) => equalDims(size, length)).length;
    const inside = [...this.#varying].some(
      ([node, recurrence]) => equalDims(recurrence.length, length) && has(node) > 0,
    );
    return inside || this.#stepAxes(length).some(([node]) => has(node) > 1);
  }

  /** Axes of the steps of all sequences of one length. */
  #stepAxes(length: Dim): (readonly [Node, number])[] {
    return this.#context.recurrences
      .filter((recurrence) => equalDims(recurrence.length, length))
      .flatMap(({ members, elements }) => [
        ...members.map(({ whole, place }) => [whole, place] as const),
        ...elements.map(({ source, axis }) => [source, axis] as const),
      ]);
  }

  /** A sequence without a name gets a short one, since its steps have it too. */
  #nameSource(recurrence: Recurrence, source: Node): void {
    const { names, graph } = this.#context;
    if (!this.#isFree(source) || graph.labels.has(source)) return;
    const derived = (base: string): string[] => [`${base}_${this.#of(recurrence).name}`];
    const letter = sourceLetters.find((free) => names.isFree(free)) ?? "u";
    this.names.set(source, names.takeWith(letter, derived));
  }

  #nameMember(recurrence: Recurrence, member: Member): void {
    const { lines, outputs } = this.#context;
    const index = this.#of(recurrence);
    const { result, carried, whole, place, ends } = member;
    const own = index.size === undefined ? outputs.get(whole) : undefined;
    const isNumbered = carried !== undefined && !("op" in carried.start);
    const mayKeep = (name: string): boolean =>
      carried === undefined || this.#context.names.takeStart(this.#startName(recurrence, name), isNumbered);
    const isOutput = index.size === undefined && outputs.has(whole) && (own === undefined || mayKeep(own));
    const base = (isOutput ? own : undefined) ?? this.#takeBase(recurrence, index, result, carried?.start);
    const step = `${base}_${index.name}`;
    this.names.set(whole, base);
    this.names.set(ends.first, `${base}_1`).set(ends.last, `${base}_${index.end}`);
    const isOwn = lines.has(result) && this.varies(result) && !this.names.has(result);
    if (isOwn) this.names.set(result, step);
    else this.aliases.push({ behind: lastOf(recurrence), name: step, node: result });
    const named = index.size === undefined ? undefined : { axis: place, size: index.size };
    if (carried !== undefined) {
      this.names.set(carried.node, `${base}_{${index.name}${recurrence.reverse ? "+" : "-"}1}`);
      this.#start(recurrence, base, carried.start);
    }
    // A scalar might be a number that is meant for all elements.
    const isNumber = carried !== undefined && (!("op" in carried.start) || result.type.shape.length === 0);
    if (isOutput) return;
    if (place > 0) this.shapes.push({ name: base, node: whole, named });
    else if (isNumber) this.shapes.push({ name: step, node: result, named: undefined });
  }

  #start(recurrence: Recurrence, base: string, start: Node | Rational): void {
    const name = this.#startName(recurrence, base);
    if (!("op" in start)) this.starts.push({ name, value: start });
    else if (this.#isFree(start) || this.#context.started.has(start)) this.names.set(start, name);
    else this.aliases.push({ behind: start.id, name, node: start });
  }

  /** The name of what the first step has for the step before. */
  #startName(recurrence: Recurrence, base: string): string {
    const { length, size, end } = this.#of(recurrence);
    if (!recurrence.reverse) return `${base}_0`;
    return `${base}_${typeof length === "number" && size === undefined ? length + 1 : `{${end}+1}`}`;
  }

  /** Whether a node has an equation and no other name. */
  #isFree(node: Node): boolean {
    const { lines, graph } = this.#context;
    const isOutput = graph.outputs.some((output) => output.node === node);
    return lines.has(node) && !isOutput && !this.names.has(node) && !this.varies(node);
  }

  /** Values are called as they are inside, or by the letters that papers use. */
  #wishesOf(recurrence: Recurrence): ReadonlyMap<Node, string> {
    const { lines, graph } = this.#context;
    const wishes = new Map<Node, string>();
    const word = (label = ""): string | undefined => {
      const name = (asIdentifier(label) ?? "").replaceAll("_", "");
      return isWord(name) && !isGenerated(name) ? name : undefined;
    };
    for (const { result, label, whole } of recurrence.members)
      wishes.set(result, this.#context.outputs.get(whole) ?? word(label) ?? "");
    for (const node of lines.keys()) {
      const isInner = this.#varying.get(node) === recurrence && !wishes.has(node);
      if (isInner) wishes.set(node, word(graph.labels.get(node)) ?? "");
    }
    const known = new Set(wishes.values());
    const carried = new Set(recurrence.members.flatMap((member) => (member.carried ? [member.result] : [])));
    const results = new Set(recurrence.members.map(({ result }) => result));
    for (const [node, wish] of wishes) {
      if (wish !== "") continue;
      const letters = carried.has(node) ? carriedLetters : results.has(node) ? otherLetters : innerLetters;
      const letter = letters.find((free) => !known.has(free)) ?? "z";
      wishes.set(node, letter);
      known.add(letter);
    }
    return wishes;
  }

  /** A name for a value of each step, with a mark where another recurrence would like it too. */
  #takeBase(recurrence: Recurrence, index: Index, node: Node, start?: Node | Rational): string {
    const wish = get(get(this.#wishes, recurrence), node);
    const derived = (base: string): string[] => [
      ...["0", "1", index.name, index.end].map((step) => `${base}_${step}`),
      this.#startName(recurrence, base),
    ];
    const others = [...this.#wishes].filter(([other]) => other !== recurrence);
    const isShared = others.some(([, wishes]) => [...wishes.values()].includes(wish));
    const isNumber = start !== undefined && !("op" in start);
    const number = isNumber ? (base: string): string => this.#startName(recurrence, base) : undefined;
    return this.#context.names.takeWith(`${wish}${isShared ? this.#mark(recurrence) : ""}`, derived, number);
  }

  #mark(recurrence: Recurrence): string {
    const { recurrences } = this.#context;
    const place = recurrences.indexOf(recurrence);
    const [first, second, third] = recurrences;
    if (third === undefined && first?.reverse !== second?.reverse) return place === 0 ? "" : "'";
    return String(place + 1);
  }

  /** Values of a step that no other step needs. */
  #nameInner(recurrence: Recurrence): void {
    const index = this.#of(recurrence);
    for (const node of get(this.#wishes, recurrence).keys()) {
      if (!this.names.has(node) && this.varies(node) && this.#context.lines.has(node))
        this.names.set(node, `${this.#takeBase(recurrence, index, node)}_${index.name}`);
    }
  }

  #nameElement(
    recurrence: Recurrence,
    { node, source, axis }: Element,
    nameOf: (node: Node) => string | undefined,
    axes: AxisNames,
  ): void {
    const { lines, names, graph } = this.#context;
    const index = this.#of(recurrence);
    const alike = range(source.type.shape.length).filter((other) =>
      equalDims(at(source.type.shape, other), recurrence.length),
    );
    const isNamed =
      typeof index.length === "number" &&
      alike.every((other) => other === axis || !axes.areOne(source, axis, other));
    const name = nameOf(source);
    if (name !== undefined && (alike.length === 1 || isNamed)) {
      this.names.set(node, `${name}_${index.name}`);
      const isOutput = graph.outputs.some((output) => output.node === source);
      if (alike.length > 1 && lines.has(source) && !isOutput)
        this.shapes.push({ name, node: source, named: undefined });
      return;
    }
    const base = names.takeWith("u", (own) => [`${own}_${index.name}`]);
    this.aliases.push({ behind: source.id, name: base, node: source });
    this.names.set(node, `${base}_${index.name}`);
    if (index.size !== undefined && alike.length > 1)
      this.shapes.push({ name: base, node: source, named: { axis, size: index.size } });
  }
}

/** The shape as the where list writes it. */
export function shapeOf({ node, named }: StepShape, axes: AxisNames): Layout {
  const shape = axes.shape(node);
  if (named === undefined || shape.kind !== "list") return shape;
  return list(
    shape.items.map((item, axis) => {
      if (axis === named.axis) return symbol(named.size);
      const isSame = item.kind === "symbol" && item.name === named.size;
      return isSame ? number(dimText(at(node.type.shape, axis))) : item;
    }),
  );
}

/** Inputs that one recurrence alone starts from, one that goes forwards, and that nothing else reads. */
export function onlyStarts(graph: Graph, recurrences: readonly Recurrence[]): ReadonlySet<Node> {
  const users = usersOf(graph);
  const read = new Set<Node>([
    ...graph.outputs.map(({ node }) => node),
    ...recurrences.flatMap(({ steady, elements }) => [...steady, ...elements.map(({ source }) => source)]),
  ]);
  const starts = recurrences.flatMap(({ reverse, members }) =>
    members.flatMap(({ carried }) =>
      carried && "op" in carried.start ? [{ reverse, node: carried.start }] : [],
    ),
  );
  const isAlone = (node: Node): boolean =>
    users.get(node)?.length === 0 &&
    !read.has(node) &&
    starts.filter((start) => start.node === node).length === 1;
  return new Set(
    starts.flatMap(({ reverse, node }) => (!reverse && node.op === "Input" && isAlone(node) ? [node] : [])),
  );
}

/** The last node that a recurrence computes. */
const lastOf = ({ members }: Recurrence): number => Math.max(...members.map(({ result }) => result.id));

/** What changes from step to step, and the first recurrence that computes it. */
export function varyingIn(recurrences: readonly Recurrence[]): ReadonlyMap<Node, Recurrence> {
  const owners = new Map<Node, Recurrence>();
  for (const recurrence of recurrences) {
    const { members, elements } = recurrence;
    for (const { carried } of members) if (carried !== undefined) owners.set(carried.node, recurrence);
    for (const { node } of elements) owners.set(node, recurrence);
    for (const node of reachable(members.map(({ result }) => result))) {
      if (!owners.has(node) && node.inputs.some((input) => owners.has(input))) owners.set(node, recurrence);
    }
  }
  return owners;
}
