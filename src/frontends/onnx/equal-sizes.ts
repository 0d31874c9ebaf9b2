/**
 * @file Sizes under two names that have to be equal, since an operator takes them together. Exporters name sizes apart where
 * they have not compared them; the model runs only where they agree.
 */
import { at, zip } from "../../base/assert.ts";
import { type Dim, equalDims, symbolsOf } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";

/** Two sizes of which one is a symbol; thrown so that the model is read again with one for both. */
export class EqualSizes extends Error {
  readonly symbol: string;
  readonly size: Dim;

  constructor(symbol: string, size: Dim) {
    super(`${symbol} is equal to another size`);
    [this.symbol, this.size] = [symbol, size];
  }
}

/** The first two sizes that stand in each other's way where operands of an operator meet; `undefined` where none is a symbol. */
export function sizesInTheWay(op: string, inputs: readonly Node[], attrs: object): EqualSizes | undefined {
  for (const [a, b] of meetings(op, inputs, attrs)) {
    if (a === 1 || b === 1 || equalDims(a, b)) continue;
    const symbol = nameOf(b);
    if (symbol !== undefined && !symbolsOf([a]).has(symbol)) return new EqualSizes(symbol, a);
    const other = nameOf(a);
    if (other !== undefined && !symbolsOf([b]).has(other)) return new EqualSizes(other, b);
  }
  return undefined;
}

const nameOf = (dim: Dim): string | undefined =>
  typeof dim !== "number" && symbolsOf([dim]).has(dim.key) ? dim.key : undefined;

/** Pairs of sizes that have to be equal, or one of them 1. */
function meetings(op: string, inputs: readonly Node[], attrs: object): (readonly [Dim, Dim])[] {
  const shapes = inputs.map(({ type }) => type.shape);
  if ("equation" in attrs) {
    const letters = String(attrs.equation).split("->")[0]?.split(",") ?? [];
    const sizes = zip(shapes, letters).flatMap(([shape, own]) => zip(shape, [...own]));
    return sizes.flatMap(([size, letter], i) =>
      sizes.slice(0, i).flatMap(([other, own]) => (own === letter ? [[other, size] as const] : [])),
    );
  }
  const joined = op === "Concat" && "axis" in attrs ? Number(attrs.axis) : undefined;
  const [first = [], ...rest] = shapes;
  return rest.flatMap((shape) => {
    const shared = Math.min(first.length, shape.length);
    return Array.from({ length: shared }, (_, i) => {
      const [left, right] = [first.length - 1 - i, shape.length - 1 - i];
      return left === joined ? ([1, 1] as const) : ([at(first, left), at(shape, right)] as const);
    });
  });
}
