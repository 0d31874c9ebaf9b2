/** @file Reads printed equations back and compares both graphs over the prime field, on the same random numbers. */
import { at, get, zip } from "../../src/base/assert.ts";
import { type Random, random } from "../../src/base/random.ts";
import { PrimeField, type Residues } from "../../src/domain/prime-field.ts";
import { drawPrime } from "../../src/domain/primes.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { type Sizes, sizesOf } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { isReal } from "../../src/ir/type.ts";
import type { Equations } from "../../src/notation/equations.ts";
import { asReal, count, discrete, permute, real, type Tensor } from "../../src/ops/tensor.ts";

type Value = Tensor<Residues>;

/** A random value for a leaf; integers are small, so that they index every table. */
function drawValue(field: PrimeField, source: Random, node: Node, sizes: Sizes): Value {
  const shape = sizesOf(node.type.shape, sizes);
  if (isReal(node.type.dtype)) return real(shape, field.draw(source, count(shape)));
  return discrete(
    shape,
    Float64Array.from({ length: count(shape) }, () => source.below(2)),
  );
}

const outputsFor = (
  graph: Graph,
  field: PrimeField,
  given: ReadonlyMap<Node, Value>,
  sizes: Sizes,
): Value[] => {
  const { graph: primitive, image } = lower(graph);
  const values = new Map([...given].map(([node, value]) => [get(image, node), value] as const));
  return outputsOf(primitive, evaluate(primitive, field, values, sizes));
};

/** A symbol's size is found where an input or a parameter of the specification has it. */
function sizesIn(graph: Graph, values: ReadonlyMap<Node, Value>): Sizes {
  const sizes = new Map<string, number>();
  for (const node of graph.nodes) {
    const value = values.get(node);
    if (value === undefined) continue;
    for (const [dim, size] of zip(node.type.shape, value.shape))
      if (typeof dim !== "number") sizes.set(dim.key, size);
  }
  return sizes;
}

export type Agreement = "equal" | "different" | "undefined";

/** Whether a graph and the specification that was read from its equations have equal outputs at a random point. */
export function agreement(
  graph: Graph,
  equations: Equations,
  spec: Graph,
  sizes: Sizes,
  seed: number,
): Agreement {
  const source = random(seed);
  const field = new PrimeField(drawPrime(source), source, "own");
  const given = new Map<Node, Value>();
  const byName = new Map<string, Value>();
  for (const [node, { name }] of zip(graph.inputs, equations.inputs)) {
    const value = drawValue(field, source, node, sizes);
    given.set(node, value);
    byName.set(name, value);
  }
  for (const { parameter, name, transposed } of equations.parameters) {
    const value = drawValue(field, source, parameter.node, sizes);
    given.set(parameter.node, value);
    byName.set(name, transposed ? permute(field, value, [1, 0]) : value);
  }
  const leaves: readonly Node[] = [...spec.inputs, ...spec.parameters.map((parameter) => parameter.node)];
  const specGiven = new Map(
    leaves.flatMap((node) =>
      node.op === "Input" || node.op === "Parameter" ? [[node, get(byName, node.attrs.name)] as const] : [],
    ),
  );
  const wanted = outputsFor(graph, field, given, sizes);
  const got = outputsFor(spec, field, specGiven, sizesIn(spec, specGiven));
  if (field.undefinedDivision) return "undefined";
  const same =
    wanted.length === got.length && wanted.every((value, i) => equalValues(field, value, at(got, i)));
  return same ? "equal" : "different";
}

function equalValues(field: PrimeField, x: Value, y: Value): boolean {
  const [a, b] = [asReal(field, x), asReal(field, y)];
  return x.shape.join() === y.shape.join() && a.p.join() === b.p.join() && a.q.join() === b.q.join();
}
