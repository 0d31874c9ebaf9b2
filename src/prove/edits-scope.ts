/** @file Edits of what a factor multiplies: the whole sum where it belongs to one term, or one term where it belongs to the sum. */
import { at } from "../base/assert.ts";
import { applied, type Builder, type Node, rebuild } from "../ir/graph.ts";
import { isAdditive, isElementwiseProduct, isStored } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import type { Namer } from "./names.ts";

/** a + r · b as r · (a + b). */
export function scopeEdits(node: Node, names: Namer): Edit[] {
  if (!isAdditive(node)) return [];
  return [0, 1].flatMap((place) => {
    const product = at<Node>(node.inputs, place);
    if (!isElementwiseProduct(product)) return [];
    return [0, 1]
      .filter((index) => !isStored(at<Node>(product.inputs, index)))
      .map((index): Edit => {
        const factor = at<Node>(product.inputs, index);
        const make = (builder: Builder, inputs: readonly Node[], imageOf: (other: Node) => Node): Node => {
          const term = imageOf(at(product.inputs, 1 - index));
          const sum = rebuild(builder, node, inputs.with(place, term));
          return applied(builder, product.op, [imageOf(factor), sum], product.attrs);
        };
        return {
          kind: "wrong-order",
          node,
          words: `${names.value(factor)} multiplies the whole sum`,
          make,
        };
      });
  });
}
