/** @file What a value is in the code and in papers: the name of a variable, a query or key, a weight of an attention, the residual stream. */
import { at, get } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { type Graph, type Node, type Origin, usersOf } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import {
  anglesOf,
  channelAxis,
  contractionOf,
  isAdditive,
  isElementwiseProduct,
  isMerge,
  isOfHeads,
  isParameter,
  isParameterLike,
  isPositional,
  isSoftmax,
  isSplit,
  isStored,
  isTurned,
  normalisedAxes,
  rowsIndexed,
  sliceOf,
} from "../ops/traits.ts";
import type { AxisClass, AxisClasses } from "./axes.ts";

/** The names of variables, by the values that lines of the code assign to them. */
export function assignedNames({ nodes, origins }: Graph): ReadonlyMap<Node, string> {
  const last = new Map<string, readonly [node: Node, name: string]>();
  for (const node of nodes) {
    const origin = origins.get(node);
    const name = origin?.code === undefined ? undefined : assigned(origin.code);
    // A variable is only what its line computes last.
    if (origin !== undefined && name !== undefined && !isStored(node))
      last.set(placeOf(origin), [node, name]);
  }
  return new Map(last.values());
}

const assignment = /^\s*([A-Za-z]\w*)\s*(?:[-+*/@]?=)\s*([^=\s].*)$/;

