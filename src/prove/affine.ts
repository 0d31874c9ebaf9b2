/** @file Whether a model is an affine map of its inputs, decided exactly: f(a + b) − f(a) − f(b) + f(0) = 0. */
import { get } from "../base/assert.ts";
import type { Residues } from "../domain/prime-field.ts";
import { evaluate } from "../eval/evaluate.ts";
import type { Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { count, real, type Tensor } from "../ops/tensor.ts";
import type { World } from "./world.ts";

/** Positions of the outputs that are affine in the real inputs; `graph` is the world's own, in primitives. */
export function affineOutputs({ graph, field, random, given, sizes }: World): number[] {
  const inputs: readonly Node[] = graph.inputs
    .map((input) => input)
    .filter((node) => isReal(node.type.dtype));
  const point = (make: (shape: readonly number[]) => Residues): ReadonlyMap<Node, Tensor<Residues>> => {
    const drawn = inputs.map((node) => {
      const { shape } = get(given, node);
      return [node, real(shape, make(shape))] as const;
    });
    return new Map([...given, ...drawn]);
  };
  const draw = (): ReadonlyMap<Node, Tensor<Residues>> => point((shape) => field.draw(random, count(shape)));
  const [a, b] = [draw(), draw()];
  const sum = new Map(
    [...a].map(([node, x]) => [node, inputs.includes(node) ? added(x, get(b, node)) : x] as const),
  );
  const zero = point((shape) => field.fromIntegers(new Float64Array(count(shape))));
  const outputs = [sum, a, b, zero].map((values) => evaluate(graph, field, values, sizes));
  return graph.outputs.flatMap(({ node }, index) => {
    const [s, x, y, o] = outputs.map((values) => get(values, node));
    if (s?.kind !== "real" || x?.kind !== "real" || y?.kind !== "real" || o?.kind !== "real") return [];
    const rest = field.add(field.sub(field.sub(s.values, x.values), y.values), o.values);
    return rest.p.every((value) => value === 0) ? [index] : [];
  });

  function added(x: Tensor<Residues>, y: Tensor<Residues>): Tensor<Residues> {
    return x.kind === "real" && y.kind === "real" ? real(x.shape, field.add(x.values, y.values)) : x;
  }
}
