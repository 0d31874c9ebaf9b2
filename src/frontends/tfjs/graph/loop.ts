/**
 * @file Loops of TensorFlow graphs, from functions or from frames: recurrences where they run over data or for many rounds, else
 * their rounds one after the other.
 */
import { at, range, zip } from "../../../base/assert.ts";
import { type Dim, equalDims, equalShapes, subtractDims } from "../../../ir/dim.ts";
import { type Node, type NodeOf, reachable } from "../../../ir/graph.ts";
import { KnownIntegers } from "../../../ops/known.ts";
import { Body } from "../../common/body.ts";
import { NotCovered } from "../../common/keras/problem.ts";
import type { Maker } from "../../common/maker.ts";
import { afterLast, recurrence } from "../../common/recurrence.ts";
import { rowAt } from "./lists.ts";
import { type Carried, isList, type TensorList, type Value } from "./values.ts";

/** Where nodes are made, and what stands there for those of the graph around. */
export interface Place {
  readonly maker: Maker;
  readonly known: KnownIntegers;
  readonly imported: (node: Node) => Node;
}

/** How a variable goes on: by one in each round, as it is, or as the body says. */
export type Course = "counter" | "fixed" | "free";

export interface Loop {
  readonly starts: readonly Value[];
  readonly courses: readonly Course[];
  readonly condition: (place: Place, values: readonly Value[]) => Node;
  readonly body: (place: Place, values: readonly Value[]) => readonly Value[];
}

/** A loop over layers has as many rounds; one over more is a recurrence even if it reads no data. */
const writtenOut = 64;
/** Rounds up to which a loop that is no recurrence is written out. */
const unrollLimit = 256;

/** What the variables are after the loop. */
export function looped(outer: Omit<Place, "imported">, loop: Loop): readonly Value[] {
  const rounds = roundsOf(outer, loop);
  if (rounds === undefined) return stepped(outer, loop);
  if (typeof rounds === "number" && rounds <= 0) return loop.starts;
  const isShort = typeof rounds === "number" && rounds <= writtenOut;
  if (isShort && !readsData(loop)) return unrolled(outer, loop, rounds);
  try {
    return scanned(outer, loop, rounds);
  } catch (error) {
    if (!(error instanceof NotCovered) || typeof rounds !== "number" || rounds > unrollLimit) throw error;
  }
  return unrolled(outer, loop, rounds);
}

/** Whether elements of a list are data, so that the rounds are the steps of a sequence. */
const readsData = ({ starts }: Loop): boolean =>
  reachable(starts.flatMap((value) => (isList(value) && value.kind === "rows" ? [value.rows] : []))).some(
    ({ op }) => op === "Input",
  );

// The number of rounds

/** How often a loop runs whose condition is that counters are below known numbers; `undefined` for other conditions. */
function roundsOf(outer: Omit<Place, "imported">, { starts, courses, condition }: Loop): Dim | undefined {
  const body = new Body(outer.maker.note);
  const counters = new Map<Node, Dim>();
  const values = starts.map((start, i): Value => {
    if (isList(start)) return { kind: "items", length: 0, items: new Map() };
    if (courses[i] === "fixed") return body.imported(start);
    const node = body.input(`variable_${i}`, start.type);
    const from = outer.known.of(start)?.[0];
    if (courses[i] === "counter" && from !== undefined) counters.set(node, from);
    return node;
  });
  const known = new KnownIntegers(body.maker.build);
  const place = { maker: body.maker, known, imported: (node: Node): Node => body.imported(node) };
  const limits = limitsOf(condition(place, values));
  return limits.every((limit) => limit !== undefined) ? least(limits) : undefined;

  function limitsOf(node: Node): (Dim | undefined)[] {
    const [x, y] = node.inputs;
    if (node.op === "And") return node.inputs.flatMap(limitsOf);
    if (node.op !== "Less" || x === undefined || y === undefined) return [undefined];
    const [start, stop] = [counters.get(x), known.of(y)?.[0]];
    return [start === undefined || stop === undefined ? undefined : subtractDims(stop, start)];
  }
}

