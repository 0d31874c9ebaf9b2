/**
 * @file Lays a spec over code in one world: walks the spec in order, finds each of its values among the code's, and binds
 * each parameter where it is first needed. Where several bindings are possible (two heads read the same layer) each is
 * followed, and the one under which most of the spec is found wins.
 */
import { at, get, invariant } from "../base/assert.ts";
import type { Residues } from "../domain/prime-field.ts";
import { mapDims } from "../ir/attributes.ts";
import { sizeOf, sizesOf } from "../ir/dim.ts";
import { type Graph, type Node, reachable } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { definitionOf } from "../ops/table.ts";
import { isParameter, isStored } from "../ops/traits.ts";
import { applyBinding, type Binding, bindingHash, parametersOf } from "./binding.ts";
import { guesses } from "./guess.ts";
import { type Match, MatchIndex } from "./match.ts";
import { inputSizes, isClash, type Pairing, type SpecSizes } from "./pairing.ts";
import { ParameterIndex } from "./parameter-index.ts";
import { basesOf } from "./probes.ts";
import { countBefore, type Scale } from "./reduce.ts";
import { Prober, type Problem, solve } from "./solve.ts";
import { type Exact, scalar, type World } from "./world.ts";

/** A world with what the search looks up in it; shared by all specs compared in it. */
export interface Arena {
  readonly world: World;
  readonly matches: MatchIndex;
  readonly parameters: ParameterIndex;
  readonly prober: Prober;
}

export const arena = (world: World): Arena => ({
  world,
  matches: new MatchIndex(world),
  parameters: new ParameterIndex(world),
  prober: new Prober(),
});

/** How far a spec could be laid over the code. */
export interface Overlay {
  readonly values: ReadonlyMap<Node, Exact>;
  readonly matches: ReadonlyMap<Node, readonly Match[]>;
  readonly bindings: ReadonlyMap<Node, Binding>;
  readonly sizes: SpecSizes;
  /** Names of the spec's outputs that are the code's outputs, and how those are laid out over them. */
  readonly found: ReadonlyMap<string, Match>;
}

/** Paths followed before the best so far is taken. */
const mostPaths = 256;

export interface Request {
  readonly spec: Graph;
  readonly pairing: Pairing;
  readonly arena: Arena;
  readonly scale: Scale;
  /** Whether a parameter may be bound to a multiple of the code's. */
  readonly scaled: boolean;
}

/** The best overlay of a spec in primitives. */
export function overlay(request: Request): Overlay {
  const search = new Search(request);
  return search.run();
}

class Search {
  readonly #request: Request;
  readonly #parameterNodes: ReadonlySet<Node>;
  #best: Overlay | undefined;

  constructor(request: Request) {
    this.#request = request;
    this.#parameterNodes = new Set(request.spec.parameters.map((parameter) => parameter.node));
  }

