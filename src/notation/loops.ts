/** @file Uses of a block one after the other, which are written as a repetition. */
import { at, get, invariant, range } from "../base/assert.ts";
import { infix, type Layout, number, power, product, symbol } from "../base/layout.ts";
import type { Progression } from "../base/progression.ts";
import { bodyGraph } from "../ir/body.ts";
import { type Graph, type Node, usersOf } from "../ir/graph.ts";
import { type Call, callOf, type Run, rulesOf, runsOf, type Use, usesIn } from "../ops/runs.ts";
import { isCall } from "../ops/traits.ts";
import { asIdentifier, type Names, resultName } from "./names.ts";

/** At least two uses. */
interface Loop {
  readonly run: Run;
  /** What rounds hand on. */
  readonly carries: readonly Carry[];
  /** Arguments that each round has its own of. */
  readonly own: readonly number[];
  /** Results that others than the next round read. */
  readonly kept: readonly number[];
}

/** A result that is an argument of the next round; `isKept` says that others read it, too, so that each round's has a name. */
interface Carry {
  readonly place: number;
  readonly output: number;
  readonly isKept: boolean;
}

/** How a repetition is written. */
export interface Rounds {
  readonly index: string;
  /** What carried values start from, and their names. */
  readonly starts: readonly (readonly [node: Node, name: string])[];
  /** What the names of the results in a round are, by their places. */
  readonly results: ReadonlyMap<number, string>;
  /** What the arguments of a round are called that have other names in others. */
  readonly given: ReadonlyMap<Node, string>;
  /** What a round gives a block by name that changes from round to round. */
  readonly numbers: ReadonlyMap<string, Layout>;
  readonly uses: readonly Use[];
  /** The round that stands for all, since it starts from what another one carried. */
  readonly round: Use;
}

export class Loops {
  readonly #outputs: ReadonlySet<Node>;
  readonly #loopOf = new Map<Node, Loop>();
  readonly #loops: readonly Loop[];
  readonly #users: ReadonlyMap<Node, readonly Node[]>;
  readonly #rounds = new Map<Loop, Rounds>();

  /** Sequences that recurrences read have the names of their steps: those are no names of what rounds hand on. */
  constructor(graph: Graph, sequences: ReadonlySet<Node>) {
    this.#outputs = new Set(graph.outputs.map(({ node }) => node));
    this.#users = usersOf(graph);
    const isSequence = (call: Node): boolean => sequences.has(call);
    this.#loops = runsOf(graph)
      .filter(({ uses }) => uses.length > 1 && !uses.flatMap((use) => [...use.values()]).some(isSequence))
      .map((run) => this.#loop(run));
    for (const loop of this.#loops)
      for (const use of loop.run.uses) for (const call of use.values()) this.#loopOf.set(call, loop);
  }

  has(node: Node): boolean {
    return this.#loopOf.has(node);
  }

  /** Whether a node is a result of a repetition that each round gives to others. */
  keeps(node: Node): boolean {
    const loop = this.#loopOf.get(node);
    if (loop === undefined || !isCall(node)) return false;
    const { output } = node.attrs;
    return (
      loop.kept.includes(output) || loop.carries.some((carry) => carry.isKept && carry.output === output)
    );
  }

  /** Sets of values that have one name in what is written of a round. */
  get alike(): (readonly Node[])[] {
    return this.#loops.flatMap((loop) => [
      ...[...loop.carries.map(({ output }) => output), ...loop.kept].map((output) => resultsAt(loop, output)),
      ...loop.own.map((place) => argumentsAt(loop, place)),
    ]);
  }

  /** The repetition that a node is a result of. */
  of(node: Node): Rounds | undefined {
    const loop = this.#loopOf.get(node);
    return loop && get(this.#rounds, loop);
  }

  /** Nodes that need an equation of their own for the repetitions' sake. */
  get kept(): readonly Node[] {
    return this.#loops.flatMap((loop) => [
      ...loop.run.uses.flatMap((use) => [...use.values()]),
      ...loop.carries.flatMap(({ place }) => this.#named(loop, place)),
      ...loop.own.flatMap((place) => argumentsAt(loop, place).filter(({ inputs }) => inputs.length > 0)),
    ]);
  }

  /**
   * Names of what repetitions carry, what each round has its own of, and results that others read. `given` are the names of
   * inputs and outputs, which stay if they are numbered already.
   */
  names(names: Names, given: ReadonlyMap<Node, string>): (readonly [Node, string])[] {
    const index = this.#loops.length === 0 ? "" : names.takeRound();
    return this.#loops.flatMap((loop) => this.#name(loop, index, names, given));
  }

