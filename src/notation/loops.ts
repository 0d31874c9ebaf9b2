/** @file Uses of a block one after the other, which are written as a repetition. */
import { at, get } from "../base/assert.ts";
import { type Graph, type Node, usersOf } from "../ir/graph.ts";
import { type Call, runsOf } from "../ops/runs.ts";
import type { Names } from "./names.ts";

/** At least two uses. */
export interface Loop {
  readonly start: Node;
  readonly calls: readonly Call[];
}

export class Loops {
  readonly #outputs: ReadonlySet<Node>;
  readonly #loopOf = new Map<Node, Loop>();
  readonly #loops: readonly Loop[];
  readonly #users: ReadonlyMap<Node, readonly Node[]>;

  constructor(graph: Graph) {
    this.#outputs = new Set(graph.outputs.map(({ node }) => node));
    this.#users = usersOf(graph);
    this.#loops = runsOf(graph)
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

  /** Whether a value is computed, and only for the first round. */
  #isOnlyStart(start: Node): boolean {
    const isComputed = start.inputs.length > 0 && !this.#outputs.has(start) && !this.#loopOf.has(start);
    return isComputed && get(this.#users, start).length === 1;
  }
}
