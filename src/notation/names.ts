/** @file Names of values, sizes and indices: short and conventional, and never two things under one name. */
import { at } from "../base/assert.ts";
import { type Answering, deeply } from "../base/deeply.ts";
import { languageWords } from "../base/language-words.ts";
import { bodyGraph } from "../ir/body.ts";
import type { Graph, Node, Parameter } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import {
  isAdditive,
  isCall,
  isElementwiseProduct,
  isOneOfSeveral,
  isParameter,
  isStored,
  readsRows,
  sliceOf,
} from "../ops/traits.ts";
import { assignedNames, paperNames, usesOf } from "./roles.ts";

/** Names with the same spelling once case and underscores are dropped would be confused. */
const spelling = (name: string): string => name.replaceAll("_", "");

/** What stands behind the last underscore. */
const subscriptOf = (name: string): string | undefined => /_([A-Za-z0-9]+)$/.exec(name)?.[1];

/** What the models of a document have in common: what names end in, and numbers. */
export class Shared {
  readonly taken: Set<string> = new Set<string>();
  /** Indices of steps: a name that ends in one is that of a step, in all models. */
  readonly steps: Set<string> = new Set<string>();
  /** Names, and those of them that are numbers in all models. */
  readonly names: Set<string> = new Set<string>();
  readonly numbers: Set<string> = new Set<string>();
}

export class Names {
  readonly #taken = new Set([...languageWords].map(spelling));
  readonly #rounds = new Set<string>();
  readonly #shared: Shared;
  /** For each head the number from which on one may be free: a name that is taken stays so. */
  readonly #next = new Map<string, number>();

  constructor(shared: Shared = new Shared()) {
    this.#shared = shared;
  }

  isFree(name: string): boolean {
    const { steps, numbers } = this.#shared;
    const isTaken = this.#taken.has(spelling(name)) || numbers.has(spelling(name)) || steps.has(name);
    const end = subscriptOf(name) ?? "";
    return !isTaken && !steps.has(end) && !this.#rounds.has(end);
  }

  /** A name for how many steps there are. */
  takeSize(): string {
    const free = [..."TSL"].find((letter) => this.isFree(letter));
    return free === undefined ? this.takeWith("T", () => []) : this.#keep(free);
  }

  /** An index of rounds, in which no name of the model ends but those that `takeDerived` derives. */
  takeRound(): string {
    const name = this.#takeIndex("lmnkji", () => true);
    this.#rounds.add(name);
    return name;
  }

  /** An index of steps, which no model has for anything else, and in which no name ends. */
  takeIndex(): string {
    const { names, steps } = this.#shared;
    const name = this.#takeIndex("tksrupq", (index) => !names.has(spelling(index)));
    steps.add(name);
    return name;
  }

  #takeIndex(letters: string, isOwn: (index: string) => boolean): string {
    const isGood = (index: string): boolean =>
      this.isFree(index) && !this.#shared.taken.has(index) && isOwn(index);
    let name = [...letters].find(isGood) ?? "t1";
    for (let number = 2; !isGood(name); number++) name = `t${number}`;
    return this.#keep(name);
  }

  /**
   * The wish if it and everything that is derived from it are free, or else the wish with the first number that makes it so.
   * What `number` derives is a number in all models.
   */
  takeWith(
    wish: string,
    derived: (name: string) => readonly string[],
    number?: (name: string) => string,
  ): string {
    const { names, numbers } = this.#shared;
    const isFree = (other: string): boolean =>
      !this.#taken.has(spelling(other)) && !numbers.has(spelling(other));
    const all = (name: string): boolean =>
      this.isFree(name) &&
      derived(name).every(isFree) &&
      (number === undefined || !names.has(spelling(number(name))));
    let name = wish;
    for (let count = 2; !all(name); count++) name = `${wish}${count}`;
    for (const other of derived(name)) this.#keep(other);
    if (number !== undefined) numbers.add(spelling(number(name)));
    return this.#keep(name);
  }

  /** Takes the name of a start, if no model has it for something else: a number is one in all models. */
  takeStart(name: string, isNumber: boolean): boolean {
    const { names, numbers } = this.#shared;
    const isFree = !(isNumber ? names : numbers).has(spelling(name));
    if (isFree) this.#keep(name);
    if (isFree && isNumber) numbers.add(spelling(name));
    return isFree;
  }

  /** The wish if everything that is derived from it is free, or else the wish with a prime or with the first number that makes it so. */
  takeDerived(wish: string, derived: (base: string) => readonly string[]): string {
    const all = (base: string): boolean => derived(base).every((name) => !this.#taken.has(spelling(name)));
    let base = all(wish) ? wish : `${wish}'`;
    for (let number = 2; !all(base); number++) base = `${wish}${number}`;
    for (const name of derived(base)) this.#keep(name);
    return base;
  }

  /** The wish if it is free, else the wish with the first number that makes it free. */
  take(wish: string): string {
    return this.isFree(wish) ? this.#keep(wish) : this.takeNumbered(wish);
  }

  /** The first free one of head_1, head_2, … */
  takeNumbered(head: string): string {
    for (let number = this.#next.get(head) ?? 1; ; number++) {
      const name = `${head}_${number}`;
      if (!this.isFree(name)) continue;
      this.#next.set(head, number + 1);
      return this.#keep(name);
    }
  }

  #keep(name: string): string {
    this.#taken.add(spelling(name));
    this.#shared.names.add(spelling(name));
    this.#shared.taken.add(subscriptOf(name) ?? "");
    return name;
  }
}

