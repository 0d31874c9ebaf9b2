/** @file One way of giving parameters of a spec their meaning, as far as it has been followed. */
import type { Graph, Node } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { isStored } from "../ops/traits.ts";
import { type Binding, bindingHash, entriesHash, parametersOf } from "./binding.ts";
import type { Match } from "./match.ts";
import { NodeMap } from "./node-map.ts";
import type { SpecSizes } from "./pairing.ts";
import { isZero } from "./values.ts";
import type { Exact } from "./world.ts";

/** A parameter of the spec, and what it would be. */
export interface Choice {
  readonly parameter: Node;
  readonly binding: Binding;
  readonly sizes: SpecSizes;
  /** The value of the code from which it follows. */
  readonly target?: Node;
  /** How many axes are joined there that the other side has apart. */
  readonly joined: number;
}
/** A choice, or to solve the node after whole parameters were guessed. */
export type Step = Choice | "solve";

/** Values of nodes of a spec, where the code has them, and parameters that are bound. */
export interface Known {
  readonly values: Iterable<readonly [Node, Exact]>;
  readonly matches: Iterable<readonly [Node, readonly Match[]]>;
  readonly bindings: Iterable<readonly [Node, Binding]>;
}

export class Path {
  readonly values: NodeMap<Exact>;
  readonly matches: NodeMap<readonly Match[]>;
  readonly bindings: NodeMap<Binding>;
  /** Values of the code from which bindings followed, by hashes of the bindings that parameters have. */
  readonly #targets: NodeMap<true>;
  readonly #used: NodeMap<true>;
  /** Functions below a value that the code does not have, when nothing between has a match. */
  readonly #unmatched: NodeMap<ReadonlySet<Node>>;
  readonly #doubted: NodeMap<boolean>;
  /** Nodes that had no value, with the number of parameters that were bound then. */
  readonly #missing: NodeMap<number>;
  readonly #lacking: NodeMap<boolean>;
  sizes: SpecSizes;
  /** Position of the first node that may be without a value. */
  next: number;
  /** Results of functions that the code does not have: a sign of a wrong binding, or of a bug. */
  doubts: number;
  /** Values that were found in the code, and bound parameters. */
  matched: number;
  bound: number;
  /** Values since the last that was found in the code. */
  lost: number;
  /** The node of which whole parameters were guessed already. */
  guessed: Node | undefined;
  /** Whether every choice was the only one. */
  isCertain: boolean;

  constructor(sizes: SpecSizes, from?: Path) {
    this.values = new NodeMap(from?.values);
    this.matches = new NodeMap(from?.matches);
    this.bindings = new NodeMap(from?.bindings);
    this.#targets = new NodeMap(from === undefined ? undefined : from.#targets);
    this.#used = new NodeMap(from === undefined ? undefined : from.#used);
    this.#unmatched = new NodeMap(from === undefined ? undefined : from.#unmatched);
    this.#doubted = new NodeMap(from === undefined ? undefined : from.#doubted);
    this.#missing = new NodeMap(from === undefined ? undefined : from.#missing);
    this.#lacking = new NodeMap(from === undefined ? undefined : from.#lacking);
    this.sizes = sizes;
    this.next = from?.next ?? 0;
    this.doubts = from?.doubts ?? 0;
    this.matched = from?.matched ?? 0;
    this.bound = from?.bound ?? 0;
    this.lost = from?.lost ?? 0;
    this.guessed = from?.guessed;
    this.isCertain = from?.isCertain ?? true;
  }

  /** The path after a step at `node`, which may have been the only one. */
  with(step: Step, node: Node, isOnly: boolean): Path {
    const next = new Path(step === "solve" ? this.sizes : step.sizes, this);
    next.isCertain &&= isOnly;
    if (step === "solve") {
      next.guessed = node;
      next.doubts++;
      return next;
    }
    next.#bind(step.parameter, step.binding);
    if (step.target !== undefined) next.#targets.set(step.target, true);
    return next;
  }

  /** Starts from what is known. */
  knows({ values, matches, bindings }: Known): void {
    for (const [node, value] of values) this.values.set(node, value);
    for (const [node, found] of matches) {
      this.matches.set(node, found);
      this.#count(node);
    }
    for (const [parameter, binding] of bindings) this.#bind(parameter, binding);
  }

