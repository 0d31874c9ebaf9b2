/** @file One node test of ONNX: reads the model, evaluates it, and compares. */
import { at, get, zip } from "../../src/base/assert.ts";
import { folderOf, withFile } from "../../src/cli/file-source.ts";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { readOnnx } from "../../src/frontends/onnx/read.ts";
import type { Fixed, FixedTensor } from "../../src/frontends/onnx/stored.ts";
import { type Shape, shapeText } from "../../src/ir/dim.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { type Dtype, isReal } from "../../src/ir/type.ts";
import { discrete, real, type Tensor } from "../../src/ops/tensor.ts";

interface StoredTensor {
  readonly shape: readonly number[];
  /** NumPy's name. */
  readonly dtype: string;
  readonly values: readonly (number | string | boolean)[];
}
/** A tensor, a list of tensors, nothing, or a value without numbers. */
type Stored = StoredTensor | readonly Stored[] | null | { readonly kind: string };
interface Named {
  readonly name: string;
  readonly value: Stored;
}
export interface Test {
  readonly rtol: number;
  readonly atol: number;
  readonly inputs: readonly Named[];
  readonly outputs: readonly Named[];
}

export interface Outcome {
  readonly name: string;
  readonly status: "equal" | "wrong" | "opaque" | "refused" | "crashed";
  readonly words: string;
  /** Inputs that were given as numbers when the model was read. */
  readonly fixed: readonly string[];
}

const isList = (value: Stored): value is readonly Stored[] => Array.isArray(value);
const isTensor = (value: Stored): value is StoredTensor =>
  value !== null && !isList(value) && "shape" in value;

function numbersOf({ values }: StoredTensor): Float64Array {
  const infinities = new Map<unknown, number>([
    ["inf", Number.POSITIVE_INFINITY],
    ["-inf", Number.NEGATIVE_INFINITY],
  ]);
  return Float64Array.from(values, (value) => infinities.get(value) ?? Number(value));
}

const fixedTensor = (value: StoredTensor): FixedTensor => ({
  shape: value.shape,
  dtype: value.dtype as Dtype,
  values: numbersOf(value),
});
const fixedValue = (value: Stored): Fixed =>
  value === null
    ? undefined
    : isList(value)
      ? value.filter(isTensor).map(fixedTensor)
      : fixedTensor(value as StoredTensor);

/** Reads the model with as few inputs given as numbers as need be: none, those that may decide a shape, all. */
export async function outcomeOf(path: string, name: string, test: Test): Promise<Outcome> {
  const outcome = (status: Outcome["status"], words: string, fixed: readonly string[] = []): Outcome => ({
    name,
    status,
    words,
    fixed,
  });
  const without = [...test.inputs, ...test.outputs].flatMap(({ value }) => kindsIn(value));
  if (without.length > 0) return outcome("refused", `values of kind ${without.join(", ")}`);
  let refusal = "";
  for (const chosen of [[], test.inputs.filter(mayDecideShapes), test.inputs]) {
    const fixed = new Map(chosen.map((input) => [input.name, fixedValue(input.value)]));
    try {
      const graph = await withFile(path, async (source) => await readOnnx(source, folderOf(path), fixed));
      const unknown = graph.notes.filter((note) => note.includes("kept as an unknown function"));
      if (unknown.length > 0) return outcome("opaque", unknown.join("; "));
      const difference = differenceOf(graph, test);
      return outcome(difference === undefined ? "equal" : "wrong", difference ?? "", [...fixed.keys()]);
    } catch (error) {
      if (!(error instanceof Diagnostic || error instanceof Unsupported))
        return outcome("crashed", stackOf(error));
      const { code, got, place } = error.report;
      refusal = `${code} ${place.part ?? ""}: ${got}`;
    }
  }
  return outcome("refused", refusal);
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 4).join(" ") : String(error);

