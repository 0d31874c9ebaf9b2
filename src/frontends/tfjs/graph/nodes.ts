/** @file The nodes of a graph or of a function by name, who uses them, and the loops that are written as frames. */
import { Malformed } from "../../common/keras/problem.ts";
import type { Course } from "./loop.ts";
import type { GraphNode } from "./schema.ts";

/** `node`, `node:1`, and in functions `node:output:1`. */
export const nodeName = (reference: string): string =>
  reference.replace(/^\^/, "").replace(/(:\w+)?:\d+$/, "");

/** Results that are not the first of their operation, by the name that functions call them by. */
const laterResults: Readonly<Record<string, number>> = {
  batch_mean: 1,
  batch_variance: 2,
  reserve_space_1: 3,
  reserve_space_2: 4,
  reserve_space_3: 5,
  value_index: 1,
};
export function resultIndex(reference: string): number {
  const [, name = "", index = "0"] = /^[^:]*(?::(\w+))??(?::(\d+))?$/.exec(reference) ?? [];
  return Number(index) + (laterResults[name] ?? 0);
}

/** Inputs without those that only say what runs first. */
export const operandsOf = ({ input = [] }: GraphNode): string[] =>
  input.filter((name) => !name.startsWith("^"));

/** A variable of a frame: it enters, and each round gives the next value. */
interface Variable {
  readonly enter: string;
  readonly merge: string;
  /** The node that hands it to the body, where the body or what follows the loop reads it. */
  readonly switch: string | undefined;
  readonly next: string;
}
export interface Frame {
  readonly name: string;
  readonly variables: Variable[];
  /** Everything that comes into the frame. */
  readonly entering: string[];
  condition: string | undefined;
}

export class Nodes {
  readonly part: string;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  /** The operations that name each node among their inputs, and at which place. */
  readonly #uses = new Map<string, Set<string>>();
  readonly #frames = new Map<string, Frame>();
  /** Frames by the names of the nodes that merge or hand on their variables. */
  readonly #frameOf = new Map<string, Frame>();