const identifier = /^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$/;

/** The name itself if the language can say it, else with what it can't say replaced: `output.0` is `output_0`. */
export function asIdentifier(name: string): string | undefined {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.join("_");
  return identifier.test(joined) ? joined : undefined;
}

/** What a model is called in its equations: its own name, which must be no function of the language. */
export function modelName(name: string): string {
  const own = asIdentifier(name) ?? "Model";
  return languageWords.has(own) ? `${own}_model` : own;
}

/** A name that is short enough to use in formulas as it is. */
const isShort = (name: string): boolean =>
  name.length <= 6 && /^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)?$/.test(name);

/** What a block would call one of its results: as the code does if that is short, or by the letter of papers. */
export function resultName(block: Graph, output: number): string | undefined {
  const { node } = at(block.outputs, output);
  const wishes = [block.labels.get(node), assignedNames(block).get(node), paperNames(block).get(node)];
  return wishes.find((wish) => wish !== undefined && isShort(wish) && !languageWords.has(wish));
}

/** What a block with several results calls one of them. */
const nameInside = (node: Node): string | undefined =>
  isOneOfSeveral(node) && isCall(node)
    ? resultName(bodyGraph(node.attrs.body), node.attrs.output)
    : undefined;

/** What a parameter does, as the letter by which papers call it. */
type Role = "W" | "U" | "b" | "E" | "P" | "mu" | "v" | "gamma" | "beta" | "a" | "c";

/** What a value is behind what only rearranges it. */
function unmoved(node: Node): Node {
  let source = node;
  while (definitionOf(source.op).rearranges) source = at(source.inputs, 0);
  return source;
}

/** The other operand of a binary operator, behind what only rearranges it. */
const otherOperand = (user: Node, operand: Node): Node =>
  unmoved(at(user.inputs, user.inputs[0] === operand ? 1 : 0));

/** The mean, the variance, the gain and the shift of a batch normalisation; others have the last ones only. */
const batchRoles = ["mu", "v", "gamma", "beta"] as const satisfies readonly Role[];

interface Duty {
  readonly role: Role;
  /** The parameter whose number this one shares: the weight of a bias, the gain of a shift. */
  readonly partner?: Node;
}

/** Whether rows of the operand are looked up. */
const isTable = (user: Node, operand: Node): boolean => user.op === "Take" && user.inputs[0] === operand;

/** Names under which programs keep a vector for each position. */
const positionName = /(?:^|[._/])(?:pos(?:ition(?:al)?)?s?_?(?:emb|enc)|wpe\b)/i;

/** Whether a value is rows of a table that an input picks, or a sum with such, or a multiple. */
function* looksUp(node: Node): Answering<Node, boolean> {
  const [first, second] = node.inputs;
  if (first === undefined || second === undefined) return false;
  if (isTable(node, first)) return isParameter(first) && !isStored(second);
  if (!isAdditive(node) && !isElementwiseProduct(node)) return false;
  return (yield first) || (yield second);
}

/** Whether a parameter holds a vector for each position: it is added to the vectors that are looked up, or is called so. */
function isOfPositions(
  { node, names }: Pick<Parameter, "node" | "names">,
  users: ReadonlyMap<Node, readonly Node[]>,
  isLookedUp: (node: Node) => boolean,
): boolean {
  if (node.type.shape.length < 2) return false;
  const parts = [node, ...(users.get(node) ?? []).filter((user) => sliceOf(user) !== undefined)];
  const sums = parts.flatMap((part) =>
    usesOf(part, users).filter(([user]) => isAdditive(user) && user.inputs.length === 2),
  );
  const isCalledSo = names.some((name) => positionName.test(name));
  return sums.some(([user, operand]) => isCalledSo || isLookedUp(otherOperand(user, operand)));
}

/** Weights of what a recurrence carries are U beside the W of its input. */
function dutyOf(node: Node, users: ReadonlyMap<Node, readonly Node[]>, carried: ReadonlySet<Node>): Duty {
  const uses = usesOf(node, users);
  // Tied to the output, it is a table all the same.
  const [use] = [...uses.filter(([user, operand]) => isTable(user, operand)), ...uses];
  if (use === undefined) return { role: "c" };
  const [user, operand] = use;
  const { family } = definitionOf(user.op);
  const place = user.inputs.indexOf(operand);
  if (family === "contraction" && place >= 2) return { role: "b", partner: at(user.inputs, 1) };
  if (family === "contraction") return { role: carried.has(otherOperand(user, operand)) ? "U" : "W" };
  if (family === "normalisation" && place > 0)
    return {
      role: at(batchRoles, batchRoles.length + place - user.inputs.length),
      partner: at(user.inputs, 1),
    };
  if (isTable(user, operand)) return { role: "E" };
  if (family !== "arithmetic" || user.inputs.length !== 2) return { role: "c" };
  const other = otherOperand(user, operand);
  const factors = other.inputs.map(unmoved).filter(isParameter);
  const [partner] = factors;
  if (isAdditive(user)) {
    const shifts = isElementwiseProduct(other) && partner !== undefined;
    return { role: shifts ? "beta" : "b", ...(partner === undefined ? {} : { partner }) };
  }
  return { role: definitionOf(other.op).family === "normalisation" ? "gamma" : "a" };
}

