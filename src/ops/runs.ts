/** @file Uses of blocks, and those one after the other, each of what the one before made: rounds of a repetition. */
import { at, get } from "../base/assert.ts";
import { type Progression, progressionOf } from "../base/progression.ts";
import { equalDims } from "../ir/dim.ts";
import { attributeText, type Graph, type Node, type NodeOf, usersOf } from "../ir/graph.ts";
import { argumentsOf, isCall } from "./traits.ts";

export type Call = NodeOf<"Call"> & Node;

/** A use of a block: the results that something reads, by the places of the body's outputs. */
export type Use = ReadonlyMap<number, Call>;

/** The first of the results: all have the same operands. */
export const callOf = (use: Use): Call => at([...use.values()], 0);

/** The uses of blocks among the nodes of a graph, in order. */
export function usesIn({ nodes }: Pick<Graph, "nodes">): Use[] {
  const uses: Use[] = [];
  const known = new Map<string, Map<string, Map<number, Call>>>();
  for (const call of nodes.filter(isCall)) {
    const { body, instance, given, output } = call.attrs;
    const ofBody = known.get(body.key) ?? new Map<string, Map<number, Call>>();
    known.set(body.key, ofBody);
    const key = `${instance} ${attributeText(given)} ${call.inputs.map(({ id }) => id).join()}`;
    const use = ofBody.get(key) ?? new Map<number, Call>();
    if (!ofBody.has(key)) uses.push(use);
    ofBody.set(key, use.set(output, call));
  }
  return uses;
}

/** The rules by which what uses give changes from one to the next, by name; `undefined` where something has none. */
export function rulesOf(uses: readonly Use[]): ReadonlyMap<string, Progression> | undefined {
  const given = uses.map((use) => callOf(use).attrs.given);
  const rules = new Map<string, Progression>();
  for (const [place, [name, first]] of at(given, 0).entries()) {
    const values = given.map((own) => at(own, place)[1]);
    if (values.every((value) => equalDims(value, first))) continue;
    const numbers = values.filter((value) => typeof value === "number");
    const rule = numbers.length === values.length ? progressionOf(numbers) : undefined;
    if (rule === undefined) return undefined;
    rules.set(name, rule);
  }
  return rules;
}

/** Uses that follow each other in parts, each the longest in which what is given has a rule. */
function withRule(uses: readonly Use[]): (readonly Use[])[] {
  const parts: (readonly Use[])[] = [];
  for (let from = 0; from < uses.length; from += at(parts, parts.length - 1).length) {
    let to = uses.length;
    while (to > from + 1 && rulesOf(uses.slice(from, to)) === undefined) to--;
    parts.push(uses.slice(from, to));
  }
  return parts;
}

/** What the rounds of a repetition have for an argument: a result of the round before, the same in all, or each its own. */
type Role = { readonly carried: number } | "same" | "own";

/** Uses that follow each other, and the roles of their arguments; a use alone has none. */
export interface Run {
  readonly uses: readonly Use[];
  readonly roles: readonly Role[];
}

/** Fewer rounds of which each gives something on are as quickly written out. */
const leastNumbered = 3;

/** Every use of a block, in sets of those that follow each other. */
export function runsOf(graph: Graph): readonly Run[] {
  const runs = new Runs(graph);
  for (const use of usesIn(graph)) runs.add(use);
  return runs.all;
}

class Runs {
  readonly #users: ReadonlyMap<Node, readonly Node[]>;
  readonly #outputs: ReadonlySet<Node>;
  readonly #useOf = new Map<Node, Use>();
  readonly #runOf = new Map<Use, { uses: Use[]; roles: readonly Role[] }>();

  constructor(graph: Graph) {
    this.#users = usersOf(graph);
    this.#outputs = new Set(graph.outputs.map(({ node }) => node));
  }

