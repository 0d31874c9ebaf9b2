/**
 * @file Blocks that differ in sizes and other integers only, as one block for all of them: these are symbols, which the arguments
 * of a use decide or which each use gives by name.
 */
import { at } from "../base/assert.ts";
import { Diagnostic } from "../diag/diagnostic.ts";
import { integersOf, mapIntegers } from "../ir/attributes.ts";
import { nest } from "../ir/body.ts";
import { type Dim, substitute, symbolsOf } from "../ir/dim.ts";
import { applied, attributeText, type Graph, type Node, transform } from "../ir/graph.ts";
import type { Given, OpAttrs, OpName } from "../ir/operators.ts";
import { sizesOfUse } from "../ops/call.ts";
import { newBuilder } from "../ops/table.ts";
import { type Symbols, symbolsOfBlocks } from "./block-symbols.ts";

/**
 * What blocks have in common that differ in symbols and integers only, but not in integers of the roles that are `kept`, or in
 * which of their values are results. A convolution of all channels is no other one of single channels.
 */
export function skeletonOf(graph: Graph, kept = ""): string {
  const number = new Map(graph.nodes.map((node, place) => [node, place] as const));
  const hidden = (value: Dim, role = "size"): Dim =>
    typeof value === "number" && (kept.includes(role) || (role === "g" && value === 1)) ? value : -1;
  const lines = graph.nodes.map((node) => {
    // An input is known by its position.
    const known = node.op === "Input" ? { ...node.attrs, name: "" } : node.attrs;
    const attrs = attributeText(mapIntegers<OpAttrs[OpName]>(known, hidden));
    return `${node.op}(${node.inputs.map((input) => number.get(input)).join()})${attrs}`;
  });
  return lines.join(";");
}

/** One block for several. */
export interface General {
  readonly block: Graph;
  /** What a use gives by name in the place of each. */
  readonly given: readonly (readonly Given[])[];
}

/** One block for all of these, which have one skeleton; `undefined` where few symbols don't tell their integers. */
export function generalised(blocks: readonly Graph[]): General | undefined {
  const first = at(blocks, 0);
  const isEverywhere = (): boolean =>
    blocks.every((own) => possible(() => nest(valued(first, own, [])).key) === nest(own).key);
  if (symbolsOf(first.inputs.flatMap(({ type }) => type.shape)).size > 0 && isEverywhere())
    return { block: first, given: blocks.map(() => []) };
  const symbols = symbolsOfBlocks(blocks);
  const block = symbols && withSymbols(blocks, symbols);
  if (symbols === undefined || block === undefined) return undefined;
  const isEach = blocks.every(
    (own, place) => nest(valued(block, own, symbols.given(place))).key === nest(own).key,
  );
  return isEach ? { block, given: blocks.map((_, place) => symbols.given(place)) } : undefined;
}

/** The first block with symbols for its integers; `undefined` where an operator can't say its shape in them. */
function withSymbols(blocks: readonly Graph[], symbols: Symbols): Graph | undefined {
  const first = at(blocks, 0);
  const builder = newBuilder();
  const places = new Map(first.nodes.map((node, place) => [node, place] as const));
  const general = (node: Node, inputs: readonly Node[]): Node => {
    const place = places.get(node) ?? 0;
    const lists = blocks.map(({ nodes }) => integersOf(at(nodes, place).attrs));
    let next = 0;
    const attrs = mapIntegers(node.attrs, () => {
      const index = next++;
      return symbols.dim(lists.map((list) => at(list, index).value));
    });
    return applied(builder, node.op, inputs, attrs);
  };
  return possible(() => transform(first, builder, general).graph);
}

/** What is made; `undefined` where an operator refuses its operands. */
function possible<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof Diagnostic) return undefined;
    throw error;
  }
}

/** The general block for the arguments of one of the blocks. */
function valued(block: Graph, { inputs }: Graph, given: readonly Given[]): Graph {
  const types = inputs.map(({ type }) => type);
  const sizes = sizesOfUse(block, types, given);
  const builder = newBuilder();
  const value = (dim: Dim): Dim => substitute(dim, sizes);
  return transform(block, builder, (node, operands) =>
    applied(builder, node.op, operands, mapIntegers(node.attrs, value)),
  ).graph;
}
