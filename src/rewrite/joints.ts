/** @file Layers that a program joins to compute them at once, and cuts apart again: written as the layers that they are. */
import { at } from "../base/assert.ts";
import { type Answering, deeply } from "../base/deeply.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { parseContraction } from "../ops/reduction.ts";
import { isElementwise } from "../ops/table.ts";
import { as, type Make, type Rule } from "./rule.ts";

export const jointRules: readonly Rule[] = [
  {
    name: "cut-at-joints",
    algebra:
      "f(x concat(U, V, …) + concat(b, c, …))[i:j] → f(x U + b) for elementwise f, where U and b are what i:j is of them",
    apply: (node, make) => {
      const slice = as(node, "Slice");
      const [whole] = slice?.inputs ?? [];
      if (slice === undefined || whole === undefined) return undefined;
      const { axis, start, stop, step } = slice.attrs;
      if (typeof start !== "number" || typeof stop !== "number" || step !== 1) return undefined;
      const part = deeply(
        (place: Place) => partOf(place, start, stop, make),
        ({ node: own, axis: along }) => `${own.id} ${along}`,
      );
      return part({ node: whole, axis });
    },
  },
];

/** An axis of a node. */
interface Place {
  readonly node: Node;
  readonly axis: number;
}

/** The elements from `start` to `stop` along the axis, where nothing is left to cut. */
function* partOf(
  { node, axis }: Place,
  start: number,
  stop: number,
  make: Make,
): Answering<Place, Node | undefined> {
  if (as(node, "Concat")?.attrs.axis === axis) return pieceOf(node.inputs, axis, start, stop);
  const sources = as(node, "Contract")
    ? sourcesOf(node, axis)
    : isElementwise(node)
      ? stretched(node, axis)
      : [];
  if (sources.every((source) => source === undefined)) return undefined;
  const inputs: Node[] = [];
  for (const [index, input] of node.inputs.entries()) {
    const source = sources[index];
    const part = source === undefined ? input : yield { node: input, axis: source };
    if (part === undefined) return undefined;
    inputs.push(part);
  }
  return make<OpName>(node.op, inputs, node.attrs);
}

/** The one of joined pieces that these elements are. */
function pieceOf(pieces: readonly Node[], axis: number, start: number, stop: number): Node | undefined {
  let offset = 0;
  for (const piece of pieces) {
    const size = at(piece.type.shape, axis);
    if (typeof size !== "number" || offset > start) return undefined;
    if (offset === start && offset + size === stop) return piece;
    offset += size;
  }
  return undefined;
}

/** The axes of the factors along which an axis of a product runs. */
function sourcesOf(node: Node, axis: number): (number | undefined)[] {
  const product = as(node, "Contract");
  if (product === undefined) return [];
  const { left, right, out } = parseContraction(product.attrs.equation);
  const letter = at(out, axis);
  return [left, right].map((own) => (own.includes(letter) ? own.indexOf(letter) : undefined));
}

/** The axes of the operands along which an axis of the result runs, without those that NumPy stretches. */
const stretched = (node: Node, axis: number): (number | undefined)[] =>
  node.inputs.map(({ type: { shape } }) => {
    const own = axis - (node.type.shape.length - shape.length);
    return own < 0 || shape[own] === 1 ? undefined : own;
  });
