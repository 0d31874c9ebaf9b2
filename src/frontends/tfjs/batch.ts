/** @file Two recordings of one function, at different first sizes of its inputs, as one program of any first size. */
import { zip } from "../../base/assert.ts";
import type { GraphNode } from "./graph/schema.ts";
import type { StoredTensor } from "./weights.ts";

/** A recorded program, in the form of a model.json. */
export interface Recorded {
  readonly topology: { readonly node: readonly GraphNode[] };
  readonly signature: object;
  readonly tensors: readonly StoredTensor[];
  /** Of the outputs. */
  readonly shapes: readonly (readonly number[])[];
}

type Sizes = readonly [first: number, second: number];

/** `undefined` where the two differ in more than their inputs and one size of what they reshape to. */
export function withOpenBatch(first: Recorded, second: Recorded, sizes: Sizes): Recorded | undefined {
  const [nodes, others] = [first.topology.node, second.topology.node];
  if (nodes.length !== others.length || first.tensors.length !== second.tensors.length) return undefined;
  const opened = zip(nodes, others).map(([one, other]) => openNode(one, other));
  const reshaped = new Set(nodes.filter(({ op }) => op === "Reshape").map(({ name }) => `${name}/0`));
  const tensors = zip(first.tensors, second.tensors).map(([one, other]) =>
    openTensor(one, other, reshaped, sizes),
  );
  if (!opened.every((node) => node !== undefined) || !tensors.every((tensor) => tensor !== undefined))
    return undefined;
  return { ...first, topology: { node: opened }, tensors };
}

function openNode(one: GraphNode, other: GraphNode): GraphNode | undefined {
  if (one.op !== "Placeholder") return JSON.stringify(one) === JSON.stringify(other) ? one : undefined;
  const [, ...rest] = one.attr?.["shape"]?.shape?.dim ?? [];
  return { ...one, attr: { ...one.attr, shape: { shape: { dim: [{ size: -1 }, ...rest] } } } };
}

/** The same tensor, or a shape of which one size is a multiple of the first size: what is left. */
function openTensor(
  one: StoredTensor,
  other: StoredTensor,
  reshaped: ReadonlySet<string>,
  [first, second]: Sizes,
): StoredTensor | undefined {
  const [values, others] = [one.values?.() ?? new Float64Array(), other.values?.() ?? new Float64Array()];
  if (one.name !== other.name || one.shape.join() !== other.shape.join()) return undefined;
  const differing = [...values.keys()].filter((index) => values[index] !== others[index]);
  if (differing.length === 0) return one;
  const [place] = differing;
  if (differing.length > 1 || place === undefined || !reshaped.has(one.name) || values.includes(-1))
    return undefined;
  const [size = 0, otherSize = 0] = [values[place], others[place]];
  if (size % first !== 0 || (size / first) * second !== otherSize) return undefined;
  const open = values.with(place, -1);
  return { ...one, values: () => open };
}
