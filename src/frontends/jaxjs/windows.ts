/** @file What the primitives of jax-js that lay windows over images mean in the graph. */
import { range, zip } from "../../base/assert.ts";
import type { Dim } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import type { Maker } from "../common/maker.ts";
import { type Equation, SizeDependence } from "./program.ts";

function integers({ attributes }: Equation, name: string): number[] {
  return (attributes[name] as readonly Dim[]).map((size) => {
    if (typeof size !== "number") throw new SizeDependence(`${name} depends on the batch size`);
    return size;
  });
}

/** x between whose elements zeros stand, so that its convolution is a transposed one. */
function spread(make: Maker, x: Node, dilation: readonly number[]): Node {
  const first = x.type.shape.length - dilation.length;
  return dilation.reduce((node, step, i) => {
    if (step === 1) return node;
    const attrs = { axis: first + i, before: 0, after: 0, interior: step - 1 };
    return make.apply("Pad", [node, make.constant(0, x.type.dtype)], attrs);
  }, x);
}

/** Cross-correlation of x [N, C, …] with y [O, C, …]; `undefined` where it is mapped over further axes, or cuts off edges. */
export function conv(make: Maker, [x, y]: readonly Node[], equation: Equation): readonly Node[] | undefined {
  const padding = equation.attributes["padding"] as readonly (readonly [number, number])[];
  const isPadding = padding.flat().every((width) => Number.isInteger(width) && width >= 0);
  if (x === undefined || y === undefined || equation.attributes["vmapDims"] !== 0 || !isPadding)
    return undefined;
  return [
    make.apply("Convolution", [spread(make, x, integers(equation, "lhsDilation")), y], {
      strides: integers(equation, "strides"),
      padding,
      dilation: integers(equation, "rhsDilation"),
      groups: 1,
    }),
  ];
}

/** Windows over the last axes: their positions, and then the elements of each. */
export function pool(make: Maker, [x]: readonly Node[], equation: Equation): readonly Node[] | undefined {
  if (x === undefined) return undefined;
  const [sizes, strides] = [integers(equation, "window"), integers(equation, "strides")];
  const first = x.type.shape.length - sizes.length;
  const view = zip(sizes, strides).reduce<Node>(
    (node, [size, step], i) =>
      make.apply("Windows", [node], { axis: first + 2 * i, size, step, dilation: 1 }),
    x,
  );
  const axes = range(sizes.length).map((i) => first + 2 * i);
  const permutation = [...range(first), ...axes, ...axes.map((axis) => axis + 1)];
  const isInOrder = permutation.every((axis, i) => axis === i);
  return [isInOrder ? view : make.apply("Transpose", [view], { permutation })];
}