  #name(
    loop: Loop,
    index: string,
    names: Names,
    given: ReadonlyMap<Node, string>,
  ): (readonly [Node, string])[] {
    const { uses } = loop.run;
    const [first, second] = [callOf(at(uses, 0)), callOf(at(uses, 1))];
    const body = bodyGraph(first.attrs.body);
    const argument = (place: number): string => asIdentifier(at(body.inputs, place).attrs.name) ?? "x";
    const series = (wish: string, nodes: readonly (Node | undefined)[] = []): Series => {
      const known = numberedAs(nodes.map((node) => node && given.get(node)));
      if (known !== undefined) return known;
      const numbers = [index, ...range(uses.length + 1)];
      const of = (base: string): string[] => numbers.map((number) => `${base}_${number}`);
      return { base: names.takeDerived(wish.replace(/_?\d+$/, ""), of), first: 1 };
    };
    const resultsOf = (output: number): (Node | undefined)[] => uses.map((use) => use.get(output));
    const carried = loop.carries.map((carry) => {
      const wish = argument(carry.place);
      return { ...carry, name: carry.isKept ? series(wish) : names.take(wish) };
    });
    const startOf = (name: Series | string): string => (typeof name === "string" ? name : nameOf(name, 0));
    const inRound = (name: Series | string, before = 0): string =>
      typeof name === "string" ? name : nameInRound(name, index, before);
    const own = loop.own.map((place) => {
      const nodes = argumentsAt(loop, place);
      return { place, nodes, name: series(argument(place), nodes) };
    });
    const kept = loop.kept.map((output) => {
      const nodes = resultsOf(output);
      return { output, nodes, name: series(resultName(body, output) ?? "y", nodes) };
    });
    const unread = unreadIn(loop, body).map(
      (output) => [output, names.take(resultName(body, output) ?? "y")] as const,
    );
    this.#rounds.set(loop, {
      index,
      uses,
      numbers: new Map(
        [...(rulesOf(uses) ?? [])].map(([name, rule]) => [name, progressionLayout(rule, index)] as const),
      ),
      // What the second round starts from has the name of what is carried.
      round: at(uses, 1),
      starts: carried.map(({ place, name }) => [at(first.inputs, place), startOf(name)] as const),
      results: new Map([
        ...[...carried, ...kept].map(({ output, name }) => [output, inRound(name)] as const),
        ...unread,
      ]),
      given: new Map([
        ...carried.map(({ place, name }) => [at(second.inputs, place), inRound(name, 1)] as const),
        ...own.map(({ place, name }) => [at(second.inputs, place), inRound(name)] as const),
      ]),
    });
    const named = (
      nodes: readonly (Node | undefined)[],
      name: Series | string,
    ): (readonly [Node, string])[] =>
      nodes.flatMap((node, place) =>
        node === undefined
          ? []
          : [[node, typeof name === "string" ? name : nameOf(name, place + 1)] as const],
      );
    return [
      ...carried.flatMap(({ place, output, name }) => [
        ...this.#named(loop, place).map((node) => [node, startOf(name)] as const),
        ...named(resultsOf(output), name),
      ]),
      ...[...own, ...kept].flatMap(({ nodes, name }) => named(nodes, name)),
    ];
  }

  /** Where equations stand: behind what they need, which for a repetition is what any of its rounds needs. */
  places({ nodes }: Graph): (node: Node) => number {
    const starts = new Map<Loop, number>(this.#loops.map((loop) => [loop, 0]));
    const places = new Map<Node, number>();
    let isOpen = this.#loops.length > 0;
    for (let turn = 0; isOpen; turn++) {
      invariant(turn < 2 * this.#loops.length + 2, "repetitions do not need each other in a circle");
      isOpen = false;
      for (const node of nodes) {
        const loop = this.#loopOf.get(node);
        const needed = Math.max(node.id, ...node.inputs.map((input) => places.get(input) ?? 0));
        places.set(node, loop === undefined ? needed : get(starts, loop));
      }
      for (const loop of this.#loops) {
        const { uses } = loop.run;
        const needs = uses
          .flatMap((use) => callOf(use).inputs)
          .filter((node) => this.#loopOf.get(node) !== loop);
        const first = Math.min(...[...at(uses, 0).values()].map(({ id }) => id));
        const place = Math.max(first, ...needs.map((node) => get(places, node) + 0.25));
        isOpen ||= place !== starts.get(loop);
        starts.set(loop, place);
      }
    }
    return (node) => places.get(node) ?? node.id;
  }

  #loop(run: Run): Loop {
    const carries = run.roles.flatMap((role, place) =>
      typeof role === "object"
        ? [{ place, output: role.carried, isKept: this.#isReadBehind(run, role.carried) }]
        : [],
    );
    const carried = new Set(carries.map(({ output }) => output));
    const outputs = new Set(run.uses.flatMap((use) => [...use.keys()]));
    return {
      run,
      carries,
      own: run.roles.flatMap((role, place) => (role === "own" ? [place] : [])),
      kept: [...outputs].filter((output) => !carried.has(output)).sort((a, b) => a - b),
    };
  }

  /** Whether more than the next round reads a result of one. */
  #isReadBehind({ uses }: Run, output: number): boolean {
    return uses.some((use, place) => {
      const [node, next] = [use.get(output), uses[place + 1]];
      const readers = new Set<Node>(next?.values());
      const isHandedOn = node === undefined || get(this.#users, node).every((user) => readers.has(user));
      return next !== undefined && node !== undefined && (this.#outputs.has(node) || !isHandedOn);
    });
  }

  /** What a carried value starts from, if it is computed for that alone. */
  #named(loop: Loop, place: number): readonly Node[] {
    const start = at(callOf(at(loop.run.uses, 0)).inputs, place);
    const isComputed = start.inputs.length > 0 && !this.#outputs.has(start) && !this.#loopOf.has(start);
    return isComputed && isReadOnce(start, get(this.#users, start)) ? [start] : [];
  }
}

/** Whether one use of a block alone reads a value, and as one argument. */
function isReadOnce(node: Node, users: readonly Node[]): boolean {
  const isOneUse = users.every(isCall) && usesIn({ nodes: users }).length === 1;
  return isOneUse && at(users, 0).inputs.filter((input) => input === node).length === 1;
}

/** The number of a round by its rule: `2^(l - 1)`, `3 * 2^(l - 1)`, `2 * l + 1`, `9 - 2 * l`. */
function progressionLayout(rule: Progression, index: string): Layout {
  const shifted = (by: number): Layout =>
    by === 0 ? symbol(index) : infix(by < 0 ? "-" : "+", symbol(index), number(String(Math.abs(by))));
  if (rule.kind === "arithmetic") {
    const { first, step } = rule;
    if (step === 1) return shifted(first - 1);
    const growing = infix("*", number(String(Math.abs(step))), symbol(index));
    const rest = first - step;
    if (step < 0) return infix("-", number(String(rest)), growing);
    if (rest === 0) return growing;
    return infix(rest < 0 ? "-" : "+", growing, number(String(Math.abs(rest))));
  }
  const { first, ratio } = rule;
  const exponent = Math.round(Math.log(first) / Math.log(ratio));
  const raised = (by: number): Layout => power(number(String(ratio)), shifted(by));
  return ratio ** exponent === first ? raised(exponent - 1) : product(number(String(first)), raised(-1));
}

/** Names with numbers, and the number of the first round's. */
interface Series {
  readonly base: string;
  readonly first: number;
}

const nameOf = ({ base, first }: Series, round: number): string => `${base}_${round - 1 + first}`;

/** The name in the round that the index stands for, or in one so many rounds before. */
function nameInRound({ base, first }: Series, index: string, before: number): string {
  const shift = first - 1 - before;
  return shift === 0 ? `${base}_${index}` : `${base}_{${index}${shift < 0 ? "-" : "+"}${Math.abs(shift)}}`;
}

/** The series that names are, from 0 or from 1 on. */
function numberedAs(names: readonly (string | undefined)[]): Series | undefined {
  const [, base, number] = /^(.+)_([01])$/.exec(names[0] ?? "") ?? [];
  if (base === undefined) return undefined;
  const series = { base, first: Number(number) };
  return names.every((name, place) => name === nameOf(series, place + 1)) ? series : undefined;
}

/** Results that nothing reads in any round. */
const unreadIn = ({ carries, kept }: Loop, { outputs }: Graph): number[] =>
  range(outputs.length).filter(
    (output) => !kept.includes(output) && !carries.some((carry) => carry.output === output),
  );

const argumentsAt = ({ run }: Loop, place: number): Node[] =>
  run.uses.map((use) => at(callOf(use).inputs, place));

const resultsAt = ({ run }: Loop, output: number): Call[] => run.uses.flatMap((use) => use.get(output) ?? []);