  get all(): readonly Run[] {
    return [...new Set(this.#joined().values())].flatMap((run): Run[] => {
      const isShort =
        run.uses.length < leastNumbered &&
        run.uses.some((use, i) => this.#isReadBehind(use, run.uses[i + 1]));
      return isShort ? run.uses.map((use) => ({ uses: [use], roles: [] })) : [run];
    });
  }

  /** Uses are given operands first. */
  add(use: Use): void {
    const befores = new Set(argumentsOf(callOf(use)).flatMap((node) => this.#useOf.get(node) ?? []));
    const run = [...befores]
      .map((before) => this.#continued(before, use))
      .find((found) => found !== undefined);
    const own = run ?? { uses: [], roles: [] };
    own.uses.push(use);
    this.#runOf.set(use, own);
    for (const call of use.values()) this.#useOf.set(call, use);
  }

  /** The repetition whose last round is `before`, if the use is the next. */
  #continued(before: Use, use: Use): { uses: Use[]; roles: readonly Role[] } | undefined {
    const [first, second] = [callOf(before), callOf(use)];
    if (!isOneFunction(first.attrs, second.attrs)) return undefined;
    const run = get(this.#runOf, before);
    const roles = run.uses.at(-1) === before ? this.#rolesOf(run, use) : undefined;
    if (roles === undefined) return undefined;
    run.roles = roles;
    return run;
  }

  /** Runs in which uses alone that follow each other are one where what they give has a rule. */
  #joined(): ReadonlyMap<Use, Run> {
    const joined = new Map<Use, Run>(this.#runOf);
    const rows: { uses: Use[]; roles: readonly Role[] }[] = [];
    for (const { uses } of this.#runOf.values()) {
      const use = at(uses, 0);
      if (uses.length > 1 || callOf(use).attrs.given.length === 0) continue;
      const row = rows.find(
        (own) =>
          isOfOneBlock(callOf(at(own.uses, own.uses.length - 1)).attrs, callOf(use).attrs) &&
          this.#rolesOf(own, use) !== undefined,
      );
      if (row === undefined) rows.push({ uses: [use], roles: [] });
      else {
        row.roles = this.#rolesOf(row, use) ?? [];
        row.uses.push(use);
      }
    }
    for (const { uses, roles } of rows)
      for (const part of withRule(uses)) {
        const run = { uses: part, roles: part.length > 1 ? roles : [] };
        for (const use of part) joined.set(use, run);
      }
    return joined;
  }

  /** The roles of the arguments of a use that may be the next round. */
  #rolesOf(run: Run, use: Use): readonly Role[] | undefined {
    const before = at(run.uses, run.uses.length - 1);
    const [first, second] = [callOf(before), callOf(use)];
    const roles = argumentsOf(second).map((node, place): Role => {
      const carried = [...before].find(([, call]) => call === node)?.[0];
      if (carried !== undefined) return { carried };
      return node === first.inputs[place] ? "same" : "own";
    });
    const isFirst = run.uses.length === 1;
    if (!isFirst && JSON.stringify(roles) !== JSON.stringify(run.roles)) return undefined;
    const start = callOf(at(run.uses, 0)).id;
    const hasOwn = (round: Use): boolean =>
      roles.every(
        (role, place) => role !== "own" || this.#isOwn(at(callOf(round).inputs, place), round, start),
      );
    const carried = roles.flatMap((role) => (typeof role === "object" ? [role.carried] : []));
    const isHandedOn = carried.length > 0 && new Set(carried).size === carried.length;
    if (!isHandedOn || !hasOwn(use) || (isFirst && !hasOwn(before))) return undefined;
    return roles;
  }

  /** Whether more than the next round reads results of one. */
  #isReadBehind(use: Use, next: Use | undefined): boolean {
    const readers = new Set<Node>(next?.values());
    return (
      next !== undefined &&
      [...use.values()].some(
        (call) => this.#outputs.has(call) || get(this.#users, call).some((user) => !readers.has(user)),
      )
    );
  }

  /** Whether a round alone reads an argument, once, and no use of a block behind the first round has a part in it. */
  #isOwn(node: Node, use: Use, first: number): boolean {
    const readers = new Set<Node>(use.values());
    const isGiven = node.op === "Input" || (node.inputs.length > 0 && !isCall(node));
    const isRead = callOf(use).inputs.filter((input) => input === node).length === 1;
    const isAlone = !this.#outputs.has(node) && get(this.#users, node).every((user) => readers.has(user));
    return isGiven && isRead && isAlone && !needsUse(node, first);
  }
}

const isOfOneBlock = (a: Call["attrs"], b: Call["attrs"]): boolean =>
  a.body.key === b.body.key && a.instance === b.instance;

/** Whether uses have one block, the same parameters, and the same numbers. */
const isOneFunction = (a: Call["attrs"], b: Call["attrs"]): boolean =>
  isOfOneBlock(a, b) && attributeText(a.given) === attributeText(b.given);

/** Whether a value is computed of a use of a block that is the node `first` or behind it. */
function needsUse(node: Node, first: number): boolean {
  const seen = new Set<Node>();
  const pending = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    // Operands have smaller ids.
    if (next.id < first || seen.has(next)) continue;
    if (isCall(next)) return true;
    seen.add(next);
    pending.push(...next.inputs);
  }
  return false;
}
