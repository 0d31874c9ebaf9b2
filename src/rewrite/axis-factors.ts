/** @file What became of the axes of a tensor that was only rearranged: each axis as a product of parts of the first ones. */
import { at, only } from "../base/assert.ts";
import { type Dim, exactQuotient, type Shape } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";

/** A part of an axis; no two parts are one object. */
export interface Factor {
  readonly size: Dim;
}

/** Axes of size 1 have no parts. */
type Axes = readonly (readonly Factor[])[];

export interface Traced {
  /** What was rearranged. */
  readonly source: Node;
  /** The axes of the source, each as its parts, the slowest first. */
  readonly before: Axes;
  /** The axes of the result. */
  readonly after: Axes;
  /** Parts of which one element was picked, and which. */
  readonly picked: ReadonlyMap<Factor, number>;
}

/** The only element of an axis that a node picks. */
function pick(node: Node): { readonly axis: number; readonly element: number } | undefined {
  if (node.op !== "Slice") return undefined;
  const { axis, start, stop } = node.attrs;
  return typeof start === "number" && stop === start + 1 ? { axis, element: start } : undefined;
}

const isRearrangement = (node: Node): boolean =>
  node.op === "Reshape" || node.op === "Transpose" || pick(node) !== undefined;

/** Follows reshapes, transpositions and picked elements back; `undefined` where sizes don't say what becomes of an axis. */
export function traced(node: Node): Traced | undefined {
  const steps: Node[] = [];
  let source = node;
  while (isRearrangement(source)) {
    steps.unshift(source);
    source = only<Node>(source.inputs);
  }
  const trace = new Trace(source.type.shape);
  return steps.every((step) => trace.follow(step))
    ? { source, before: trace.before, after: trace.after, picked: trace.picked }
    : undefined;
}

class Trace {
  before: Axes;
  after: Axes;
  readonly picked = new Map<Factor, number>();

  constructor(shape: Shape) {
    this.before = shape.map((size) => (size === 1 ? [] : [{ size }]));
    this.after = this.before;
  }

  /** Whether it is known what the step does. */
  follow(step: Node): boolean {
    if (step.op === "Transpose") {
      this.after = step.attrs.permutation.map((axis) => at(this.after, axis));
      return true;
    }
    const picking = pick(step);
    return picking === undefined ? this.#reshape(step.type.shape) : this.#pick(picking.axis, picking.element);
  }

  #pick(axis: number, element: number): boolean {
    const [factor, ...more] = at(this.after, axis);
    if (more.length > 0) return false;
    if (factor !== undefined) this.picked.set(factor, element);
    this.after = this.after.with(axis, []);
    return true;
  }

  #reshape(shape: Shape): boolean {
    const pending = this.after.flat();
    const axes: Factor[][] = [];
    for (const size of shape) {
      const parts: Factor[] = [];
      for (let rest: Dim = size; rest !== 1; ) {
        const next = pending.shift();
        const left: Dim | undefined = next && exactQuotient(rest, next.size);
        if (next === undefined) return false;
        if (left !== undefined) {
          parts.push(next);
          rest = left;
          continue;
        }
        const inner = exactQuotient(next.size, rest);
        if (inner === undefined) return false;
        const [outer, remaining] = [{ size: rest }, { size: inner }];
        this.#split(next, [outer, remaining]);
        parts.push(outer);
        pending.unshift(remaining);
        rest = 1;
      }
      axes.push(parts);
    }
    this.after = axes;
    return pending.length === 0;
  }

  #split(factor: Factor, parts: readonly Factor[]): void {
    this.before = this.before.map((axis) => axis.flatMap((own) => (own === factor ? parts : [own])));
  }
}