function kindsIn(value: Stored): string[] {
  if (value === null) return [];
  if (isList(value)) return value.flatMap(kindsIn);
  return isTensor(value) ? [] : [value.kind];
}

/** Integers, truth values, short lists of numbers, and what is no tensor. */
const mayDecideShapes = ({ value }: Named): boolean =>
  !isTensor(value) || !isReal(value.dtype as Dtype) || (value.shape.length <= 1 && value.values.length <= 8);

/** The first difference in words, if there is one. */
function differenceOf(graph: Graph, test: Test): string | undefined {
  const { graph: lowered, image } = lower(graph);
  const given = new Map<(typeof lowered.nodes)[number], Tensor<Float64Array>>();
  for (const input of graph.inputs) {
    const stored = test.inputs.find(({ name }) => name === input.attrs.name)?.value;
    if (stored === undefined || !isTensor(stored)) return `no numbers for ${input.attrs.name}`;
    given.set(get(image, input), tensorOf(stored, input.type.dtype));
  }
  for (const { node, values } of graph.parameters) {
    const shape = node.type.shape.map(Number);
    if (values === undefined) return `no values of ${node.attrs.name}`;
    given.set(get(image, node), isReal(node.type.dtype) ? real(shape, values()) : discrete(shape, values()));
  }
  const values = evaluate(lowered, float64, given, sizesOf(graph, test));
  const expected = test.outputs.flatMap(({ value }) =>
    isList(value) ? value.filter(isTensor) : isTensor(value) ? [value] : [],
  );
  if (expected.length !== graph.outputs.length)
    return `${graph.outputs.length} outputs for ${expected.length}`;
  for (const [index, want] of expected.entries()) {
    const difference = gapOf(get(values, at(lowered.outputs, index).node), want, test);
    if (difference !== undefined) return `${at(graph.outputs, index).name}: ${difference}`;
  }
  return undefined;
}

function tensorOf(stored: StoredTensor, dtype: Dtype): Tensor<Float64Array> {
  const numbers = numbersOf(stored);
  return isReal(dtype) ? real(stored.shape, numbers) : discrete(stored.shape, numbers);
}

/** Sizes of the symbols, from the inputs' shapes. */
function sizesOf(graph: Graph, test: Test): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const input of graph.inputs) {
    const stored = test.inputs.find(({ name }) => name === input.attrs.name)?.value;
    const shape: Shape = input.type.shape;
    if (stored === undefined || !isTensor(stored)) continue;
    for (const [dim, size] of zip(shape, stored.shape)) if (typeof dim !== "number") sizes.set(dim.key, size);
  }
  return sizes;
}

/** What a format rounds by, a few times over: the expected values were computed in it. */
const roundings: Readonly<Partial<Record<string, number>>> = { float16: 2 ** -8, bfloat16: 2 ** -5 };

function gapOf(got: Tensor<Float64Array>, want: StoredTensor, { rtol, atol }: Test): string | undefined {
  const shape = shapeText(want.shape);
  if (shapeText(got.shape) !== shape) return `shape ${shapeText(got.shape)} for ${shape}`;
  if ((got.kind === "real") !== isReal(want.dtype as Dtype)) return `${got.kind} for ${want.dtype}`;
  const rounding = roundings[want.dtype] ?? 0;
  const numbers = numbersOf(want);
  const largest = Math.max(0, ...numbers.map(Math.abs).filter(Number.isFinite));
  // What is 0 in exact arithmetic is a few roundings of the largest number in single precision.
  const absolute = Math.max(atol, rounding, largest * 2 ** -21);
  const relative = Math.max(rtol, rounding);
  for (const [i, value] of numbers.entries()) {
    const own = at(got.values, i);
    const isEqual =
      Object.is(own, value) ||
      own === value ||
      Math.abs(own - value) <= absolute + relative * Math.abs(value);
    if (!isEqual) return `element ${i} is ${own} for ${value}`;
  }
  return undefined;
}