  /** Nothing was found for a parameter where it is first needed; a doubt until something is. */
  lacks(parameter: Node): void {
    if (this.#lacking.get(parameter) === true) return;
    this.#lacking.set(parameter, true);
    this.doubts++;
  }

  #bind(parameter: Node, binding: Binding): void {
    this.bindings.set(parameter, binding);
    if (this.#lacking.get(parameter) === true) {
      this.#lacking.set(parameter, false);
      this.doubts--;
    }
    this.bound++;
    for (const used of parametersOf(binding)) this.#used.set(used, true);
  }

  /** Whether a binding uses the code's parameter. */
  uses(parameter: Node): boolean {
    return this.#used.has(parameter);
  }

  /** Whether a binding followed from a value of the code. */
  hasTarget(target: Node | undefined): boolean {
    return target !== undefined && this.#targets.has(target);
  }

  /** Whether the node had no value before, and nothing was bound since. */
  isMissing(node: Node): boolean {
    return this.#missing.get(node) === this.bound;
  }

  misses(node: Node): void {
    this.#missing.set(node, this.bound);
  }

  /** Takes note of a value of the spec and of where the code has it. */
  found(node: Node, value: Exact, matches: readonly Match[]): void {
    this.values.set(node, value);
    this.matches.set(node, matches);
    const below = new Set(node.inputs.flatMap((input) => [...(this.#unmatched.get(input) ?? [])]));
    this.lost = matches.length > 0 ? 0 : this.lost + 1;
    if (matches.length > 0) {
      this.#count(node);
      for (const doubtful of below) this.#settle(doubtful);
      return;
    }
    if (definitionOf(node.op).family === "function") {
      below.add(node);
      this.#doubted.set(node, true);
      this.doubts++;
    }
    if (below.size > 0) this.#unmatched.set(node, below);
  }

  /** Zeros and numbers are found in any code that has some, and say nothing of what they were made of. */
  #count(node: Node): void {
    if (node.type.shape.length === 0 && isStored(node)) return;
    const value = this.values.get(node);
    if (value !== undefined && !isZero(value) && (this.matches.get(node) ?? []).length > 0) this.matched++;
  }

  /** What is made of a doubtful value is in the code: it was only written in another way. */
  #settle(doubtful: Node): void {
    if (this.#doubted.get(doubtful) !== true) return;
    this.#doubted.set(doubtful, false);
    this.doubts--;
  }
}

/** Every binding once. */
export const distinct = (choices: readonly Choice[]): Choice[] => [
  ...new Map(choices.map((choice) => [bindingHash(choice.binding), choice])).values(),
];

/** Without other orders of the same entries that only show where more axes are joined. */
export function leastJoined(choices: readonly Choice[]): Choice[] {
  const least = new Map<string, number>();
  for (const { binding, joined } of choices) {
    const key = entriesHash(binding);
    least.set(key, Math.min(joined, least.get(key) ?? joined));
  }
  return choices.filter(({ binding, joined }) => joined === least.get(entriesHash(binding)));
}

/**
 * Bindings of entries that no other parameter has come first, and among these such as follow from a value of the code that
 * gave others: the weights of a gate belong together.
 */
export function likeliestFirst(choices: readonly Choice[], path: Path, spec: Graph): Choice[] {
  const bound = spec.parameters.flatMap(({ node }) => path.bindings.get(node) ?? []);
  const taken = new Set(bound.map(entriesHash));
  const rank = ({ binding, target }: Choice): number =>
    (taken.has(entriesHash(binding)) ? 2 : 0) + (path.hasTarget(target) ? 0 : 1);
  return [...choices].sort((a, b) => rank(a) - rank(b));
}

/** The path with the fewest doubts, of several the one that found most in the code, of these the last. */
export function takeLikeliest(open: Path[]): Path | undefined {
  if (open.length === 0) return undefined;
  const isAsLikely = (path: Path, than: Path): boolean =>
    path.doubts < than.doubts || (path.doubts === than.doubts && path.matched >= than.matched);
  const best = open.reduce((likeliest, path) => (isAsLikely(path, likeliest) ? path : likeliest));
  return open.splice(open.lastIndexOf(best), 1)[0];
}
