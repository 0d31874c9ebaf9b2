/** @file Reads small specifications and computes their outputs. */
import { at } from "../../src/base/assert.ts";
import { Diagnostic, type Report, Unsupported } from "../../src/diag/diagnostic.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { type Sizes, sizesOf } from "../../src/ir/dim.ts";
import { type Graph, nodeText } from "../../src/ir/graph.ts";
import { isReal, typeText } from "../../src/ir/type.ts";
import { count, discrete, real } from "../../src/ops/tensor.ts";
import { type ReadOptions, readSpec } from "../../src/spec/read.ts";

export const read = (text: string, options: ReadOptions = {}): Graph => readSpec(text, "paper.md", options);

/** One line for each node, with the name that an equation gives it; shapes in attributes repeat the type. */
export function graphText(graph: Graph): string {
  const lines = graph.nodes.map((node) => {
    const text =
      node.op === "Input" || node.op === "Parameter"
        ? `%${node.id} = ${node.op} ${node.attrs.name} : ${typeText(node.type)}`
        : nodeText(node);
    const label = graph.labels.get(node);
    return label === undefined ? text : `${text}   ${label}`;
  });
  const results = graph.outputs.map(({ name, node }) => `${name} = %${node.id}`);
  return `${[`${graph.name} -> ${results.join(", ")}`, ...renumbered(lines)].join("\n")}\n`;
}

/** Ids in order of appearance: what was made on the way and not needed leaves gaps. */
function renumbered(lines: readonly string[]): string[] {
  const ids = new Map<string, number>();
  for (const line of lines) ids.set(/^%\d+/.exec(line)?.[0] ?? "", ids.size);
  return lines.map((line) => line.replace(/%\d+/g, (id) => `%${ids.get(id)}`));
}

export type Numbers = Readonly<Record<string, readonly number[]>>;

/** The outputs in float64, flat and row-major; inputs and parameters are given by name. */
export function outputs(
  text: string,
  given: Numbers,
  sizes: Readonly<Record<string, number>> = {},
  options: ReadOptions = {},
): number[][] {
  const { graph } = lower(read(text, options));
  const known: Sizes = new Map(Object.entries(sizes));
  const leaves = [...graph.inputs, ...graph.parameters.map(({ node }) => node)];
  const values = new Map(
    leaves.map((leaf) => {
      const shape = sizesOf(leaf.type.shape, known);
      const numbers = Float64Array.from(given[leaf.attrs.name] ?? []);
      if (numbers.length !== count(shape))
        throw new RangeError(`${leaf.attrs.name} has ${count(shape)} numbers`);
      const value = isReal(leaf.type.dtype) ? real(shape, numbers) : discrete<Float64Array>(shape, numbers);
      return [leaf, value] as const;
    }),
  );
  return outputsOf(graph, evaluate(graph, float64, values, known)).map((tensor) => [...tensor.values]);
}

export const output = (...args: Parameters<typeof outputs>): number[] => at(outputs(...args), 0);

/** The report of the message that reading gives. */
export function complaint(text: string, options: ReadOptions = {}): Report {
  try {
    read(text, options);
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return error.report;
    throw error;
  }
  throw new Error("the text was read without a message");
}
