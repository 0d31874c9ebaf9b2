/** @file Names for inputs that have none, by what is done with them. */
import { type Graph, type Node, type NodeOf, rebuild, transform, usersOf } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { newBuilder } from "../../ops/table.ts";
import { isParameter, rowsIndexed } from "../../ops/traits.ts";

/** The graph with names for its inputs whose names say nothing: of several that are called alike, with numbers. */
export function withNames(graph: Graph, saysNothing: (name: string) => boolean): Graph {
  const users = usersOf(graph);
  const [unnamed, named] = [true, false].map((isUnnamed) =>
    graph.inputs.filter(({ attrs }) => saysNothing(attrs.name) === isUnnamed),
  ) as [NodeOf<"Input">[], NodeOf<"Input">[]];
  if (unnamed.length === 0) return graph;
  const taken = new Set(named.map(({ attrs }) => attrs.name));
  const wishes = Map.groupBy(unnamed, (node) => usualName(node, users));
  const names = new Map<Node, string>();
  for (const [wish, nodes] of wishes) {
    const isAlone = nodes.length === 1 && !taken.has(wish);
    let count = 0;
    for (const node of nodes) {
      let name = isAlone ? wish : `${wish}_${++count}`;
      while (taken.has(name)) name = `${wish}_${++count}`;
      taken.add(name);
      names.set(node, name);
    }
  }
  const builder = newBuilder();
  return transform(graph, builder, (node, inputs) => {
    const name = names.get(node);
    if (node.op !== "Input" || name === undefined) return rebuild(builder, node, inputs);
    return builder.node("Input", [], { ...node.attrs, name });
  }).graph;
}

/** Tokens are integers by which rows of a parameter are looked up. */
function usualName(input: Node, users: ReadonlyMap<Node, readonly Node[]>): string {
  const { dtype } = input.type;
  if (dtype === "bool") return "mask";
  return !isReal(dtype) && looksUpRows(input, users) ? "tokens" : "x";
}

/** Whether integers, or what is only computed of them in integers, pick rows of a parameter. */
function looksUpRows(start: Node, users: ReadonlyMap<Node, readonly Node[]>): boolean {
  const seen = new Set<Node>();
  const pending = [start];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const user of users.get(node) ?? []) {
      if (rowsIndexed(user, node) !== undefined && user.inputs.some(isParameter)) return true;
      if (!isReal(user.type.dtype)) pending.push(user);
    }
  }
  return false;
}
