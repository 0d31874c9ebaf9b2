/**
 * @file Lays a spec over code in one world: walks the spec in order, finds each of its values among the code's, and binds
 * each parameter where it is first needed. Where several bindings are possible (two heads read the same layer) each is
 * followed, and the one under which most of the spec is found wins.
 */
import { at, get } from "../base/assert.ts";
import { shapeText } from "../ir/dim.ts";
import { type Graph, type Node, reachable } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { definitionOf } from "../ops/table.ts";
import { contractionOf, isParameter, isProduct, isStored, readsRows, sliceOf } from "../ops/traits.ts";
import type { Arena } from "./arena.ts";
import { type Binding, bindingHash } from "./binding.ts";
import { guesses } from "./guess.ts";
import { costOfSolving, type Limits, mostComputed } from "./limits.ts";
import type { Match } from "./match.ts";
import type { Computed } from "./memory.ts";
import { inputSizes, isClash, type Pairing, type SpecSizes, unify } from "./pairing.ts";
import { Parameters } from "./parameters.ts";
import {
  type Choice,
  distinct,
  type Known,
  leastJoined,
  likeliestFirst,
  Path,
  type Step,
  takeLikeliest,
} from "./path.ts";
import { countBefore, type Scale } from "./reduce.ts";
import { type Problem, solve } from "./solve.ts";
import { boundValue, compute, isZero, nothing } from "./values.ts";
import { type Exact, scalar } from "./world.ts";

/** How far a spec could be laid over the code. */
export interface Overlay {
  readonly values: ReadonlyMap<Node, Exact>;
  readonly matches: ReadonlyMap<Node, readonly Match[]>;
  readonly bindings: ReadonlyMap<Node, Binding>;
  readonly sizes: SpecSizes;
  /** Names of the spec's outputs that are the code's outputs, and how those are laid out over them. */
  readonly found: ReadonlyMap<string, Match>;
  /** Larger when more of the spec was found. */
  readonly score: number;
  /** How many of the spec's values were found, zeros aside. */
  readonly matched: number;
  /** Whether no parameter could have been bound to anything else on the way. */
  readonly isCertain: boolean;
  /** How many values were computed to find it, or could have been in the time it took. */
  readonly effort: number;
}

export interface Request {
  readonly spec: Graph;
  readonly pairing: Pairing;
  readonly arena: Arena;
  readonly scale: Scale;
  /** Whether a parameter may be bound to a multiple of the code's. */
  readonly scaled: boolean;
  /** What is known of the spec's nodes before the search. */
  readonly known?: Known;
  readonly limits: Limits;
}

/** The best overlay of a spec in primitives. */
export function overlay(request: Request): Overlay {
  const search = new Search(request);
  return search.run();
}

class Search {
  readonly #request: Request;
  readonly #parameters: Parameters;
  #best: Overlay | undefined;
  #computed = 0;

  constructor(request: Request) {
    this.#request = request;
    this.#parameters = new Parameters(request.spec);
  }

