/** @file Uses of a block one after the other, each of what the one before made, which are written as a repetition. */
import { at, get, zip } from "../base/assert.ts";
import { type Graph, type Node, type NodeOf, usersOf } from "../ir/graph.ts";
import { argumentsOf, isCall } from "../ops/traits.ts";
import type { Names } from "./names.ts";

type Call = NodeOf<"Call"> & Node;

/** At least two uses, of which each has the one before as its first argument and the others in common. */
export interface Loop {
  readonly start: Node;
  readonly calls: readonly Call[];
}

export class Loops {
  readonly #graph: Graph;
  readonly #loopOf = new Map<Node, Loop>();
  readonly #loops: readonly Loop[];
  readonly #users: ReadonlyMap<Node, readonly Node[]>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#users = usersOf(graph);
    const runs: Call[][] = [];
    for (const call of graph.nodes.filter(isCall)) {
      const run = runs.find((calls) => this.#continues(at(calls, calls.length - 1), call));
      if (run === undefined) runs.push([call]);
      else run.push(call);
    }
    this.#loops = runs
      .filter(({ length }) => length > 1)
      .map((calls) => ({ start: at(at(calls, 0).inputs, 0), calls }));
    for (const loop of this.#loops) for (const call of loop.calls) this.#loopOf.set(call, loop);
  }

  get isEmpty(): boolean {
    return this.#loops.length === 0;
  }

  of(node: Node): Loop | undefined {
    return this.#loopOf.get(node);
  }

  /** Nodes that need an equation of their own for the repetitions' sake. */
  get kept(): readonly Node[] {
    return this.#loops.flatMap((loop) => this.#carried(loop));
  }

  /** Names of what repetitions carry; what they start from has the same where nothing else reads it. */
  names(names: Names): (readonly [Node, string])[] {
    return this.#loops.flatMap((loop) => {
      const name = names.take("x");
      return this.#carried(loop).map((node) => [node, name] as const);
    });
  }

  #carried({ start, calls }: Loop): readonly Node[] {
    return this.#isOnlyStart(start) ? [start, ...calls] : calls;
  }

  #continues(before: Call, call: Call): boolean {
    if (call.inputs[0] !== before || call.attrs.body.key !== before.attrs.body.key) return false;
    const isOutput = this.#graph.outputs.some(({ node }) => node === before);
    const others = zip(argumentsOf(before), argumentsOf(call)).slice(1);
    return !isOutput && get(this.#users, before).length === 1 && others.every(([a, b]) => a === b);
  }

  /** Whether a value is computed, and only for the first round. */
  #isOnlyStart(start: Node): boolean {
    const isOutput = this.#graph.outputs.some(({ node }) => node === start);
    return (
      start.inputs.length > 0 && !isOutput && get(this.#users, start).length === 1 && !this.#loopOf.has(start)
    );
  }
}
