/** @file The sizes among an operator's attributes. */
import type { Dim, Shape } from "./dim.ts";
import type { Node } from "./graph.ts";
import type { OpAttrs, OpName } from "./operators.ts";

interface Sized {
  readonly size?: Dim;
  readonly start?: Dim;
  readonly stop?: Dim;
  readonly shape?: Shape;
  readonly heads?: Dim;
}

/** The attributes with every size replaced. */
export function mapDims<A extends OpAttrs[OpName]>(attrs: A, replace: (dim: Dim) => Dim): A {
  const { size, start, stop, shape, heads } = attrs as Sized;
  return {
    ...attrs,
    ...(size === undefined ? {} : { size: replace(size) }),
    ...(start === undefined ? {} : { start: replace(start) }),
    ...(stop === undefined ? {} : { stop: replace(stop) }),
    ...(shape === undefined ? {} : { shape: shape.map(replace) }),
    ...(heads === undefined ? {} : { heads: replace(heads) }),
  };
}

/** Every size that a node mentions, in its type and in its attributes. */
export function dimsOf(node: Node): Dim[] {
  const dims = [...node.type.shape];
  mapDims<OpAttrs[OpName]>(node.attrs, (dim) => {
    dims.push(dim);
    return dim;
  });
  return dims;
}