  run(): Overlay {
    const {
      pairing,
      arena: { world, matches },
      known,
    } = this.#request;
    const start = new Path(this.#startSizes());
    for (const [spec, code] of pairing.inputs) {
      const value = get(world.values, code);
      start.found(spec, value, matches.find(value));
    }
    if (known !== undefined) start.knows(known);
    const furthest = this.#explore(start);
    // Others may have come to their end, and not as far.
    if (this.#best === undefined || this.#score(furthest) > this.#best.score)
      this.#keep(this.#straight(furthest));
    return this.#best ?? this.#finish(furthest);
  }

  /** Sizes that follow from the inputs, and from what else is known. */
  #startSizes(): SpecSizes {
    const { pairing, arena, known } = this.#request;
    const given = inputSizes(pairing, (node) => get(arena.world.values, node).shape);
    let sizes: SpecSizes = isClash(given) ? new Map() : given;
    for (const [{ type }, { shape }] of [...(known?.values ?? []), ...(known?.bindings ?? [])])
      sizes = unify(type.shape, shape, sizes) ?? sizes;
    return sizes;
  }

  /**
   * Takes the likeliest path on, until every output is found or enough was tried; gives the path that came furthest of those
   * that were not followed to their end.
   */
  #explore(start: Path): Path {
    const open = [start];
    let [onward, detours, furthest]: [Path | undefined, number, Path] = [start, 0, start];
    while (detours < this.#request.limits.detours && this.#computed < mostComputed) {
      const path = takeLikeliest(open);
      if (path === undefined) break;
      if (path !== onward) detours++;
      const next = this.#onward(path);
      // Among equals the last is taken.
      open.push(...next.toReversed());
      onward = next[0];
      if (path.matched > furthest.matched) [furthest, detours] = [path, 0];
      if (onward === undefined && this.#keep(path)) break;
    }
    return furthest;
  }

  /** The path with the first choice wherever there is one. */
  #straight(start: Path): Path {
    let path = start;
    for (let [next] = this.#onward(path); next !== undefined; [next] = this.#onward(path)) path = next;
    return path;
  }

  /** Follows a path to its next choice; none is left at its end. */
  #onward(path: Path): Path[] {
    const steps = this.#advance(path);
    const isOnly = steps.filter((step) => step !== "solve").length === 1;
    return steps.map((step) => path.with(step, at(this.#request.spec.nodes, path.next), isOnly));
  }

  /** Keeps the end of a path if it is the best; whether every output is found. */
  #keep(path: Path): boolean {
    if (this.#best === undefined || this.#score(path) > this.#best.score) this.#best = this.#finish(path);
    return this.#best.found.size === this.#request.pairing.outputs.length;
  }

  /** Computes values until a parameter has to be chosen; gives the choices, none when nothing is left to choose. */
  #advance(path: Path): readonly Step[] {
    const { nodes } = this.#request.spec;
    for (; path.next < nodes.length && path.lost < this.#request.limits.patience; path.next++) {
      const node = at(nodes, path.next);
      if (this.#parameters.has(node) || path.values.has(node)) continue;
      if (this.#value(node, path) !== undefined) continue;
      const choices = this.#choices(node, path);
      if (choices.length > 0) return choices;
      // Nothing in the code fits a parameter: what was chosen before may be wrong, such as a size.
      for (const input of node.inputs) {
        const parameter = path.values.has(input) ? undefined : this.#parameters.only(input, path);
        if (parameter !== undefined) path.lacks(parameter);
      }
    }
    // What an output waited for may have been found behind it.
    const { outputs } = this.#request.pairing;
    if (path.next === nodes.length) for (const [spec] of outputs) this.#value(spec.node, path);
    return [];
  }

  /** The node's value when everything below it has one; matched to the code's values as it is computed. */
  #value(node: Node, path: Path): Exact | undefined {
    const known = path.values.get(node);
    if (known !== undefined || path.isMissing(node)) return known;
    const { world, memory } = this.#request.arena;
    if (this.#parameters.has(node)) {
      const binding = path.bindings.get(node);
      if (binding === undefined) return undefined;
      const key = `parameter ${isReal(node.type.dtype)} ${bindingHash(binding)}`;
      const value = memory.other(key, () => boundValue(node.type, binding, world));
      path.values.set(node, value);
      return value;
    }
    const computed = this.#computedFrom(node, path);
    if (computed === undefined) path.misses(node);
    else path.found(node, computed.value, computed.matches);
    return computed?.value;
  }

  #computedFrom(node: Node, path: Path): Computed | undefined {
    const inputs: Exact[] = [];
    for (const input of node.inputs) {
      const value = this.#value(input, path);
      if (value === undefined) return this.#nothing(node, path);
      inputs.push(value);
    }
    return this.#applied(node, inputs, path);
  }

  #applied(node: Node, inputs: readonly Exact[], path: Path): Computed | undefined {
    this.#computed++;
    const { world, matches, memory } = this.#request.arena;
    return memory.value(node, inputs, path.sizes, () => {
      const value = this.#counted(node, path) ?? compute(node, inputs, world, path.sizes);
      return value && { value, matches: matches.find(value) };
    });
  }

  /** Zeros can't tell what an unbound parameter is, and need not know it. */
  #nothing(node: Node, path: Path): Computed | undefined {
    const { world, matches } = this.#request.arena;
    const isMetAgain = node.inputs.some((input) => this.#parameters.meetings(input) > 1);
    if (!isMetAgain) return undefined;
    const known = node.inputs.map((input) => this.#value(input, path));
    const value = nothing(node, known, world, path.sizes);
    return value && { value, matches: matches.find(value) };
  }

  /** A number that the spec would count at run time: what it counts in the models. */
  #counted(node: Node, { sizes }: Path): Exact | undefined {
    const counted = countBefore(node, sizes, this.#request.scale);
    return counted === undefined ? undefined : scalar(this.#request.arena.world.field, node, counted);
  }

  /**
   * Ways to give an unbound parameter of the node a value, the likeliest first: whole parameters, which cost one evaluation
   * each, and only when none of them leads on, what solving the node gives.
   */
  #choices(node: Node, path: Path): readonly Step[] {
    const guessed = path.guessed === node ? [] : this.#guesses(node, path);
    if (guessed.length > 0) return [...guessed, "solve"];
    const problem =
      this.#parameters.problem(node, path) ??
      this.#parameters.problemInSum(node, path, (terms) => this.#applied(node, terms, path)?.value);
    // No sum or product gives back which integers a table held.
    if (problem === undefined || !isReal(problem.parameter.type.dtype)) return [];
    const solved = likeliestFirst(distinct(this.#solutions(problem)), path, this.#request.spec);
    return solved.length > 0 ? this.#partsFirst(solved, node, path) : this.#reassociated(problem, path);
  }

  /** Where the spec cuts the value into parts, first the choices under which the code has these as well. */
  #partsFirst(choices: readonly Choice[], node: Node, path: Path): readonly Choice[] {
    const parts = this.#request.spec.nodes.filter(
      (user) => user.inputs.includes(node) && sliceOf(user) !== undefined,
    );
    if (parts.length === 0 || choices.length === 1) return choices;
    const hasParts = (choice: Choice): boolean => {
      const ahead = path.with(choice, node, true);
      return parts.every((part) => this.#shows(part, ahead));
    };
    const [found, others] = [choices.filter(hasParts), choices.filter((choice) => !hasParts(choice))];
    return [...found, ...others];
  }

  /**
   * Of a product whose factors the code multiplies in another order, or of which it has the sum alone: guesses that show in it, or
   * in what is made of it.
   */
  #reassociated({ node, parameter }: Problem, path: Path): Step[] {
    if (!isProduct(node)) return [];
    const products = [node, ...this.#request.spec.nodes.filter((user) => user.inputs.includes(node))].filter(
      (product) => contractionOf(product) !== undefined || definitionOf(product.op).family === "reduction",
    );
    return this.#unused(parameter, path).filter((choice) => {
      const ahead = path.with(choice, node, true);
      return products.some((product) => this.#shows(product, ahead));
    });
  }

  /** Whole parameters of the code that nothing is bound to, and which the parameter could be. */
  #unused(parameter: Node, path: Path, isWanted: (source: Node) => boolean = () => true): Choice[] {
    if (!isParameter(parameter)) return [];
    const { world } = this.#request.arena;
    const sources = world.graph.parameters.map((source): Node => source.node);
    const unwanted = new Set(sources.filter((source) => path.uses(source) || !isWanted(source)));
    return guesses(parameter, world, path.sizes, unwanted).map((guess) => ({
      parameter,
      joined: 0,
      ...guess,
    }));
  }

