/** @file Compares two graphs over the prime field on the same random numbers. */
import { at, get, zip } from "../../src/base/assert.ts";
import { type Random, random } from "../../src/base/random.ts";
import { PrimeField } from "../../src/domain/prime-field.ts";
import { drawPrime } from "../../src/domain/primes.ts";
import type { Residues } from "../../src/domain/residues.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { specialise } from "../../src/eval/specialise.ts";
import { type Shape, type Sizes, sizesOf, symbolsOf } from "../../src/ir/dim.ts";
import { type Graph, type Node, rebuild, transform } from "../../src/ir/graph.ts";
import { isReal } from "../../src/ir/type.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { asReal, count, discrete, permute, real, type Tensor } from "../../src/ops/tensor.ts";
import { batchSize } from "./draft.ts";

type Value = Tensor<Residues>;

/** An input or parameter of one graph and what stands for it in the other, perhaps with its axes in another order. */
export interface Pair {
  readonly left: Node;
  readonly right: Node;
  readonly order?: readonly number[] | undefined;
  /** Several axes are one in the other. */
  readonly joined?: boolean;
}

/** `undefined` when the point was a bad one: something was divided by zero there. */
export type Agreement = "equal" | "different" | "undefined";

/** Whether outputs of two graphs are equal at one random point; every symbol of the left graph has the size `batchSize`. */
export function agreement(left: Graph, right: Graph, pairs: readonly Pair[], seed: number): Agreement {
  const source = random(seed);
  const field = new PrimeField(drawPrime(source), source);
  const sizes = everySize(left.nodes.flatMap(({ type }) => type.shape));
  // What no pair names is not read.
  const all = new Set<Node>([...pairs.map((pair) => pair.left), ...left.parameters.map(({ node }) => node)]);
  const ofLeft = new Map([...all].map((node) => [node, drawn(field, source, node, sizes)] as const));
  const ofRight = new Map(
    pairs.map((pair) => {
      const value = get(ofLeft, pair.left);
      const turned = pair.order === undefined ? value : permute(field, value, pair.order);
      return [pair.right, pair.joined === true ? joined(turned, pair.right) : turned] as const;
    }),
  );
  const wanted = outputs(left, field, ofLeft, sizes);
  const got = outputs(right, field, ofRight, sizesIn(ofRight));
  if (field.undefinedDivision) return "undefined";
  const same =
    wanted.length === got.length && wanted.every((value, i) => equalValues(field, value, at(got, i)));
  return same ? "equal" : "different";
}

/** The value in the shape of a parameter of the other graph. */
const joined = (value: Value, { type: { shape } }: Node): Value => ({
  ...value,
  shape: sizesOf(shape, everySize(shape)),
});

/** Every symbol has one size. */
const everySize = (shape: Shape): Sizes => new Map([...symbolsOf(shape)].map((name) => [name, batchSize]));

/** Whether two graphs are the same nodes: copied into one builder, where equal nodes are one, they have one image. */
export function isOneGraph(left: Graph, right: Graph): boolean {
  const builder = newBuilder();
  const [one, other] = [left, right].map((graph) => {
    return transform(graph, builder, (node, inputs) => rebuild(builder, node, inputs)).graph;
  }) as [Graph, Graph];
  return zip(one.outputs, other.outputs).every(([a, b]) => a.node === b.node);
}

/** Inputs and parameters in their order. */
export const pairsInOrder = (left: Graph, right: Graph): Pair[] =>
  zip(leaves(left), leaves(right)).map(([one, other]) => ({ left: one, right: other }));

const leaves = (graph: Graph): Node[] => [...graph.inputs, ...graph.parameters.map(({ node }): Node => node)];

/** Integers are small, so that they index every table. */
function drawn(field: PrimeField, source: Random, node: Node, sizes: Sizes): Value {
  const shape = sizesOf(node.type.shape, sizes);
  if (isReal(node.type.dtype)) return real(shape, field.draw(source, count(shape)));
  return discrete(
    shape,
    Float64Array.from({ length: count(shape) }, () => source.below(2)),
  );
}

function outputs(graph: Graph, field: PrimeField, given: ReadonlyMap<Node, Value>, sizes: Sizes): Value[] {
  // A recurrence is unrolled when its length is known.
  const { graph: sized, image: inSized } = specialise(graph, sizes);
  const { graph: primitive, image } = lower(sized);
  const values = new Map([...given].map(([node, value]) => [get(image, get(inSized, node)), value] as const));
  return outputsOf(primitive, evaluate(primitive, field, values, sizes));
}

/** Symbols may be called otherwise in the other graph: their sizes are found where its leaves have them. */
function sizesIn(values: ReadonlyMap<Node, Value>): Sizes {
  const found = [...values].flatMap(([node, value]) =>
    zip(node.type.shape, value.shape).flatMap(([dim, size]) =>
      typeof dim === "number" ? [] : [[dim.key, size] as const],
    ),
  );
  return new Map(found);
}

/** The p-residue is the value; the q-residue serves only as exponent of a further exp. */
function equalValues(field: PrimeField, x: Value, y: Value): boolean {
  const [a, b] = [asReal(field, x), asReal(field, y)];
  return x.shape.join() === y.shape.join() && a.p.join() === b.p.join();
}
