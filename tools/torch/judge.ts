/** @file Judges one case: reads a program or a model, evaluates it in float64, and compares with what its library computed. */
import { at, zip } from "../../src/base/assert.ts";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { specialise } from "../../src/eval/specialise.ts";
import type { ByteSource } from "../../src/frontends/common/source.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { dimText } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { isReal } from "../../src/ir/type.ts";
import { discrete, real, type Tensor } from "../../src/ops/tensor.ts";

interface Numbers {
  readonly kind: "real" | "discrete" | "complex";
  readonly shape: readonly number[];
  /** Those that are not finite are text, as Python writes them. */
  readonly values: readonly (number | string)[];
}
export interface Case {
  readonly inputs: readonly Numbers[];
  readonly outputs: readonly Numbers[];
}

/** What came of a case; `rounded` is equal but for the rounding to a narrower dtype, which the graph does not know. */
export interface Outcome {
  readonly kind: "equal" | "rounded" | "wrong" | "opaque" | "refused" | "failed";
  /** Why it is not equal: operators by name, a message, or the first difference. */
  readonly reason: string;
  readonly nodes?: number;
  readonly milliseconds?: number;
  /** Largest gap to the library, as a part of the largest number of the output, or of 1 where that is larger. */
  readonly gap?: number;
}

/**
 * Both sides are float64 and differ in the order of sums and in the last bits of functions. An output's error is measured
 * against its largest number, or 1: sums of numbers that cancel have errors of the size of what was summed.
 */
const tolerance = 1e-10;

/** Models of packages may be wider than what Assay reads the numbers of. */
export const weightLimit: number = 2 ** 30;

const words: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};
const numbersOf = ({ values }: Numbers): Float64Array =>
  Float64Array.from(values, (value) => (typeof value === "string" ? (words[value] ?? Number.NaN) : value));

function run(graph: Graph, { inputs }: Case): Tensor<Float64Array>[] {
  if (graph.inputs.length !== inputs.length)
    throw new RangeError(`${graph.inputs.length} inputs in the graph, ${inputs.length} in the call`);
  const sizes = new Map<string, number>();
  for (const [input, { shape }] of zip(graph.inputs, inputs))
    for (const [dim, size] of zip(input.type.shape, shape)) sizes.set(dimText(dim), size);
  const { graph: primitive } = lower(specialise(graph, sizes).graph);
  const given = new Map<Node, Tensor<Float64Array>>();
  const supply = (node: Node, shape: readonly number[], values: Float64Array): void => {
    given.set(node, isReal(node.type.dtype) ? real(shape, values) : discrete(shape, values));
  };
  for (const [input, numbers] of zip(primitive.inputs, inputs))
    supply(input, numbers.shape, numbersOf(numbers));
  for (const { node: parameter, values, names } of primitive.parameters) {
    if (values === undefined) throw new RangeError(`${names.join()} has no values`);
    const node = parameter as unknown as Node;
    supply(node, node.type.shape.map(Number), values());
  }
  return outputsOf(primitive, evaluate(primitive, float64, given, new Map()));
}

/** The largest gap between two tensors, relative as `tolerance` says; infinite where they disagree about what is finite. */
function gapOf(got: Tensor<Float64Array>, want: Numbers): number {
  if (got.shape.join() !== want.shape.join()) return Number.POSITIVE_INFINITY;
  const [ours, theirs] = [got.values, numbersOf(want)];
  const finite = theirs.filter(Number.isFinite);
  const size = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  let gap = 0;
  for (const [index, b] of theirs.entries()) {
    const a = at(ours, index);
    if (Object.is(a, b) || a === b) continue;
    const own = want.kind === "discrete" ? Number.POSITIVE_INFINITY : Math.abs(a - b) / size;
    gap = Math.max(gap, Number.isNaN(own) ? Number.POSITIVE_INFINITY : own);
  }
  return gap;
}

function difference(got: Tensor<Float64Array>, want: Numbers, by: string): string {
  if (got.shape.join() !== want.shape.join())
    return `shape [${got.shape.join()}], ${by} has [${want.shape.join()}]`;
  const theirs = numbersOf(want);
  const off = (i: number): number => {
    const gap = Math.abs(at(got.values, i) - at(theirs, i));
    return Number.isNaN(gap) && !Object.is(at(got.values, i), at(theirs, i)) ? Number.POSITIVE_INFINITY : gap;
  };
  const worst = theirs.reduce((most, _, i) => (off(i) > off(most) ? i : most), 0);
  return `${at(got.values, worst)} where ${by} has ${at(theirs, worst)}`;
}

const opaqueNames = (graph: Graph): string[] => [
  ...new Set(graph.nodes.flatMap((node) => (node.op === "Opaque" ? [node.attrs.name] : []))),
];

function compared(graph: Graph, own: Case, milliseconds: number, { by, constants }: Library): Outcome {
  const facts = { nodes: graph.nodes.length, milliseconds };
  const opaque = opaqueNames(graph);
  if (opaque.length > 0) return { kind: "opaque", reason: opaque.join(", "), ...facts };
  const outputs = run(graph, own);
  if (outputs.length !== own.outputs.length || outputs.length === 0) {
    const reason = `${outputs.length} outputs, ${by} has ${own.outputs.length}`;
    return { kind: "wrong", reason, ...facts };
  }
  const pairs = zip(outputs, own.outputs);
  const gaps = pairs.map(([got, want]) => gapOf(got, want));
  const gap = Math.max(...gaps);
  const [got, want] = at(pairs, gaps.indexOf(gap));
  if (gap <= tolerance) return { kind: "equal", reason: "", gap, ...facts };
  if (constants !== undefined && gap <= roundings[constants])
    return { kind: "rounded", reason: `constants are kept in ${constants}`, gap, ...facts };
  const narrow = narrowest(graph);
  if (narrow !== undefined && gap <= roundings[narrow])
    return { kind: "rounded", reason: `${by} rounds to ${narrow}`, gap, ...facts };
  return { kind: "wrong", reason: difference(got, want, by), gap, ...facts };
}

/** How far apart numbers may be that PyTorch rounds to a narrower dtype and Assay does not: a few units of its last place. */
type Narrow = "bfloat16" | "float16" | "float32";
const roundings: Readonly<Record<Narrow, number>> = {
  bfloat16: 2 ** -6,
  float16: 2 ** -9,
  float32: 2 ** -22,
};
/** The narrowest dtype of real numbers in a graph that is narrower than float64. */
const narrowest = (graph: Graph): Narrow | undefined =>
  (["bfloat16", "float16", "float32"] as const).find((dtype) =>
    graph.nodes.some((node) => node.type.dtype === dtype),
  );

/** A message in one line: what is there, and what would be read. */
const messageOf = ({ report }: Diagnostic | Unsupported): string =>
  `${report.code} ${report.place.part ?? ""}: ${report.got}`;

/** Judges a program by what PyTorch computed. */
export const judge = async (program: ByteSource, own: Case): Promise<Outcome> =>
  await judgeGraph(async () => await readTorchExport(program, weightLimit), own, { by: "PyTorch" });

/** What computed a case; `constants` may be kept in a narrower dtype than all else. */
export interface Library {
  readonly by: "PyTorch" | "Keras";
  readonly constants?: Narrow;
}

/** Judges the graph that `read` gives. */
export async function judgeGraph(read: () => Promise<Graph>, own: Case, library: Library): Promise<Outcome> {
  const start = performance.now();
  try {
    const graph = await read();
    return compared(graph, own, performance.now() - start, library);
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported)
      return { kind: "refused", reason: messageOf(error) };
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}