  #solutions(problem: Problem): Choice[] {
    const { arena, scaled } = this.#request;
    const { memory } = arena;
    const { node, open, parameter, data, sizes } = problem;
    const operand = reachable([at(node.inputs, open)]).map((part) => memory.operator(part));
    const shape = shapeText(node.type.shape);
    const facts = [scaled, memory.operator(node), shape, open, memory.number(data), ...sizes, ...operand];
    const found = memory.other(`solutions ${facts.join(" ")}`, () => this.#solved(problem));
    return found.map((choice) => ({ ...choice, parameter }));
  }

  #solved(problem: Problem): Choice[] {
    const { arena, scaled } = this.#request;
    this.#computed += costOfSolving;
    for (const solutions of solve(problem, arena.world, arena.prober)) {
      const choices = solutions.flatMap(({ shape, table, ...found }) => {
        const binding =
          arena.parameters.name(shape, table) ??
          (scaled ? arena.parameters.nameScaled(shape, table) : undefined);
        return binding === undefined ? [] : [{ binding, ...found }];
      });
      if (choices.length > 0) return leastJoined(choices);
    }
    return [];
  }

  /** Only for values whose known operands are all in the code, so that a right guess shows. */
  #guesses(node: Node, path: Path): Choice[] {
    const tables = this.#guessesOfTable(node, path);
    if (tables.length > 0) return tables;
    if (isStored(node)) return this.#guessesOfFunction(node, path);
    const known = node.inputs.filter((input) => path.values.has(input));
    const places = known.filter((input) => !isStored(input)).map((input) => path.matches.get(input) ?? []);
    if (places.length === 0 || places.some((matches) => matches.length === 0)) return [];
    const open = this.#parameters.below(node, path);
    const [parameter] = open.filter(isParameter);
    const readsUnknown = node.inputs.some((input) => !path.values.has(input) && !isStored(input));
    if (parameter === undefined || readsUnknown) return [];
    const { surroundings } = this.#request.arena;
    const near = surroundings.parametersNear(places.flat().map((match) => match.node));
    const guessed = (isWanted: (source: Node) => boolean): Choice[] =>
      this.#unused(parameter, path, isWanted).filter(
        (choice) => open.length > 1 || this.#shows(node, path.with(choice, node, true)),
      );
    const shown = guessed((source) => near.has(source));
    return shown.length > 0 ? shown : guessed((source) => !near.has(source));
  }

  /** Integers that the node reads, which no equation gives back. */
  #guessesOfTable(node: Node, path: Path): Choice[] {
    const open = node.inputs.flatMap((input) => this.#parameters.only(input, path) ?? []);
    const all = open.filter(({ type }) => !isReal(type.dtype)).flatMap((table) => this.#unused(table, path));
    const shown = all.filter((choice) => this.#shows(node, path.with(choice, node, true)));
    return shown.length > 0 ? shown : all;
  }

  /** Of a function of one parameter alone, as exp(a) is, or of rows that are known: parameters of which the code has the same. */
  #guessesOfFunction(node: Node, path: Path): Choice[] {
    const [parameter, ...others] = this.#parameters.below(node, path);
    const isFunction = definitionOf(node.op).family === "function" || readsRows(node);
    if (parameter === undefined || others.length > 0 || !isFunction) return [];
    return this.#unused(parameter, path).filter((choice) => this.#shows(node, path.with(choice, node, true)));
  }

  /** Whether the node has a value now, and the code has it too. */
  #shows(node: Node, path: Path): boolean {
    const value = this.#value(node, path);
    // Whatever a parameter is, its product with zeros is in the code.
    return value !== undefined && !isZero(value) && (path.matches.get(node) ?? []).length > 0;
  }

  #found(path: Path): ReadonlyMap<string, Match> {
    const found = this.#request.pairing.outputs.flatMap(([spec, code]) => {
      const match = (path.matches.get(spec.node) ?? []).find(({ node }) => node === code.node);
      return match === undefined ? [] : [[spec.name, match] as const];
    });
    return new Map(found);
  }

  /** How much of the spec was found: outputs first, then values, then parameters. */
  #score(path: Path): number {
    return this.#found(path).size * 1e6 + path.matched * 1e2 + path.bound;
  }

  #finish(path: Path): Overlay {
    const { nodes } = this.#request.spec;
    return {
      values: path.values.over(nodes),
      matches: path.matches.over(nodes),
      bindings: path.bindings.over(nodes),
      sizes: path.sizes,
      found: this.#found(path),
      score: this.#score(path),
      matched: path.matched,
      isCertain: path.isCertain,
      effort: this.#computed,
    };
  }
}