  constructor(part: string, nodes: readonly GraphNode[]) {
    this.part = part;
    this.#nodes = new Map(nodes.map((one) => [one.name, one]));
    if (this.#nodes.size !== nodes.length)
      throw new Malformed(part, "two nodes of one name", "different names");
    for (const { op, input = [] } of nodes) {
      for (const [place, name] of input.entries()) {
        const source = nodeName(name);
        const uses = this.#uses.get(source) ?? new Set();
        this.#uses.set(source, uses.add(`${op} ${place}`));
      }
    }
    this.#findFrames();
  }

  get(name: string): GraphNode | undefined {
    return this.#nodes.get(name);
  }
  all(): GraphNode[] {
    return [...this.#nodes.values()];
  }
  uses(name: string): ReadonlySet<string> {
    return this.#uses.get(name) ?? new Set();
  }
  /** The frame whose variable a node merges or hands on. */
  frameOf(name: string): Frame | undefined {
    return this.#frameOf.get(name);
  }

  #findFrames(): void {
    const switches = new Map<string, GraphNode>();
    for (const node of this.#nodes.values()) {
      const [value, condition] = operandsOf(node);
      if (node.op === "Enter") this.#frame(node).entering.push(value ?? "");
      if (node.op !== "Switch" || value === undefined || condition === undefined) continue;
      if (this.#nodes.get(this.origin(condition))?.op === "LoopCond") switches.set(nodeName(value), node);
    }
    for (const node of this.#nodes.values()) {
      if (node.op !== "Merge") continue;
      const sources = operandsOf(node).map((name) => this.#nodes.get(nodeName(name)));
      const [enter, next] = ["Enter", "NextIteration"].map((op) => sources.find((one) => one?.op === op));
      if (enter === undefined || next === undefined) continue;
      const frame = this.#frame(enter);
      const own = switches.get(node.name);
      frame.variables.push({
        enter: operandsOf(enter)[0] ?? "",
        merge: node.name,
        switch: own?.name,
        next: operandsOf(next)[0] ?? "",
      });
      this.#frameOf.set(node.name, frame);
      if (own === undefined) continue;
      this.#frameOf.set(own.name, frame);
      const loopCondition = this.#nodes.get(this.origin(operandsOf(own)[1] ?? ""));
      frame.condition = loopCondition && operandsOf(loopCondition)[0];
    }
  }
  #frame(enter: GraphNode): Frame {
    const name = enter.attr?.["frame_name"]?.s ?? "";
    const known = this.#frames.get(name) ?? { name, variables: [], entering: [], condition: undefined };
    this.#frames.set(name, known);
    return known;
  }

  /** The name of what a reference gives, behind nodes that give what they take. */
  origin(reference: string): string {
    let name = nodeName(reference);
    for (const seen = new Set<string>(); !seen.has(name); ) {
      seen.add(name);
      const node = this.#nodes.get(name);
      const [source] = node === undefined ? [] : operandsOf(node);
      if (source === undefined || (node?.op !== "Identity" && node?.op !== "Enter")) return name;
      name = nodeName(source);
    }
    return name;
  }

  /** How the variable called `name` goes on, whose next value is `next`. */
  course(name: string | undefined, next: string, isOne: (constant: string) => boolean): Course {
    const origin = this.origin(next);
    if (name === undefined) return "free";
    if (origin === name) return "fixed";
    const node = this.#nodes.get(origin);
    if (node === undefined || (node.op !== "AddV2" && node.op !== "Add")) return "free";
    const terms = operandsOf(node).map((term) => this.origin(term));
    const others = terms.filter((term) => term !== name);
    return terms.length === 2 && others.length === 1 && others.every(isOne) ? "counter" : "free";
  }

  // Branches

  /** Which side of which conditions a value stands on, by the names of the conditions. */
  sides(reference: string): ReadonlyMap<string, number> {
    const done = new Map<string, ReadonlyMap<string, number>>();
    const open = new Set<string>();
    const pending = [nodeName(reference)];
    for (let name = pending.at(-1); name !== undefined; name = pending.at(-1)) {
      const sources = this.#sourcesOf(name);
      const missing = sources.filter((source) => !done.has(nodeName(source)));
      if (missing.length > 0 && !open.has(name)) {
        open.add(name);
        pending.push(...missing.map(nodeName));
        continue;
      }
      done.set(name, this.#joined(name, sources, done));
      pending.pop();
    }
    return this.#withSide(reference, done);
  }
  #sourcesOf(name: string): readonly string[] {
    const node = this.#nodes.get(name);
    if (node === undefined) return [];
    const input = node.input ?? [];
    return this.#frameOf.has(name)
      ? input.filter((one) => this.#nodes.get(nodeName(one))?.op === "Enter")
      : input;
  }
  #joined(
    name: string,
    sources: readonly string[],
    done: ReadonlyMap<string, ReadonlyMap<string, number>>,
  ): ReadonlyMap<string, number> {
    const all = sources.map((source) => this.#withSide(source, done));
    const sides = new Map(all.flatMap((one) => [...one]));
    if (this.#nodes.get(name)?.op !== "Merge") return sides;
    // Behind a merge, its own condition says nothing any more.
    return new Map(
      [...sides].filter(([condition, side]) => all.every((one) => (one.get(condition) ?? side) === side)),
    );
  }
  #withSide(
    reference: string,
    done: ReadonlyMap<string, ReadonlyMap<string, number>>,
  ): ReadonlyMap<string, number> {
    const name = nodeName(reference);
    const sides = done.get(name) ?? new Map<string, number>();
    const node = this.#nodes.get(name);
    const condition = node?.op === "Switch" && !this.#frameOf.has(name) ? operandsOf(node)[1] : undefined;
    if (condition === undefined || reference.startsWith("^")) return sides;
    return new Map([...sides, [this.origin(condition), resultIndex(reference)]]);
  }
}
