/** @file Values of a spec's nodes in the world of the code. */
import { invariant } from "../base/assert.ts";
import type { Residues } from "../domain/residues.ts";
import { exactIntegers } from "../eval/evaluate.ts";
import { mapDims } from "../ir/attributes.ts";
import { sizeOf, sizesOf, symbolsOf } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import type { TensorType } from "../ir/type.ts";
import { definitionOf } from "../ops/table.ts";
import { count, real } from "../ops/tensor.ts";
import { isProduct, isTruncation } from "../ops/traits.ts";
import { applyBinding, type Binding } from "./binding.ts";
import type { SpecSizes } from "./pairing.ts";
import type { Exact, World } from "./world.ts";

/**
 * Applies an operator; `undefined` while a size of its result is unknown, and where it has no value under the bindings
 * tried, such as a row beyond the end of a table.
 */
export function compute(
  node: Node,
  inputs: readonly Exact[],
  world: World,
  sizes: SpecSizes,
): Exact | undefined {
  const definition = definitionOf(node.op);
  invariant(definition.kind === "primitive", `${node.op} is lowered before it is compared`);
  try {
    if (isTruncation(node)) return exactIntegers<Residues>([node], new Map(), sizes).get(node);
    const result = { shape: sizesOf(node.type.shape, sizes), dtype: node.type.dtype };
    const attrs = mapDims<OpAttrs[OpName]>(node.attrs, (dim) => sizeOf(dim, sizes));
    return definition.evaluate<Residues>(world.field, inputs, attrs, result);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The value of a bound parameter in a world; multiples are taken as the binding's factor says. */
export function boundValue({ dtype }: TensorType, binding: Binding, world: World): Exact {
  const plain = applyBinding(dtype, binding, world.field, world.given);
  if (binding.factor === 1 || plain.kind !== "real") return plain;
  const inverse = 1 / binding.factor;
  const whole = Number.isInteger(binding.factor);
  const size = plain.values.p.length;
  const scale = world.field.fromIntegers(new Float64Array(size).fill(whole ? binding.factor : inverse));
  const values = whole ? world.field.mul(plain.values, scale) : world.field.div(plain.values, scale);
  return { ...plain, values };
}

export const isZero = (value: Exact): boolean =>
  value.kind === "real" && value.values.p.every((residue) => residue === 0);

/** What zeros give, whatever they meet; `undefined` where there are none, or while a size is unknown. */
export function nothing(
  node: Node,
  known: readonly (Exact | undefined)[],
  { field }: World,
  sizes: SpecSizes,
): Exact | undefined {
  const { shape } = node.type;
  if (!isProduct(node) || !known.some((value) => value !== undefined && isZero(value))) return undefined;
  if (![...symbolsOf(shape)].every((name) => sizes.has(name))) return undefined;
  const own = sizesOf(shape, sizes);
  return real(own, field.fromIntegers(new Float64Array(count(own))));
}