/** Of what is not trained beside what is, only averages have letters of their own; a model may be frozen as a whole. */
const storedDuty = (duty: Duty, isLearnt: boolean): Duty =>
  isLearnt || duty.role === "mu" || duty.role === "v" ? duty : { role: "c" };

/** A name for each parameter: the code's own if short, else a letter by its duty, numbered where there are several. */
export function parameterNames(
  parameters: readonly Parameter[],
  users: ReadonlyMap<Node, readonly Node[]>,
  names: Names,
  carried: ReadonlySet<Node>,
): ReadonlyMap<Node, string> {
  const result = new Map<Node, string>();
  const isLookedUp = deeply(looksUp);
  const isFrozen = !parameters.some(({ trainable }) => trainable);
  const rest: { readonly node: Node; readonly duty: Duty }[] = [];
  for (const { node, names: own, trainable } of parameters) {
    const short = own.find((name) => isShort(name) && names.isFree(name));
    const isPosition = short === undefined && isOfPositions({ node, names: own }, users, isLookedUp);
    const duty = (): Duty => (isPosition ? { role: "P" } : dutyOf(node, users, carried));
    if (short === undefined) rest.push({ node, duty: storedDuty(duty(), trainable || isFrozen) });
    else result.set(node, names.take(short));
  }
  const roles = Map.groupBy(rest, ({ duty }) => duty.role);
  const many = (role: Role): boolean => (roles.get(role)?.length ?? 0) > 1;
  const number = new Map<Node, string>();
  const counts = new Map<Role, number>();
  const give = (node: Node, role: Role, wish: string | undefined): void => {
    const count = (counts.get(role) ?? 0) + 1;
    counts.set(role, count);
    const name = `${role}_${wish ?? count}`;
    const numbered = (): string => (names.isFree(name) ? names.take(name) : names.takeNumbered(role));
    const given = many(role) ? numbered() : names.take(role);
    result.set(node, given);
    if (given.length > role.length) number.set(node, given.slice(role.length + 1));
  };
  const hasPartner = ({ duty }: (typeof rest)[number]): boolean => duty.partner !== undefined;
  for (const { node, duty } of rest.filter((item) => !hasPartner(item))) give(node, duty.role, undefined);
  for (const { node, duty } of rest.filter(hasPartner))
    give(node, duty.role, duty.partner && number.get(duty.partner));
  return result;
}

/** What values are called where steps have the h. */
const otherLetters = [..."zug"];

/**
 * Names of values that have an equation: their label, the variable of the code if that is short, the letter of papers, or
 * h, h_1, h_2 …, or by another letter where those of steps are called so; a contraction in indices is s.
 */
export function valueNames(
  graph: Graph,
  nodes: readonly Node[],
  isIndexed: (node: Node) => boolean,
  names: Names,
): ReadonlyMap<Node, string> {
  const result = new Map<Node, string>();
  const [variables, letters] = [assignedNames(graph), paperNames(graph)];
  // Where h_1 is that of the first step, h_2 would be looked for among the steps.
  const plain = names.isFree("h_1") ? "h" : (otherLetters.find((letter) => names.isFree(letter)) ?? "h");
  const usual = (node: Node): string => {
    const { family } = definitionOf(node.op);
    if (family === "contraction" && isIndexed(node)) return "s";
    return family === "comparison" && node.type.dtype === "bool" ? "mask" : plain;
  };
  const wish = (node: Node): string => {
    const own = variables.get(node);
    const isGood = own !== undefined && isShort(own) && !languageWords.has(own);
    return isGood ? own : (letters.get(node) ?? nameInside(node) ?? usual(node));
  };
  const unlabelled: Node[] = [];
  for (const node of nodes) {
    const label = asIdentifier(graph.labels.get(node) ?? "");
    if (label !== undefined && names.isFree(label)) result.set(node, names.take(label));
    else unlabelled.push(node);
  }
  const wishes = new Map(unlabelled.map((node) => [node, wish(node)] as const));
  const counts = Map.groupBy(wishes.values(), (name) => name);
  // In brackets a letter alone is an index that runs along an axis.
  const rows = new Set(graph.nodes.flatMap((node) => (readsRows(node) ? [at(node.inputs, 1)] : [])));
  for (const [node, own] of wishes) {
    const several = (counts.get(own)?.length ?? 0) > 1;
    const sole = own.length === 1 && rows.has(node) ? "rows" : own;
    result.set(node, several ? names.takeNumbered(own) : names.take(sole));
  }
  return result;
}