  run(): Overlay {
    const {
      pairing,
      arena: { world },
    } = this.#request;
    const sizes = inputSizes(pairing, (node) => get(world.values, node).shape);
    const state = new State(isClash(sizes) ? new Map() : sizes);
    for (const [spec, code] of pairing.inputs) {
      const value = get(world.values, code);
      state.values.set(spec, value);
      state.matches.set(spec, this.#request.arena.matches.find(value));
    }
    this.#explore(state);
    return this.#best ?? this.#finish(state);
  }

  /** Takes the likeliest path on, until every output is found or enough paths were tried. */
  #explore(start: State): void {
    const open: State[] = [start];
    for (let tried = 0; tried < mostPaths; tried++) {
      const path = takeLikeliest(open);
      if (path === undefined) return;
      const choices = this.#advance(path);
      // Among equals the last is taken.
      open.push(
        ...choices.map((choice) => path.with(choice, at(this.#request.spec.nodes, path.next))).reverse(),
      );
      if (choices.length > 0) continue;
      const overlay = this.#finish(path);
      if (this.#best === undefined || score(overlay) > score(this.#best)) this.#best = overlay;
      if (this.#best.found.size === this.#request.spec.outputs.length) return;
    }
    this.#best ??= this.#finish(takeLikeliest(open) ?? start);
  }

  /** Computes values until a parameter has to be chosen; gives the choices, none when nothing is left to choose. */
  #advance(path: State): Step[] {
    const { nodes } = this.#request.spec;
    for (; path.next < nodes.length; path.next++) {
      const node = at(nodes, path.next);
      if (this.#parameterNodes.has(node) || path.values.has(node)) continue;
      if (this.#value(node, path) !== undefined) continue;
      const choices = this.#choices(node, path);
      if (choices.length > 0) return choices;
    }
    return [];
  }

  /** The node's value when everything below it has one; matched to the code's values as it is computed. */
  #value(node: Node, state: State): Exact | undefined {
    const known = state.values.get(node);
    if (known !== undefined) return known;
    const { world, matches } = this.#request.arena;
    if (this.#parameterNodes.has(node)) {
      const binding = state.bindings.get(node);
      if (binding === undefined) return undefined;
      const value = boundValue(binding, world);
      state.values.set(node, value);
      return value;
    }
    const inputs: Exact[] = [];
    for (const input of node.inputs) {
      const value = this.#value(input, state);
      if (value === undefined) return undefined;
      inputs.push(value);
    }
    const value = this.#counted(node, state) ?? compute(node, inputs, world, state.sizes);
    if (value === undefined) return undefined;
    state.values.set(node, value);
    const found = matches.find(value);
    state.matches.set(node, found);
    if (found.length === 0 && definitionOf(node.op).family === "function") state.doubts++;
    return value;
  }

  /** A number that the spec would count at run time: what it counts in the models. */
  #counted(node: Node, { sizes }: State): Exact | undefined {
    const counted = countBefore(node, sizes, this.#request.scale);
    return counted === undefined ? undefined : scalar(this.#request.arena.world.field, counted);
  }

  /**
   * Ways to give an unbound parameter of the node a value, the likeliest first: whole parameters, which cost one evaluation
   * each, and only when none of them leads on, what solving the node gives.
   */
  #choices(node: Node, state: State): Step[] {
    const guessed = state.guessed === node ? [] : this.#guesses(node, state);
    if (guessed.length > 0) return [...guessed, "solve"];
    const problem = this.#problem(node, state);
    return problem === undefined ? [] : likeliestFirst(distinct(this.#solutions(problem)), state);
  }

  #solutions(problem: Problem): Choice[] {
    const { arena, scaled } = this.#request;
    for (const solutions of solve(problem, arena.world, arena.prober)) {
      const choices = solutions.flatMap(({ shape, table, parameter, sizes, target }) => {
        const binding =
          arena.parameters.name(shape, table) ??
          (scaled ? arena.parameters.nameScaled(shape, table) : undefined);
        return binding === undefined ? [] : [{ parameter, binding, sizes, target }];
      });
      if (choices.length > 0) return choices;
    }
    return [];
  }

  /** Only for values whose known operands are all in the code, so that a right guess shows. */
  #guesses(node: Node, state: State): Choice[] {
    if (isStored(node)) return [];
    const known = node.inputs.filter((input) => state.values.has(input));
    if (!known.every((input) => isStored(input) || (state.matches.get(input) ?? []).length > 0)) return [];
    const open = reachable([node]).filter((n) => this.#parameterNodes.has(n) && !state.bindings.has(n));
    const [parameter] = open.filter(isParameter);
    const readsUnknown = node.inputs.some((input) => !state.values.has(input) && !isStored(input));
    if (parameter === undefined || readsUnknown) return [];
    const { world } = this.#request.arena;
    const used = new Set([...state.bindings.values()].flatMap((binding) => [...parametersOf(binding)]));
    return guesses(parameter, world, state.sizes, used)
      .map((guess) => ({ parameter, ...guess }))
      .filter((choice) => open.length > 1 || this.#shows(node, state.with(choice, node)));
  }

  /** Whether the node has a value now, and the code has it too. */
  #shows(node: Node, state: State): boolean {
    const value = this.#value(node, state);
    // Whatever a parameter is, its product with zeros is in the code.
    return value !== undefined && !isZero(value) && (state.matches.get(node) ?? []).length > 0;
  }

  #problem(node: Node, state: State): Problem | undefined {
    const open = node.inputs.flatMap((input, index) => (state.values.has(input) ? [] : [index]));
    const [index] = open;
    if (open.length !== 1 || index === undefined || node.inputs.length !== 2) return undefined;
    const parameter = this.#onlyParameter(at(node.inputs, index), state);
    const other = at(node.inputs, 1 - index);
    if (parameter === undefined) return undefined;
    return {
      node,
      open: index,
      parameter,
      data: get(state.values, other),
      bases: basesOf(other, state.sizes, (base) => ({
        value: state.values.get(base),
        matches: state.matches.get(base) ?? [],
      })),
      sizes: state.sizes,
    };
  }

  /** The unbound parameter that a node rearranges, if it does nothing else. */
  #onlyParameter(node: Node, state: State): Node | undefined {
    if (this.#parameterNodes.has(node)) return state.bindings.has(node) ? undefined : node;
    const [input] = node.inputs;
    const rearranges = node.inputs.length === 1 && definitionOf(node.op).family === "structure";
    return rearranges && input !== undefined ? this.#onlyParameter(input, state) : undefined;
  }

  #finish(state: State): Overlay {
    const found = this.#request.pairing.outputs.flatMap(([spec, code]) => {
      const match = (state.matches.get(spec.node) ?? []).find(({ node }) => node === code.node);
      return match === undefined ? [] : [[spec.name, match] as const];
    });
    return { ...state.snapshot(), found: new Map(found) };
  }
}

/** A parameter of the spec, and what it would be. */
interface Choice {
  readonly parameter: Node;
  readonly binding: Binding;
  readonly sizes: SpecSizes;
  /** The value of the code from which it follows. */
  readonly target?: Node;
}
/** A choice, or to solve the node after whole parameters were guessed. */
type Step = Choice | "solve";

/** Every binding once. */
const distinct = (choices: readonly Choice[]): Choice[] => [
  ...new Map(choices.map((choice) => [bindingHash(choice.binding), choice])).values(),
];

/**
 * Bindings that no other parameter has come first, and among these such as follow from a value of the code that gave others:
 * the weights of a gate belong together.
 */
function likeliestFirst(choices: readonly Choice[], { bindings, targets }: State): Choice[] {
  const taken = new Set([...bindings.values()].map(bindingHash));
  const rank = ({ binding, target }: Choice): number =>
    (taken.has(bindingHash(binding)) ? 2 : 0) + (target !== undefined && targets.has(target) ? 0 : 1);
  return [...choices].sort((a, b) => rank(a) - rank(b));
}

/** The path with the fewest doubts, of several the last. */
function takeLikeliest(open: State[]): State | undefined {
  if (open.length === 0) return undefined;
  const fewest = Math.min(...open.map((path) => path.doubts));
  return open.splice(
    open.findLastIndex((path) => path.doubts === fewest),
    1,
  )[0];
}

class State {
  readonly values: Map<Node, Exact>;
  readonly matches: Map<Node, readonly Match[]>;
  readonly bindings: Map<Node, Binding>;
  /** Values of the code from which bindings followed. */
  readonly targets: Set<Node>;
  sizes: SpecSizes;
  /** Position of the first node that may be without a value. */
  next: number;
  /** Results of functions that the code does not have: a sign of a wrong binding, or of a bug. */
  doubts: number;
  /** The node of which whole parameters were guessed already. */
  guessed: Node | undefined;

  constructor(sizes: SpecSizes, from?: State) {
    this.values = new Map(from?.values);
    this.matches = new Map(from?.matches);
    this.bindings = new Map(from?.bindings);
    this.targets = new Set(from?.targets);
    this.sizes = sizes;
    this.next = from?.next ?? 0;
    this.doubts = from?.doubts ?? 0;
    this.guessed = from?.guessed;
  }

  /** The path after a step at `node`. */
  with(step: Step, node: Node): State {
    const next = new State(step === "solve" ? this.sizes : step.sizes, this);
    if (step === "solve") {
      next.guessed = node;
      next.doubts++;
      return next;
    }
    next.bindings.set(step.parameter, step.binding);
    if (step.target !== undefined) next.targets.add(step.target);
    return next;
  }

  snapshot(): Omit<Overlay, "found"> {
    return { values: this.values, matches: this.matches, bindings: this.bindings, sizes: this.sizes };
  }
}

/**
 * Applies an operator; `undefined` while a size of its result is unknown, and where it has no value under the bindings
 * tried, such as a row beyond the end of a table.
 */
function compute(node: Node, inputs: readonly Exact[], world: World, sizes: SpecSizes): Exact | undefined {
  const definition = definitionOf(node.op);
  invariant(definition.kind === "primitive", `${node.op} is lowered before it is compared`);
  try {
    const result = { shape: sizesOf(node.type.shape, sizes), dtype: node.type.dtype };
    const attrs = mapDims<OpAttrs[OpName]>(node.attrs, (dim) => sizeOf(dim, sizes));
    return definition.evaluate<Residues>(world.field, inputs, attrs, result);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The value of a bound parameter in a world; multiples are taken as the binding's factor says. */
export function boundValue(binding: Binding, world: World): Exact {
  const plain = applyBinding(binding, world.field, world.given);
  if (binding.factor === 1 || plain.kind !== "real") return plain;
  const inverse = 1 / binding.factor;
  const whole = Number.isInteger(binding.factor);
  const size = plain.values.p.length;
  const scale = world.field.fromIntegers(new Float64Array(size).fill(whole ? binding.factor : inverse));
  const values = whole ? world.field.mul(plain.values, scale) : world.field.div(plain.values, scale);
  return { ...plain, values };
}

const isZero = (value: Exact): boolean =>
  value.kind === "real" && value.values.p.every((residue) => residue === 0);

/** How much of the spec was found: outputs first, then values, then parameters. */
export const score = (overlay: Overlay): number =>
  overlay.found.size * 1e6 +
  [...overlay.matches.values()].filter((matches) => matches.length > 0).length * 1e2 +
  overlay.bindings.size;