/** The one variable that a line assigns a whole expression to. */
function assigned(code: string): string | undefined {
  const [, name, right = ""] = assignment.exec(code) ?? [];
  // A list is several values, and what a line goes on with is not seen.
  const isWhole = !/^[[{]|\bfor\b|\blambda\b|[,([{\\]\s*$/.test(right);
  return isWhole ? name : undefined;
}

/** A line of one use of a module. */
function placeOf({ file, line, calls = [] }: Origin): string {
  const through = calls.map((call) => `${call.file}:${call.line}:${call.into}`);
  return [file, line, ...through].join("\n");
}

/** The letters by which papers call the values of an attention and the residual stream. */
export function paperNames(graph: Graph): ReadonlyMap<Node, string> {
  const users = usersOf(graph);
  const result = new Map<Node, string>();
  for (const node of graph.nodes) {
    if (isSoftmax(node)) nameAttention(node, users, result);
    for (const part of anglesOf(node).filter(isPositional)) result.set(part, "theta");
    const stream = streamBefore(node, users);
    if (stream === undefined) continue;
    for (const part of [stream, node]) if (!result.has(part)) result.set(part, "x");
  }
  return result;
}

type Users = ReadonlyMap<Node, readonly Node[]>;

/** q, k, v and the weights a, where a softmax weighs values by scores of two others. */
function nameAttention(softmax: Node, users: Users, names: Map<Node, string>): void {
  const scores = scoresOf(at(softmax.inputs, 0));
  const [weighing, weights] = weighed(softmax, users) ?? [];
  const product = scores.at(-1);
  if (product === undefined || weighing === undefined || weights === undefined) return;
  const [q, k] = product.inputs;
  const v = weighing.inputs.find((input) => input !== weights);
  names.set(softmax, "a");
  for (const score of scores) names.set(score, "s");
  for (const [value, letter] of [
    [q, "q"],
    [k, "k"],
    [v, "v"],
  ] as const)
    if (value !== undefined) for (const part of unmoved(value)) if (!names.has(part)) names.set(part, letter);
}

/** From what softmax takes down to the product of two values, through masks and scales; empty where there is none. */
function scoresOf(start: Node): readonly Node[] {
  const user = new Map<Node, Node | undefined>();
  const pending: (readonly [node: Node, user: Node | undefined])[] = [[start, undefined]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [node, from] = next;
    if (user.has(node)) continue;
    user.set(node, from);
    if (contractionOf(node) !== undefined && !node.inputs.some(isParameterLike)) {
      const way: Node[] = [];
      for (let part: Node | undefined = node; part !== undefined; part = user.get(part)) way.push(part);
      return way.reverse();
    }
    const { family } = definitionOf(node.op);
    if (family !== "arithmetic" && family !== "comparison" && family !== "structure") continue;
    for (const input of node.inputs.toReversed()) pending.push([input, node]);
  }
  return [];
}

/** Uses of a value, through operators that only rearrange it. */
export function usesOf(start: Node, users: Users): (readonly [user: Node, operand: Node])[] {
  const uses: (readonly [Node, Node])[] = [];
  const pending = (users.get(start) ?? []).map((user) => [user, start] as const).reverse();
  for (let use = pending.pop(); use !== undefined; use = pending.pop()) {
    const [user] = use;
    if (definitionOf(user.op).rearranges !== true) uses.push(use);
    else for (const next of (users.get(user) ?? []).toReversed()) pending.push([next, user]);
  }
  return uses;
}

/** The product of a value, behind what only rearranges it, with another one, and which of its operands that is. */
function weighed(node: Node, users: Users): readonly [product: Node, operand: Node] | undefined {
  return usesOf(node, users).find(([user]) => contractionOf(user) !== undefined);
}

/** A value, and the heads that it was before it was turned by its position, scaled or copied. */
function unmoved(node: Node): Node[] {
  const heads = new Set<Node>();
  const seen = new Set<Node>();
  const pending = [node];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (seen.has(part)) continue;
    seen.add(part);
    if (isOfHeads(part)) heads.add(part);
    const isMoved =
      definitionOf(part.op).family === "structure" || isAdditive(part) || isElementwiseProduct(part);
    if (isMoved && !isSplit(part)) pending.push(...part.inputs);
  }
  return [node, ...heads];
}

/** The operand that a sum adds something to that is computed of it. */
function streamBefore(node: Node, users: Users): Node | undefined {
  if (!isAdditive(node)) return undefined;
  const [left, right] = [at(node.inputs, 0), at(node.inputs, 1)];
  const isStream = (value: Node, branch: Node): boolean =>
    equalShapes(value.type.shape, node.type.shape) &&
    value.type.shape.length > 1 &&
    !isStored(value) &&
    (users.get(value)?.length ?? 0) > 1 &&
    leadsTo(value, branch);
  if (isStream(left, right)) return left;
  return isStream(right, left) ? right : undefined;
}

/** Whether a value is computed of another, with more than one step between. */
function leadsTo(from: Node, to: Node): boolean {
  const seen = new Set<Node>();
  const pending = [to];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    // Operands were made before what is computed of them.
    if (node.id <= from.id || seen.has(node)) continue;
    seen.add(node);
    if (node.inputs.includes(from)) return true;
    pending.push(...node.inputs);
  }
  return false;
}

/** What queries, keys or values are a projection of: what a matrix is multiplied with, before a bias is added and a part taken. */
function projected(value: Node): Node | undefined {
  for (let node = value; ; ) {
    if (contractionOf(node) !== undefined)
      return node.inputs.some(isParameterLike) ? node.inputs[0] : undefined;
    const [first, second] = node.inputs;
    const isStep = definitionOf(node.op).rearranges === true || sliceOf(node) !== undefined;
    if (first === undefined || (!isStep && (second === undefined || !isAdditive(node)))) return undefined;
    node = !isStep && second !== undefined && isParameter(first) ? second : first;
  }
}

/** What an axis holds, as the letter by which papers call its size: vocabulary, width, heads, what each head has, channels. */
export type AxisRole = "V" | "d" | "H" | "d_k" | "C";

/** The axes of a graph whose role is plain. */
export function axisRoles(graph: Graph, classes: AxisClasses): ReadonlyMap<AxisClass, AxisRole> {
  const roles = new Map<AxisClass, AxisRole>();
  const give = (node: Node | undefined, axis: number, role: AxisRole): void => {
    const own = node && get(classes, node).at(axis);
    if (own !== undefined && typeof own.size === "number" && own.size > 1 && !roles.has(own))
      roles.set(own, role);
  };
  for (const node of graph.nodes) {
    const [first, second] = node.inputs;
    if (
      first !== undefined &&
      second !== undefined &&
      rowsIndexed(node, second) !== undefined &&
      isParameter(first)
    ) {
      if (!isStored(second)) give(first, 0, "V");
      give(node, -1, "d");
    }
    const normalised = normalisedAxes(node);
    if (normalised?.length === 1) give(node, at(normalised, 0), "d");
    if (isSplit(node)) {
      give(node, -3, "H");
      give(node, -1, "d_k");
      // One head is the whole axis.
      if (node.type.shape.at(-3) === 1) give(first, -1, "d_k");
      give(projected(at(node.inputs, 0)), -1, "d");
    }
    if (isMerge(node)) {
      give(at(node.inputs, 0), -3, "H");
      give(at(node.inputs, 0), -1, "d_k");
    }
    if (first !== undefined && isMerge(first) && contractionOf(node) !== undefined) give(node, -1, "d");
    // Turned, the axis of a head is another one of the same kind.
    const turned = first !== undefined && isTurned(node) ? get(classes, first).at(-1) : undefined;
    const before = turned && roles.get(turned);
    if (before !== undefined) give(node, -1, before);
    const channels = channelAxis(node);
    if (channels !== undefined) give(node, channels, "C");
  }
  return roles;
}