function least(limits: readonly Dim[]): Dim | undefined {
  // Without a limit of its own, a loop has the largest integer as one.
  const own = limits.filter((limit) => typeof limit !== "number" || limit < 2 ** 31 - 1);
  return own.reduce<Dim | undefined>((x, y) => {
    if (x === undefined) return undefined;
    if (equalDims(x, y)) return x;
    return typeof x === "number" && typeof y === "number" ? Math.min(x, y) : undefined;
  }, own[0]);
}

// Round after round

const here = (outer: Omit<Place, "imported">): Place => ({ ...outer, imported: (node) => node });

function unrolled(outer: Omit<Place, "imported">, { starts, courses, body }: Loop, rounds: number): Value[] {
  let values = [...starts];
  for (const round of range(rounds)) {
    const results = body(here(outer), values);
    values = results.map((result, i) => {
      const start = starts[i];
      if (courses[i] !== "counter" || start === undefined || isList(start)) return result;
      const from = outer.known.of(start)?.[0];
      return typeof from === "number" ? outer.maker.constant(from + round + 1, start.type.dtype) : result;
    });
  }
  return values;
}

/** As long as the condition is known to hold. */
function stepped(outer: Omit<Place, "imported">, { starts, condition, body }: Loop): readonly Value[] {
  let values = starts;
  for (let round = 0; round <= unrollLimit; round++) {
    const isOpen = outer.known.of(condition(here(outer), values))?.[0];
    if (isOpen === 0) return values;
    if (isOpen === undefined) throw new NotCovered("a loop whose number of rounds depends on data");
    values = body(here(outer), values);
  }
  throw new NotCovered(`a loop of more than ${unrollLimit} rounds that is no recurrence`);
}

// Recurrences

function scanned(outer: Omit<Place, "imported">, loop: Loop, rounds: Dim): Value[] {
  return new Recurrence(outer, loop, rounds).results();
}

class Recurrence {
  readonly #outer: Omit<Place, "imported">;
  readonly #loop: Loop;
  readonly #rounds: Dim;
  readonly #body: Body;
  readonly #round: NodeOf<"Input">;
  /** Elements of the lists that are read at the number of the round. */
  readonly #elements = new Map<number, { readonly rows: Node; readonly element: NodeOf<"Input"> }>();

