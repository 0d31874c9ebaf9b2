/** @file Programs of JAX for the tests of its front end, and running a graph beside what JAX computed. */
import { readdirSync, readFileSync } from "node:fs";
import { zip } from "../../src/base/assert.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import type { ByteSource } from "../../src/frontends/common/source.ts";
import { dimText } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { isReal } from "../../src/ir/type.ts";
import { discrete, real, type Tensor } from "../../src/ops/tensor.ts";

export interface Numbers {
  readonly shape: readonly number[];
  /** Infinities are texts. */
  readonly values: readonly (number | string)[];
}
export interface Case {
  readonly name: string;
  readonly document: unknown;
  readonly inputs: readonly Numbers[];
  readonly outputs: readonly Numbers[];
}

const folder = new URL("../fixtures/jax/", import.meta.url);

/** The cases of every file by its name. */
export const groups: ReadonlyMap<string, readonly Case[]> = new Map(
  readdirSync(folder).map((name) => [
    name.replace(".json", ""),
    JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Case[],
  ]),
);

export function caseOf(group: string, name: string): Case {
  const found = groups.get(group)?.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case ${group}/${name}`);
  return found;
}

export function sourceOf(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
  };
}
export const sourceOfDocument = (document: unknown): ByteSource =>
  sourceOf("net.py:model", new TextEncoder().encode(JSON.stringify(document)));

export const numbersOf = ({ values }: Numbers): Float64Array => Float64Array.from(values, Number);

const tensorOf = (node: Node, shape: readonly number[], values: Float64Array): Tensor<Float64Array> =>
  isReal(node.type.dtype) ? real(shape, values) : discrete(shape, values);

/** The outputs of a graph at given inputs and its own parameters, in float64. */
export function run(graph: Graph, inputs: readonly Numbers[]): Tensor<Float64Array>[] {
  const { graph: primitive } = lower(graph);
  const given = new Map<Node, Tensor<Float64Array>>();
  const sizes = new Map<string, number>();
  for (const [input, numbers] of zip(primitive.inputs, inputs)) {
    const node = input as unknown as Node;
    given.set(node, tensorOf(node, numbers.shape, numbersOf(numbers)));
    for (const [dim, size] of zip(node.type.shape, numbers.shape)) sizes.set(dimText(dim), size);
  }
  for (const { node: parameter, values, names } of primitive.parameters) {
    if (values === undefined) throw new Error(`${names.join()} has no values`);
    const node = parameter as unknown as Node;
    given.set(node, tensorOf(node, node.type.shape.map(Number), values()));
  }
  return outputsOf(primitive, evaluate(primitive, float64, given, sizes));
}
