/** @file Whether a model is an affine map of its inputs, decided exactly: f(a + b) − f(a) − f(b) + f(0) = 0. */
import { get } from "../base/assert.ts";
import type { Residues } from "../domain/residues.ts";
import { evaluate } from "../eval/evaluate.ts";
import type { Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { asReal, count, real } from "../ops/tensor.ts";
import type { Exact, World } from "./world.ts";

/** Positions of the outputs that are affine in the real inputs; `graph` is the world's own, in primitives. */
export function affineOutputs({ graph, field, random, given, sizes }: World): number[] {
  type Point = ReadonlyMap<Node, Exact>;
  const inputs = graph.inputs.filter((node) => isReal(node.type.dtype));
  const valuesAt = (make: (node: Node, size: number) => Residues): readonly [Point, Point] => {
    const drawn = inputs.map((node) => {
      const { shape } = get(given, node);
      return [node, real(shape, make(node, count(shape)))] as const;
    });
    const point = new Map([...given, ...drawn]);
    return [point, evaluate(graph, field, point, sizes)];
  };
  const of = (values: Point, node: Node): Residues => asReal(field, get(values, node));
  const [a, fa] = valuesAt((_, size) => field.draw(random, size));
  const [b, fb] = valuesAt((_, size) => field.draw(random, size));
  const [, fsum] = valuesAt((node) => field.add(of(a, node), of(b, node)));
  const [, f0] = valuesAt((_, size) => field.fromIntegers(new Float64Array(size)));
  return graph.outputs.flatMap(({ node }, index) => {
    if (!isReal(node.type.dtype)) return [];
    const rest = field.add(field.sub(field.sub(of(fsum, node), of(fa, node)), of(fb, node)), of(f0, node));
    return rest.p.every((value) => value === 0) ? [index] : [];
  });
}