  constructor(outer: Omit<Place, "imported">, loop: Loop, rounds: Dim) {
    [this.#outer, this.#loop, this.#rounds] = [outer, loop, rounds];
    this.#body = new Body(outer.maker.note);
    this.#round = this.#body.input("round", { shape: [], dtype: "int32" });
  }

  results(): Value[] {
    const { starts, courses } = this.#loop;
    const values = starts.map((start, i) => this.#inside(start, i));
    const known = new KnownIntegers(this.#body.maker.build);
    const imported = (node: Node): Node => this.#body.imported(node);
    const results = this.#loop.body({ maker: this.#body.maker, known, imported }, values);
    const carried = starts.flatMap((start, i) => {
      const [value, result] = [values[i], results[i]];
      if (isList(start) || courses[i] !== "free" || value === undefined || result === undefined) return [];
      if (isList(value) || isList(result) || !equalShapes(start.type.shape, result.type.shape))
        throw new NotCovered("a value that changes its shape in a loop");
      return [{ variable: i, start, value: value as NodeOf<"Input">, result }];
    });
    const written = results.flatMap((result, i) => {
      if (!isList(result)) return [];
      if (result.kind !== "carried" || result.variable !== i)
        throw new NotCovered("lists that a loop exchanges");
      return result.written === undefined ? [] : [{ variable: i, ...result.written }];
    });
    const outputs = [...carried.map(({ result }) => result), ...written.map(({ item }) => item)];
    const stacks = this.#stacks(carried, outputs);
    const byVariable = new Map(
      zip([...carried, ...written], stacks).map(([{ variable }, stack]) => [variable, stack]),
    );
    return starts.map((start, i) => {
      const stack = byVariable.get(i);
      if (isList(start)) {
        const own = written.find(({ variable }) => variable === i);
        return stack === undefined || own === undefined ? start : this.#filled(start, own.place, stack);
      }
      if (courses[i] === "counter") return this.#counted(start);
      return stack === undefined ? start : afterLast(this.#outer.maker, stack, this.#rounds);
    });
  }

  /** What stands for a variable in one round. */
  #inside(start: Value, variable: number): Value {
    if (isList(start)) return this.#list(start, variable);
    const course = this.#loop.courses[variable];
    if (course === "fixed") return this.#body.imported(start);
    if (course === "free") return this.#body.input(`variable_${variable}`, start.type);
    const round = this.#round;
    return this.#outer.known.of(start)?.[0] === 0
      ? round
      : this.#body.maker.add(round, this.#body.imported(start));
  }

  #list(start: TensorList, variable: number): Carried {
    const isRound = (index: Node): boolean => index === this.#round;
    const element = (index: Node): Node => {
      if (start.kind !== "rows") throw new NotCovered("an element of a list that the loop itself writes");
      if (!isRound(index)) return rowAt(this.#body.maker, this.#body.imported(start.rows), index, undefined);
      const { shape, dtype } = start.rows.type;
      const known = this.#elements.get(variable)?.element;
      const input = known ?? this.#body.input(`element_${variable}`, { shape: shape.slice(1), dtype });
      this.#elements.set(variable, { rows: start.rows, element: input });
      return input;
    };
    return { kind: "carried", variable, element, isRound };
  }

  #stacks(
    carried: readonly { readonly start: Node; readonly value: NodeOf<"Input"> }[],
    outputs: readonly Node[],
  ): Node[] {
    if (outputs.length === 0) return [];
    const { maker } = this.#outer;
    const needed = new Set(reachable(outputs));
    const elements = [...this.#elements.values()];
    // The number of the round is a sequence of its own, where something needs it or nothing else is one.
    const isCounted = elements.length === 0 || needed.has(this.#round);
    const numbers = isCounted ? [maker.apply("Iota", [], { size: this.#rounds, dtype: "int32" })] : [];
    const rows = elements.map((each) => {
      const size = at(each.rows.type.shape, 0);
      return equalDims(size, this.#rounds) ? each.rows : maker.slice(each.rows, 0, 0, this.#rounds);
    });
    const captured = new Map([...this.#body.captured].filter(([, inner]) => needed.has(inner)));
    const inputs = [
      ...carried.map(({ value }) => value),
      ...(isCounted ? [this.#round] : []),
      ...elements.map(({ element }) => element),
    ];
    const step = { maker: this.#body.maker, inputs, outputs, captured };
    return recurrence(maker, step, [carried.map(({ start }) => start), [...numbers, ...rows], []]);
  }

  #filled(start: TensorList, place: number | "round", stack: Node): TensorList {
    if (start.kind !== "items") throw new NotCovered("a list that a loop reads and writes");
    if (place !== "round") {
      const last = afterLast(this.#outer.maker, stack, this.#rounds);
      return { ...start, items: new Map([...start.items, [place, last]]) };
    }
    if (start.items.size > 0 || !equalDims(start.length, this.#rounds))
      throw new NotCovered("a list of which a loop sets a part");
    return { kind: "rows", rows: stack };
  }

  #counted(start: Node): Node {
    const { maker, known } = this.#outer;
    const rounds = maker.size(this.#rounds, start.type.dtype);
    return known.of(start)?.[0] === 0 ? rounds : maker.add(start, rounds);
  }
}
