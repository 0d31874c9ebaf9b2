/** @file Builds and runs one application of an operator. */
import { at, zip } from "../../src/base/assert.ts";
import { type Random, random } from "../../src/base/random.ts";
import { rational } from "../../src/base/rational.ts";
import type { NumberSystem } from "../../src/domain/number-system.ts";
import { PrimeField } from "../../src/domain/prime-field.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { specialise } from "../../src/eval/specialise.ts";
import { mapDims } from "../../src/ir/attributes.ts";
import { bodyGraph, nest } from "../../src/ir/body.ts";
import { type Sizes, sizeOf, sizesOf } from "../../src/ir/dim.ts";
import type { Graph, Node, NodeOf } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import { isReal } from "../../src/ir/type.ts";
import { newBuilder, operators } from "../../src/ops/table.ts";
import { count, discrete, real, type Tensor } from "../../src/ops/tensor.ts";
import { type Operand, type Sample, samples } from "./samples.ts";

export const names: readonly OpName[] = Object.keys(operators) as OpName[];
export const sampleOf = (name: OpName): (typeof samples)[OpName] => samples[name];
export const newField = (seed: number): PrimeField => new PrimeField(1034970719, random(seed));

export interface Application {
  readonly graph: Graph;
  readonly inputs: readonly Node[];
  readonly node: Node;
  readonly numbers: readonly Float64Array[];
}

/** Operands and attributes with sizes in place of symbols. */
export function concrete(sample: Sample<OpAttrs[OpName]>, sizes: Sizes): Sample<OpAttrs[OpName]> {
  const operands = sample.operands.map((operand) => ({ ...operand, shape: sizesOf(operand.shape, sizes) }));
  const { attrs } = sample;
  if ("body" in attrs) {
    const body = nest(specialise(bodyGraph(attrs.body), sizes).graph);
    return { operands, attrs: { ...attrs, body } };
  }
  return { operands, attrs: mapDims(attrs, (dim) => sizeOf(dim, sizes)) };
}

export function apply(
  name: OpName,
  sample: Sample<OpAttrs[OpName]>,
  sizes: Sizes,
  seed: number,
): Application {
  const builder = newBuilder();
  const inputs = sample.operands.map(
    ({ shape, dtype }, i) => builder.node("Input", [], { name: `x${i}`, shape, dtype }) as Node,
  );
  const node = builder.node<OpName>(name, inputs, sample.attrs) as unknown as Node;
  const graph = builder.graph({
    name: "application",
    inputs: inputs as unknown as NodeOf<"Input">[],
    parameters: [],
    outputs: [{ name: "y", node }],
  });
  const source = random(seed);
  const numbers = sample.operands.map((operand, i) => draw(operand, sizes, source.fork(`x${i}`)));
  return { graph, inputs, node, numbers };
}

/** Quarters of integers, never 0 where real, so that float64 holds them and their products exactly. */
function draw({ shape, dtype, numbers }: Operand, sizes: Sizes, source: Random): Float64Array {
  const size = count(sizesOf(shape, sizes));
  if (numbers === "distinct") {
    const keys = Float64Array.from({ length: size }, () => source.uniform());
    return keys.map((key) => (1 + keys.filter((other) => other < key).length) / 4);
  }
  const next = (): number => {
    if (typeof numbers === "object") return source.below(numbers.below);
    if (dtype === "bool") return source.below(2);
    if (!isReal(dtype)) return source.below(9) - 4;
    const magnitude = (1 + source.below(12)) / 4;
    return numbers === "any" && source.below(2) === 1 ? -magnitude : magnitude;
  };
  return Float64Array.from({ length: size }, next);
}

/** Exact numbers of a system from multiples of 2⁻²⁰. */
export const embed = <A>(system: NumberSystem<A>, numbers: Float64Array): A =>
  system.concat([...numbers].map((number) => system.constant(rational(number * 2 ** 20, 2 ** 20))));

export function run<A>(application: Application, system: NumberSystem<A>, sizes: Sizes): Tensor<A> {
  const lowered = lower(application.graph);
  const given = new Map(
    zip(application.inputs, application.numbers).map(([node, numbers]) => {
      const shape = sizesOf(node.type.shape, sizes);
      const value: Tensor<A> = isReal(node.type.dtype)
        ? real(shape, embed(system, numbers))
        : discrete(shape, numbers);
      return [lowered.image.get(node) ?? node, value] as const;
    }),
  );
  const values = evaluate(lowered.graph, system, given, sizes);
  const result = values.get(at(lowered.graph.outputs, 0).node);
  if (result === undefined) throw new Error("the output has a value");
  return result;
}
